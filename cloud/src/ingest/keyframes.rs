//! Whose keyframes are asked for: one policy for each layer of each publisher that can be asked.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use returnfeed_protocol::{Layer, SessionId};
use returnfeed_simulcast::KeyframePolicy;

/// The requests of all sessions.
#[derive(Default)]
pub(crate) struct Keyframes {
    policies: HashMap<(SessionId, Layer), KeyframePolicy>,
    on_request: HashSet<SessionId>,
}

impl Keyframes {
    /// Whether the session's publisher can be asked.
    pub(crate) fn on_request(&self, session: SessionId) -> bool {
        self.on_request.contains(&session)
    }

    /// The session's uplink came or went.
    pub(crate) fn set_on_request(&mut self, session: SessionId, on_request: bool) {
        if on_request {
            self.on_request.insert(session);
        } else {
            self.forget(session);
        }
    }

    /// Somebody needs a keyframe. Where nobody can be asked this is forgotten: the next one comes by itself.
    pub(crate) fn want(&mut self, session: SessionId, layer: Layer, now: Instant) {
        if self.on_request(session) {
            self.policies.entry((session, layer)).or_default().want(now);
        }
    }

    /// A keyframe came.
    pub(crate) fn arrived(&mut self, session: SessionId, layer: Layer) {
        if let Some(policy) = self.policies.get_mut(&(session, layer)) {
            policy.arrived();
        }
    }

    /// Which to ask for now. The loop turns at least each tick, which is often enough for a repetition.
    pub(crate) fn poll_requests(&mut self, now: Instant) -> Vec<(SessionId, Layer)> {
        let due = self.policies.iter_mut().filter_map(|(of, policy)| policy.poll_request(now).then_some(*of));
        due.collect()
    }

    /// The session is over or its uplink is gone.
    pub(crate) fn forget(&mut self, session: SessionId) {
        self.on_request.remove(&session);
        self.policies.retain(|(of, _), _| *of != session);
    }
}
