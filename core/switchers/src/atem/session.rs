//! The conversation: greet until greeted, then acknowledge what comes in its order.
//!
//! Refuses what comes out of order: the switcher sends it again until it is acknowledged. Nothing but the greeting and
//! acknowledgements is ever sent, so nothing of ours is ever sent again but the greeting. Invariant: each command is
//! taken once, in order.

use std::time::{Duration, Instant};

use super::codec::{Flags, Header, acknowledge, commands, header, hello};
use super::state::State;
use crate::queue::Queue;
use crate::{Fault, Output, Reason, Session};

/// A greeting that was lost is repeated.
const GREET: Duration = Duration::from_millis(500);
/// An ATEM says something several times a second, if only to be acknowledged.
const SILENCE: Duration = Duration::from_secs(5);
/// The session id of a greeting; the switcher chooses another.
const GREETING: u16 = 0x53ab;
/// Packet ids count from 0 to here.
const LAST_ID: u16 = 0x7fff;

#[derive(Debug)]
enum Stage {
    /// Greeted again at this time.
    Greeting { again_at: Instant },
    /// The newest packet that was taken.
    Open { last: u16 },
}

/// A conversation with an ATEM.
#[derive(Debug)]
pub struct Atem {
    stage: Stage,
    heard: Instant,
    state: State,
    announced: bool,
    malformed: u64,
    queue: Queue,
}

impl Atem {
    /// Greets the switcher.
    pub fn new(now: Instant) -> Self {
        let mut queue = Queue::default();
        queue.send(hello(GREETING));
        Self {
            stage: Stage::Greeting { again_at: now + GREET },
            heard: now,
            state: State::default(),
            announced: false,
            malformed: 0,
            queue,
        }
    }

    fn greeted(&mut self, head: &Header, body: &[u8]) -> Result<(), Fault> {
        match body.first() {
            // 2: welcome; said again where the acknowledgement was lost.
            Some(2) => {
                self.queue.send(acknowledge(head.session, head.id));
                if matches!(self.stage, Stage::Greeting { .. }) {
                    self.stage = Stage::Open { last: head.id };
                }
                Ok(())
            }
            // 3: no room.
            Some(3) => Err(Fault::Full),
            // 4: it restarts or ends the conversation.
            Some(4) => Err(Fault::Closed("it restarts".to_owned())),
            Some(_) | None => {
                self.malformed += 1;
                Ok(())
            }
        }
    }

    fn reliable(&mut self, head: &Header, body: &[u8]) {
        let Stage::Open { last } = &mut self.stage else { return };
        if head.id == last.wrapping_add(1) & LAST_ID {
            *last = head.id;
            self.queue.send(acknowledge(head.session, head.id));
            self.commands(body);
        } else if is_older(head.id, *last) {
            // Our acknowledgement was lost.
            self.queue.send(acknowledge(head.session, *last));
        }
    }

    fn commands(&mut self, body: &[u8]) {
        for command in commands(body) {
            let taken = command.ok().and_then(|command| self.state.take(&command));
            if taken.is_none() {
                self.malformed += 1;
            }
        }
        if let Some(inputs) = self.state.inputs() {
            if !std::mem::replace(&mut self.announced, true) {
                self.queue.connected(self.state.product.clone());
            }
            self.queue.inputs(inputs);
        }
    }
}

/// Whether `id` lies in the half of the circle before `last`, itself included.
fn is_older(id: u16, last: u16) -> bool {
    last.wrapping_sub(id) & LAST_ID < 0x4000
}

impl Session for Atem {
    fn handle_input(&mut self, data: &[u8], now: Instant) -> Result<(), Fault> {
        let Ok((head, body)) = header(data) else {
            self.malformed += 1;
            return Ok(());
        };
        self.heard = now;
        if head.flags.has(Flags::HELLO) {
            return self.greeted(&head, body);
        }
        if head.flags.has(Flags::RELIABLE) {
            self.reliable(&head, body);
        }
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Fault> {
        if now >= self.heard + SILENCE {
            return Err(Fault::Silent(SILENCE));
        }
        if let Stage::Greeting { again_at } = &mut self.stage
            && now >= *again_at
        {
            *again_at = now + GREET;
            self.queue.send(hello(GREETING));
        }
        Ok(())
    }

    fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        let silence = (self.heard + SILENCE, Reason::Silence);
        Some(match self.stage {
            Stage::Greeting { again_at } if again_at < silence.0 => (again_at, Reason::Ask),
            Stage::Greeting { .. } | Stage::Open { .. } => silence,
        })
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.queue.poll()
    }

    fn malformed(&self) -> u64 {
        self.malformed
    }
}
