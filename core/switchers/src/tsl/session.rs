//! What one sender of TSL says: a TCP connection, or whoever sends datagrams to one port.
//!
//! Refuses to ask: TSL has no question. Invariant: silence is a fault only where the director said how long is too
//! long, because many devices speak at changes alone.

use std::time::{Duration, Instant};

use super::board::{Board, Meaning, Meanings};
use super::frame::{Frame, Framing, Version, datagram};
use crate::queue::Queue;
use crate::{Fault, Output, Reason, Session};

/// How it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One datagram at a time.
    Udp,
    /// A stream.
    Tcp,
}

/// How a sender is understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TslConfig {
    /// `None`: as the first frame shows.
    pub version: Option<Version>,
    /// Only displays of this screen (5.0); `None`: of all.
    pub screen: Option<u16>,
    /// What the lamps of 3.1 mean.
    pub meaning: Meaning,
    /// Displays whose lamps mean something of their own, in either version.
    pub displays: Meanings,
    /// Silence this long is a loss; `None`: the sender speaks at changes alone.
    pub silence: Option<Duration>,
}

/// A sender.
#[derive(Debug)]
pub struct Tsl {
    config: TslConfig,
    transport: Transport,
    framing: Framing,
    board: Board,
    heard: Instant,
    greeted: bool,
    malformed: u64,
    queue: Queue,
}

impl Tsl {
    /// Waits for the first frame.
    pub fn new(config: TslConfig, transport: Transport, now: Instant) -> Self {
        Self {
            framing: config.version.map_or_else(Framing::default, Framing::of),
            config,
            transport,
            board: Board::default(),
            heard: now,
            greeted: false,
            malformed: 0,
            queue: Queue::default(),
        }
    }

    fn take(&mut self, frame: Frame, now: Instant) {
        let version = match frame {
            Frame::Record(record) => {
                let own = self.config.displays.get(&u16::from(record.address)).copied();
                self.board.record(&record, own.unwrap_or(self.config.meaning));
                "TSL 3.1"
            }
            Frame::Packet(packet) => {
                if self.config.screen.is_none_or(|screen| [screen, 0xffff].contains(&packet.screen)) {
                    let own = &self.config.displays;
                    packet.displays.iter().for_each(|display| self.board.display(display, own));
                }
                "TSL 5.0"
            }
            Frame::Malformed => {
                self.malformed += 1;
                return;
            }
        };
        self.heard = now;
        if !std::mem::replace(&mut self.greeted, true) {
            self.queue.connected(version.to_owned());
        }
        self.queue.inputs(self.board.inputs());
    }
}

impl Session for Tsl {
    fn handle_input(&mut self, data: &[u8], now: Instant) -> Result<(), Fault> {
        match self.transport {
            Transport::Udp => {
                datagram(data, self.config.version).into_iter().for_each(|frame| self.take(frame, now));
            }
            Transport::Tcp => {
                self.framing.push(data);
                while let Some(frame) = self.framing.poll() {
                    self.take(frame, now);
                }
            }
        }
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Fault> {
        match self.config.silence {
            Some(silence) if self.greeted && now >= self.heard + silence => Err(Fault::Silent(silence)),
            Some(_) | None => Ok(()),
        }
    }

    fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        let silence = self.config.silence.filter(|_| self.greeted)?;
        Some((self.heard + silence, Reason::Silence))
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.queue.poll()
    }

    fn malformed(&self) -> u64 {
        self.malformed
    }
}
