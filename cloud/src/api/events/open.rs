//! `GET /api/events`: what the cloud says to a page, as server-sent events. A page reads it with `fetch` and its token.
//!
//! The first event names the stream; the page's own words go to `POST /api/events/{stream}`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use returnfeed_protocol::CloudToPage;
use tokio::time::timeout;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, PARTICIPANTS, Refusal, Routes, Verdict, Who, get};
use crate::api::sockets::{page_identity, refresh};
use crate::app::App;
use crate::auth::SessionBearer;
use crate::random;
use crate::relay::{Page, Spoken, bye};

const KEEP_ALIVE: Duration = Duration::from_secs(5);
const SILENT: Duration = Duration::from_secs(15);

/// A page's; a director has a socket.
const PAGES: Who = Who { director: WRONG_SOCKET, other_director: WRONG_SOCKET, ..PARTICIPANTS };

const WRONG_SOCKET: Verdict = Verdict::Refused(Refusal(403, "wrong_socket"));

pub(super) fn route() -> Routes {
    let summary = "What the cloud says to a page, where a WebSocket is refused";
    get(
        "/api/events",
        open,
        Operation::new(summary, PAGES, Answer::events::<CloudToPage>())
            .refuses(&[Refusal(401, "token_invalid"), Refusal(404, "session_not_found")]),
    )
}

async fn open(app: State<App>, SessionBearer(claims): SessionBearer) -> Result<Response, ApiProblem> {
    let session = app.store.session(claims.session).await?.ok_or_else(ApiProblem::session_not_found)?;
    let who = page_identity(&app, &claims).await?;
    let page = Arc::new(app.relay.open_page(&session, who));
    refresh(&app, &session, claims.participant).await;
    let id = random::text::<16>();
    app.streams.add(&id, &page);
    let events = Sse::new(events(id, page, app.sockets.token()));
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(([unbuffered], events.keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response())
}

enum Next {
    Name(String),
    Say,
    Over,
}

fn events(
    id: String,
    page: Arc<Page>,
    running: TaskTrackerToken,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((Next::Name(id), page, running), |(next, page, running)| async move {
        match next {
            Next::Name(id) => {
                Some((Ok(Event::default().event("stream").data(id)), (Next::Say, page, running)))
            }
            Next::Say => {
                let Spoken { text, is_last } = next_or_silent(&page).await;
                let next = if is_last { Next::Over } else { Next::Say };
                Some((Ok(Event::default().data(text.as_str())), (next, page, running)))
            }
            Next::Over => None,
        }
    })
}

/// The next thing to say; a page that is silent for 15 s is told so and dismissed.
async fn next_or_silent(page: &Page) -> Spoken {
    loop {
        let left = SILENT.saturating_sub(page.silence(Instant::now()));
        match timeout(left.max(Duration::from_millis(100)), page.next()).await {
            Ok(message) => return message,
            Err(_) if page.silence(Instant::now()) >= SILENT => page.dismiss(bye::silent()),
            Err(_) => {}
        }
    }
}
