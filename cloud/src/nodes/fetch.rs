//! An edge's fetching: begun by a viewer, followed to wherever the push is, ended a minute after the last one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, PublishKeyId, SessionId, StreamId, StreamMode};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Nodes;
use super::pull::{self, Target};
use super::pulls::{Change, Pulls};
use super::table::Holder;
use crate::media::MediaEvent;

/// How long a first viewer waits for the picture: the call, a keyframe and some losses.
const PATIENCE: Duration = Duration::from_secs(3);

/// What runs, beside what is decided.
#[derive(Default)]
pub(super) struct Fetching {
    pulls: Pulls,
    running: HashMap<SessionId, CancellationToken>,
}

impl Fetching {
    pub(super) fn sessions(&self) -> Vec<SessionId> {
        self.running.keys().copied().collect()
    }
}

impl Nodes {
    /// For a viewer of an edge: the picture is here when this returns, or it cannot be had now.
    pub(crate) async fn fetch(&self, session: SessionId) {
        if !self.is_edge() {
            return;
        }
        // Before the look, so that what arrives between both is not missed.
        let mut events = self.0.media.events();
        self.fetching().pulls.want(session, Instant::now());
        self.follow(session);
        let arrives = async {
            while self.0.media.picture(session).layers.is_empty() {
                match events.recv().await {
                    Ok(MediaEvent::LayerArrived { session: of, .. }) if of == session => return,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        };
        let _ = tokio::time::timeout(PATIENCE, arrives).await; // then there is none
    }

    /// Looks after every session that is fetched.
    pub(super) fn look_after(&self) {
        let sessions = self.fetching().pulls.sessions();
        for session in sessions {
            self.follow(session);
            let viewers = self.0.media.viewers(session);
            let change = self.fetching().pulls.handle_viewers(session, viewers, Instant::now());
            if change == Some(Change::Drop) {
                tracing::info!(%session, "nobody watches any more; the session is fetched no more");
                self.stop_fetching(session);
            }
        }
    }

    /// Fetches it from whoever has it now.
    pub(super) fn follow(&self, session: SessionId) {
        let holder = self.table().holder(session, Instant::now());
        if let Some(holder) = &holder
            && self.fetching().running.contains_key(&session)
        {
            self.tell_of_director(session, holder);
        }
        let change = self.fetching().pulls.handle_holder(session, holder);
        if let Some(Change::Fetch(holder)) = change {
            self.fetch_from(session, &holder);
        }
    }

    /// Nothing is fetched any more of a session that is over.
    pub(crate) fn forget(&self, session: SessionId) {
        self.fetching().pulls.forget(session);
        self.stop_fetching(session);
    }

    fn fetch_from(&self, session: SessionId, holder: &Holder) {
        let Some(host) = holder.card.url.as_deref().and_then(host) else { return };
        tracing::info!(%session, from = host, "the session is fetched");
        let stop = CancellationToken::new();
        if let Some(before) = self.fetching().running.insert(session, stop.clone()) {
            before.cancel();
        }
        self.tell_of_director(session, holder);
        // Newer than that of what was fetched before, which it takes over from.
        let key = PublishKeyId::from_uuid(Uuid::now_v7());
        for layer in Layer::ALL {
            let target = Target {
                at: (host.to_owned(), holder.card.srt_port),
                stream: StreamId { mode: StreamMode::Publish, session, layer, key },
                passphrase: self.0.secrets.passphrase(session),
            };
            self.0.tasks.spawn(pull::run(target, self.0.media.puller(), stop.clone()));
        }
    }

    fn stop_fetching(&self, session: SessionId) {
        if let Some(running) = self.fetching().running.remove(&session) {
            running.cancel();
            self.0.media.end_push(session);
        }
    }

    /// What its own server knows of the director, for what its pictures say and how joiners begin.
    fn tell_of_director(&self, session: SessionId, holder: &Holder) {
        let media = &self.0.media;
        if media.keyframes_on_request(session) != holder.held.on_request {
            media.set_keyframes_on_request(session, holder.held.on_request);
        }
        if media.director_ahead(session) != holder.held.ahead_us {
            media.set_director_ahead(session, holder.held.ahead_us);
        }
    }
}

/// Of `https://host[:port]`.
fn host(url: &str) -> Option<&str> {
    let authority = url.split_once("://")?.1;
    match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => Some(host),
        _ => Some(authority),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srt_is_at_the_host_of_the_address() {
        let hosts = ["https://one.example.org", "https://one.example.org:8443", "https://[2001:db8::1]:8443"];
        assert_eq!(
            hosts.map(host),
            [Some("one.example.org"), Some("one.example.org"), Some("[2001:db8::1]")]
        );
        assert_eq!(host("https://[2001:db8::1]"), Some("[2001:db8::1]"));
    }
}
