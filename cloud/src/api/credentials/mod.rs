//! What an encoder that is not ours needs to push into a session: shown to whoever directs it, and made anew.

mod lines;
mod rotate;
mod show;

use axum::http::{HeaderMap, header, uri::Authority};
use returnfeed_protocol::{Epoch, PublishCredentials};

use super::problem::ApiProblem;
use super::routes::Routes;
use super::sessions::grant;
use crate::app::App;
use crate::store::SessionRow;

pub use lines::lines;

pub(super) fn routes() -> Routes {
    Routes::new().merge(show::route()).merge(rotate::route())
}

/// A new right to push, in the words of encoders. `host` is where they reach this server.
async fn made(app: &App, session: &SessionRow, host: &str) -> Result<PublishCredentials, ApiProblem> {
    let key = app.store.grant_key(session.summary.id, app.clock.unix_ms()).await?;
    // No run of a director begins with this key: an encoder speaks no tally.
    let granted = grant(session.summary.id, &app.passphrase(session)?, key, Epoch(0), app.srt_port);
    let high = lines(host, &granted.srt, &granted.srt.stream_id_high);
    let low = lines(host, &granted.srt, &granted.srt.stream_id_low);
    Ok(PublishCredentials { srt: granted.srt, expires_at: granted.expires_at, high, low })
}

/// The name by which whoever asks reaches this server; an encoder beside them does too.
fn host(headers: &HeaderMap) -> String {
    let asked = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let authority = asked.and_then(|text| text.parse::<Authority>().ok());
    let host = authority.as_ref().map_or("localhost", Authority::host);
    host.trim_matches(['[', ']']).to_owned()
}
