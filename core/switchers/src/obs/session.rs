//! The conversation: greeted, it identifies itself, asks for everything, then follows events; each second it asks what
//! the preview shows again, each five for everything.
//!
//! Refuses to say anything before every input said whether it is on air. Invariant: at most one walk over the preview
//! is under way; what happens meanwhile starts another.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::Value;

use super::auth::authentication;
use super::message::{
    Event, Holds, Incoming, Source, identify, inputs, items, parse, preview_scene, request,
};
use super::show::Show;
use super::walk::Walk;
use crate::queue::Queue;
use crate::{Fault, Output, Reason, Session};

/// Heals what an event lost, and finds a dead machine.
const ASK: Duration = Duration::from_secs(1);
/// Each so many asks it asks for all inputs too.
const ALL_EACH: u32 = 5;
/// An answer takes milliseconds.
const SILENCE: Duration = Duration::from_secs(3);

/// What an answer is to.
#[derive(Debug)]
enum Asked {
    Inputs,
    Active(Source),
    StudioMode,
    PreviewScene,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    Identifying,
    Open,
}

/// A conversation with OBS.
#[derive(Debug)]
pub struct Obs {
    password: Option<SecretString>,
    stage: Stage,
    version: String,
    show: Show,
    asked: BTreeMap<String, Asked>,
    walk: Option<Walk>,
    /// The preview may have changed while a walk was under way.
    walk_again: bool,
    requests: u64,
    asks: u32,
    ask_at: Instant,
    heard: Instant,
    malformed: u64,
    queue: Queue,
}

impl Obs {
    /// The socket stands; OBS speaks first.
    pub fn new(password: Option<SecretString>, now: Instant) -> Self {
        Self {
            password,
            stage: Stage::Greeting,
            version: String::new(),
            show: Show::default(),
            asked: BTreeMap::new(),
            walk: None,
            walk_again: false,
            requests: 0,
            asks: 0,
            ask_at: now,
            heard: now,
            malformed: 0,
            queue: Queue::default(),
        }
    }

    fn hello(&mut self, version: String, challenge: Option<(String, String)>) -> Result<(), Fault> {
        let answer = match (challenge, &self.password) {
            (Some((salt, challenge)), Some(password)) => Some(authentication(password, &salt, &challenge)),
            (Some(_), None) => return Err(Fault::PasswordMissing),
            (None, _) => None,
        };
        self.version = version;
        self.stage = Stage::Identifying;
        self.queue.send(identify(answer));
        Ok(())
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Active { input, on_air } => {
                // What it was asked before may be answered with what was before.
                let same =
                    |asked: &Asked| matches!(asked, Asked::Active(source) if source.key() == input.key());
                self.asked.retain(|_, asked| !same(asked));
                self.show.set_active(&input, on_air);
            }
            Event::Preview => self.ask_preview(),
            Event::Inputs => {
                self.ask(Asked::Inputs);
                self.ask_preview();
            }
            Event::Other => {}
        }
    }

    fn answer(&mut self, id: &str, data: Option<&Value>) {
        if let Some(walk) = self.walk.as_mut().filter(|walk| walk.is_waiting_for(id)) {
            let further = walk.take(id, data.and_then(items).unwrap_or_default());
            further.iter().for_each(|(source, holds)| self.visit(source, *holds));
            self.finish_walk();
            return;
        }
        match (self.asked.remove(id), data) {
            (Some(Asked::Inputs), Some(data)) => match inputs(data) {
                Some(inputs) => {
                    self.show.list(&inputs);
                    inputs.into_iter().for_each(|input| self.ask(Asked::Active(input)));
                }
                None => self.malformed += 1,
            },
            (Some(Asked::Active(source)), Some(data)) => {
                match data.get("videoActive").and_then(Value::as_bool) {
                    Some(on_air) => self.show.set_active(&source, on_air),
                    None => self.malformed += 1,
                }
            }
            (Some(Asked::StudioMode), Some(data)) => {
                match data.get("studioModeEnabled").and_then(Value::as_bool) {
                    Some(true) => self.ask(Asked::PreviewScene),
                    Some(false) => self.no_preview(),
                    None => self.malformed += 1,
                }
            }
            (Some(Asked::PreviewScene), Some(data)) => match preview_scene(data) {
                Some(scene) => self.begin_walk(&scene),
                None => self.malformed += 1,
            },
            // Studio mode was left in between.
            (Some(Asked::PreviewScene | Asked::StudioMode), None) => self.no_preview(),
            // The input is gone, or a scene collection is being loaded: the next list tells.
            (Some(Asked::Active(_) | Asked::Inputs) | None, _) => {}
        }
    }

    fn no_preview(&mut self) {
        self.walk = None;
        self.show.set_preview(std::collections::BTreeSet::new());
    }

    fn ask(&mut self, asked: Asked) {
        let id = self.next_id();
        let text = match &asked {
            Asked::Inputs => request(&id, "GetInputList", None),
            Asked::Active(source) => request(&id, "GetSourceActive", Some((source, "source"))),
            Asked::StudioMode => request(&id, "GetStudioModeEnabled", None),
            Asked::PreviewScene => request(&id, "GetCurrentPreviewScene", None),
        };
        self.asked.insert(id, asked);
        self.queue.send(text);
    }

    fn next_id(&mut self) -> String {
        self.requests += 1;
        self.requests.to_string()
    }

    /// What the preview shows is asked for from the beginning, or once the walk under way has ended.
    fn ask_preview(&mut self) {
        let asking =
            self.asked.values().any(|asked| matches!(asked, Asked::StudioMode | Asked::PreviewScene));
        if self.walk.is_some() || asking {
            self.walk_again = true;
        } else {
            self.ask(Asked::StudioMode);
        }
    }

    fn begin_walk(&mut self, scene: &Source) {
        self.walk = Some(Walk::default());
        self.visit(scene, Holds::Scene);
        self.finish_walk();
    }

    fn visit(&mut self, source: &Source, holds: Holds) {
        let id = self.next_id();
        let kind = match holds {
            Holds::Scene => "GetSceneItemList",
            Holds::Group => "GetGroupSceneItemList",
        };
        if self.walk.as_mut().is_some_and(|walk| walk.visit(&id, source)) {
            self.queue.send(request(&id, kind, Some((source, "scene"))));
        }
    }

    fn finish_walk(&mut self) {
        if let Some(found) = self.walk.as_mut().and_then(Walk::finish) {
            self.show.set_preview(found);
            self.walk = None;
        }
    }
}

impl Session for Obs {
    fn handle_input(&mut self, data: &[u8], now: Instant) -> Result<(), Fault> {
        let message = parse(data);
        if self.stage == Stage::Greeting && !matches!(message, Some(Incoming::Hello { .. })) {
            return Err(Fault::not_this("OBS's WebSocket server", data));
        }
        self.heard = now;
        match message {
            Some(Incoming::Hello { version, challenge }) => self.hello(version, challenge)?,
            Some(Incoming::Identified) => {
                self.stage = Stage::Open;
                self.ask_at = now + ASK;
                self.queue.connected(format!("obs-websocket {}", self.version));
                self.ask(Asked::Inputs);
                self.ask_preview();
            }
            Some(Incoming::Event(event)) => self.event(event),
            Some(Incoming::Answer { id, data }) => self.answer(&id, data.as_ref()),
            Some(Incoming::Other) => {}
            None => self.malformed += 1,
        }
        let walking = self.walk.is_some()
            || self.asked.values().any(|asked| matches!(asked, Asked::StudioMode | Asked::PreviewScene));
        if self.walk_again && !walking {
            self.walk_again = false;
            self.ask_preview();
        }
        if let Some(facts) = self.show.facts().filter(|_| self.stage == Stage::Open) {
            self.queue.inputs(facts);
        }
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Fault> {
        if now >= self.heard + SILENCE {
            return Err(Fault::Silent(SILENCE));
        }
        if self.stage == Stage::Open && now >= self.ask_at {
            self.ask_at = now + ASK;
            self.asks = self.asks.wrapping_add(1);
            self.ask_preview();
            if self.asks.is_multiple_of(ALL_EACH) {
                self.ask(Asked::Inputs);
            }
        }
        Ok(())
    }

    fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        let silence = (self.heard + SILENCE, Reason::Silence);
        Some(match self.stage {
            Stage::Open if self.ask_at < silence.0 => (self.ask_at, Reason::Ask),
            Stage::Greeting | Stage::Identifying | Stage::Open => silence,
        })
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.queue.poll()
    }

    fn malformed(&self) -> u64 {
        self.malformed
    }
}
