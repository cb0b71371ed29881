//! What waits to be said to one socket.
//!
//! It refuses to queue: each kind of message is a state, and the newest takes the place of the one before, so an
//! outbox is as small as its type. Invariant: after a `bye` nothing more is said.

use std::sync::Mutex;

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use tokio::sync::Notify;

use super::locked;

/// A message, ready to go. Cheap to clone: what many are told is rendered once.
#[derive(Debug, Clone)]
pub struct Spoken {
    /// JSON.
    pub text: Utf8Bytes,
    /// Whether it is a `bye`, and the connection ends with it.
    pub is_last: bool,
}

impl Spoken {
    pub(super) fn of(message: &impl Serialize) -> Self {
        Self { text: serde_json::to_string(message).unwrap_or_default().into(), is_last: false }
    }

    /// A `bye`.
    pub fn last(message: &impl Serialize) -> Self {
        Self { is_last: true, ..Self::of(message) }
    }
}

/// One slot for each kind of message.
pub(super) trait Slots: Default + Send {
    /// The next thing to say, most urgent first.
    fn take(&mut self) -> Option<Spoken>;
}

/// Slots, and a bell.
#[derive(Default)]
pub(super) struct Outbox<S> {
    slots: Mutex<S>,
    bell: Notify,
}

impl<S: Slots> Outbox<S> {
    /// Puts something in, and wakes whoever says it.
    pub(super) fn put(&self, change: impl FnOnce(&mut S)) {
        change(&mut locked(&self.slots));
        self.bell.notify_one();
    }

    /// The next thing to say.
    pub(super) async fn next(&self) -> Spoken {
        loop {
            let taken = locked(&self.slots).take();
            match taken {
                Some(message) => return message,
                None => self.bell.notified().await,
            }
        }
    }
}
