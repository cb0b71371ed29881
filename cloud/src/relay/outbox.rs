//! What waits to be said to one socket.
//!
//! It refuses to queue: each kind of message is a state, and the newest takes the place of the one before, so an
//! outbox is as small as its type. Invariant: after a `bye` nothing more is said.

use std::sync::Mutex;

use tokio::sync::Notify;

use super::locked;

/// One slot for each kind of message.
pub(super) trait Slots: Default + Send {
    /// What is said.
    type Message;

    /// The next thing to say, most urgent first.
    fn take(&mut self) -> Option<Self::Message>;
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
    pub(super) async fn next(&self) -> S::Message {
        loop {
            let taken = locked(&self.slots).take();
            match taken {
                Some(message) => return message,
                None => self.bell.notified().await,
            }
        }
    }
}
