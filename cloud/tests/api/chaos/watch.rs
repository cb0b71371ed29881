//! Two who watch throughout: an operator, whose role may have the high layer, and a viewer by the public link, whose page
//! asks for it at every chance and whose role forbids it. What came is known by the size of the pictures themselves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use returnfeed_protocol::SessionId;
use serde_json::json;
use tokio::task::JoinSet;

use crate::cloud::Client;
use crate::player::{Player, Sizes};

/// How often the page asks for more than it may have.
const EACH: Duration = Duration::from_millis(250);
/// Without a picture for so long it comes again.
const STILL: Duration = Duration::from_secs(2);

pub(super) struct Watch {
    operator: Sizes,
    viewer: Sizes,
}

impl Watch {
    pub(super) fn start(
        client: &Client,
        session: SessionId,
        operator: String,
        viewer: String,
        tasks: &mut JoinSet<()>,
    ) -> Self {
        let watch = Self { operator: Sizes::default(), viewer: Sizes::default() };
        for (token, sizes) in [(operator, &watch.operator), (viewer, &watch.viewer)] {
            let (client, sizes) = (client.clone(), Sizes::clone(sizes));
            tasks.spawn(async move {
                loop {
                    let _ended = once(&client, session, &token, &sizes).await;
                    tokio::time::sleep(EACH).await;
                }
            });
        }
        watch
    }

    /// The operator was sent the high layer, and the viewer something: from here on (d) can be broken.
    pub(super) fn begun(&self) -> bool {
        let (operator, viewer) = (self.operator.lock().unwrap(), self.viewer.lock().unwrap());
        viewer.first().is_some_and(|low| operator.last().is_some_and(|high| high > low))
    }

    /// (d) The viewer was sent nothing as large as what the operator was.
    pub(super) fn judge(&self) {
        let (operator, viewer) = (self.operator.lock().unwrap(), self.viewer.lock().unwrap());
        let high = operator.last().expect("the operator was sent pictures");
        assert!(
            viewer.iter().all(|size| size < high),
            "the viewer was sent {viewer:?}, the operator {operator:?}"
        );
    }
}

/// One viewer session, until it stands still or the server is gone.
async fn once(client: &Client, session: SessionId, token: &str, sizes: &Sizes) -> Option<()> {
    let (player, offer) = Player::offering().await;
    let player = player.measured_into(sizes);
    let asked = client.request(Method::POST, &format!("/whep/{session}?layer=high"), Some(token));
    let answer = asked.header("content-type", "application/sdp").body(offer).send().await.ok()?;
    if answer.status() != StatusCode::CREATED {
        return None;
    }
    let location = answer.headers().get("location")?.to_str().ok()?.to_owned();
    let answer = answer.text().await.ok()?;
    let pictures = player.pictures();
    player.play_during(&answer, ask_for_more(client, token, &location, &pictures)).await;
    Some(())
}

/// Until no picture comes any more.
async fn ask_for_more(client: &Client, token: &str, location: &str, pictures: &AtomicU64) {
    let (mut last, mut still) = (0, Duration::ZERO);
    while still < STILL {
        let asked = client.request(Method::POST, &format!("{location}/layer"), Some(token));
        // Refused or not, and where nobody answers: what is sent is judged.
        let _answered = asked.json(&json!({ "encodingId": "high" })).timeout(STILL).send().await;
        tokio::time::sleep(EACH).await;
        let now = pictures.load(Ordering::Relaxed);
        still = if now == last { still + EACH } else { Duration::ZERO };
        last = now;
    }
}
