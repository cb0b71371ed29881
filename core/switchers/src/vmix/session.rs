//! The conversation: greeted, it subscribes, then asks for the tally each second and for the names each five, one
//! request at a time, as vMix wants it.
//!
//! Refuses to wait for ever: an unanswered request is the end. Invariant: at most one request is under way.

use std::time::{Duration, Instant};

use returnfeed_tally::InputFact;

use super::codec::{Codec, Light, Reply};
use super::names::{Named, names};
use crate::queue::Queue;
use crate::{Fault, Output, Reason, Session};

/// vMix pushes changes; asking again finds a dead machine, and heals what was lost.
const ASK: Duration = Duration::from_secs(1);
/// vMix does not say when an input is renamed.
const NAMES: Duration = Duration::from_secs(5);
/// An answer takes milliseconds, so this long without one is a dead machine or another program.
const SILENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Greeting,
    Subscribe,
    Names,
    Tally,
}

impl Request {
    /// The command that the answer repeats.
    fn command(self) -> &'static str {
        match self {
            Self::Greeting => "VERSION",
            Self::Subscribe => "SUBSCRIBE",
            Self::Names => "XML",
            Self::Tally => "TALLY",
        }
    }
}

/// A conversation with vMix.
#[derive(Debug)]
pub struct Vmix {
    codec: Codec,
    /// What is waited for, and since when.
    waiting: Option<(Request, Instant)>,
    ask_at: Instant,
    names_at: Instant,
    lights: Option<Vec<Light>>,
    names: Vec<Named>,
    malformed: u64,
    queue: Queue,
}

impl Vmix {
    /// The connection stands; vMix speaks first.
    pub fn new(now: Instant) -> Self {
        Self {
            codec: Codec::default(),
            waiting: Some((Request::Greeting, now)),
            ask_at: now,
            names_at: now,
            lights: None,
            names: Vec::new(),
            malformed: 0,
            queue: Queue::default(),
        }
    }

    fn take(&mut self, reply: Reply, now: Instant) -> Result<(), Fault> {
        let greeted = !matches!(self.waiting, Some((Request::Greeting, _)));
        match reply {
            Reply::Version(version) => {
                self.queue.connected(format!("vMix {version}"));
                self.ask(Request::Subscribe, "SUBSCRIBE TALLY", now);
                return Ok(());
            }
            _ if !greeted => {
                return Err(Fault::not_this("vMix", format!("{reply:?}").as_bytes()));
            }
            Reply::Tally(lights) => {
                self.lights = Some(lights);
                self.answered("TALLY", now);
            }
            Reply::Xml(xml) => {
                match names(&xml) {
                    Some(names) => self.names = names,
                    None => self.malformed += 1,
                }
                self.answered("XML", now);
            }
            // A refusal is an answer: names may be refused for ever while the tally goes on.
            Reply::Done(command) | Reply::Refused { command, .. } => self.answered(&command, now),
            Reply::Malformed => self.malformed += 1,
        }
        self.publish();
        Ok(())
    }

    fn answered(&mut self, command: &str, now: Instant) {
        let Some((request, _)) = self.waiting.filter(|(request, _)| request.command() == command) else {
            return;
        };
        self.waiting = None;
        match request {
            Request::Greeting | Request::Subscribe => self.ask(Request::Names, "XML", now),
            Request::Names => {
                self.names_at = now + NAMES;
                self.ask(Request::Tally, "TALLY", now);
            }
            Request::Tally => self.ask_at = now + ASK,
        }
    }

    fn ask(&mut self, request: Request, line: &str, now: Instant) {
        self.waiting = Some((request, now));
        self.queue.send(format!("{line}\r\n"));
    }

    /// Nothing is said before the first tally: names alone would look like inputs that are off.
    fn publish(&mut self) {
        let Some(lights) = &self.lights else { return };
        let fact = |(light, number): (&Light, u16)| {
            let name = self.names.iter().find(|named| named.number == number);
            InputFact {
                programme: *light == Light::Programme,
                preview: *light == Light::Preview,
                ..InputFact::new(Some(number), name.map_or("", |named| named.title.as_str()))
            }
        };
        self.queue.inputs(lights.iter().zip(1..).map(fact).collect());
    }
}

impl Session for Vmix {
    fn handle_input(&mut self, data: &[u8], now: Instant) -> Result<(), Fault> {
        self.codec.push(data)?;
        while let Some(reply) = self.codec.poll()? {
            self.take(reply, now)?;
        }
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Fault> {
        match self.waiting {
            Some((_, since)) if now >= since + SILENCE => Err(Fault::Silent(SILENCE)),
            Some(_) => Ok(()),
            None if now >= self.names_at => {
                self.ask(Request::Names, "XML", now);
                Ok(())
            }
            None if now >= self.ask_at => {
                self.ask(Request::Tally, "TALLY", now);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        Some(match self.waiting {
            Some((_, since)) => (since + SILENCE, Reason::Silence),
            None => (self.ask_at.min(self.names_at), Reason::Ask),
        })
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.queue.poll()
    }

    fn malformed(&self) -> u64 {
        self.malformed
    }
}
