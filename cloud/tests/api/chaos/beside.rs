//! Another session at the same server, with a director and an operator of its own, while the first is in trouble.
//!
//! Its director is a socket of ours that says one word a second, with a name that no camera of the first session has.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use returnfeed_protocol::{
    CloudToDirector, DirectorToCloud, Epoch, JoinResponse, PROTOCOL_VERSION, PublishGrant, SessionCreated,
    Tally, TallyState,
};
use returnfeed_tally::Follower;
use serde_json::json;
use tokio::task::JoinSet;

use super::stage::{History, listen};
use crate::cloud::{Client, read};
use crate::socket::{camera_number, word};

const NAME: &str = "Elsewhere";
/// What makes its operator come again, too.
const AGAIN: Duration = Duration::from_millis(200);

pub(super) struct Beside {
    history: History,
}

impl Beside {
    pub(super) async fn start(client: &Client, owner: &str, tasks: &mut JoinSet<()>) -> Self {
        let made = client.post("/api/sessions", Some(owner), &json!({ "name": NAME })).await;
        let created: SessionCreated = read(made, StatusCode::CREATED).await;
        let path = format!("/api/sessions/{}", created.session.id);
        let direct = client.post(&format!("{path}/direct"), Some(owner), &json!({})).await;
        let director: JoinResponse = read(direct, StatusCode::CREATED).await;
        let join = json!({ "code": created.camera_code, "name": NAME });
        let operator: JoinResponse =
            read(client.post("/api/join", None, &join).await, StatusCode::CREATED).await;
        let granted = client.post(&format!("{path}/publish"), Some(&director.token), &json!({})).await;
        let grant: PublishGrant = read(granted, StatusCode::CREATED).await;

        let calls = client.clone();
        tasks.spawn(async move {
            let mut seq = 0;
            loop {
                let _ended = direct_once(&calls, &director.token, grant.epoch, &mut seq).await;
                tokio::time::sleep(AGAIN).await;
            }
        });
        let history = History::default();
        let (heard, calls) = (Arc::clone(&history), client.clone());
        tasks.spawn(async move {
            let screen = Mutex::new(Follower::new(camera_number(1)));
            loop {
                let _ended = listen(1, &calls, &operator.token, &heard, &screen).await;
                tokio::time::sleep(AGAIN).await;
            }
        });
        Self { history }
    }

    /// Whether it is a word of this session.
    pub(super) fn said(state: &TallyState) -> bool {
        state.cameras.iter().any(|lamp| lamp.name == NAME)
    }

    /// Its own words were heard here, and no other.
    pub(super) fn judge(&self) {
        let history = self.history.lock().unwrap();
        assert!(!history.is_empty());
        assert!(
            history.iter().all(|heard| Self::said(&heard.state)),
            "a word of the first session was heard"
        );
    }
}

/// One connection of its director, until it ends.
async fn direct_once(client: &Client, token: &str, epoch: Epoch, seq: &mut u64) -> Option<()> {
    let mut socket = client.try_open("/ws/director", token).await?;
    let (software, ticket) = (NAME.to_owned(), socket.ticket());
    let hello = DirectorToCloud::Hello { protocol: PROTOCOL_VERSION, ticket, software, epoch };
    socket.try_say(&hello).await?;
    let CloudToDirector::Welcome { .. } = socket.try_hear().await? else { return None };
    loop {
        *seq += 1;
        let mut state = word(epoch, *seq, &[(1, Tally::Program), (2, Tally::Program)]);
        state.cameras.iter_mut().for_each(|lamp| NAME.clone_into(&mut lamp.name));
        socket.try_say(&DirectorToCloud::Tally { state, run_us: None }).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
