//! The engine's start, the session, and the way to the cloud; and back there, after a run that was killed.
//!
//! Invariant: what is on air is in its file before anything else is done, and no longer than it is.

use std::sync::Arc;

use returnfeed_protocol::{Show, ShowId};
use secrecy::SecretString;

use super::Folders;
use super::cloud::Opened;
use super::on_air::{KeptSession, OnAir};
use super::room::{Done, Room};
use crate::controller::Command;
use crate::engine::{Destination, Engine, EngineConfig, StartError};
use crate::gui::{AirState, Door};
use crate::journal;
use crate::keep::{Remember, Standing};
use crate::lan::LanConfig;
use crate::secrets::SecretStore;
use crate::sentence::Sentence;
use crate::show::setup;
use crate::sources::Marks;
use crate::sync::Offline;
use crate::uplink::UplinkConfig;
use crate::view::{self, SessionView};

/// What the room remembers of where the programme is to go.
#[derive(Debug, Default)]
pub(super) struct Going {
    /// A session is being asked for; what is wanted when it is there.
    asked: Option<Door>,
    /// The session that stands open for the show that is open.
    uplink: Option<(ShowId, Arc<UplinkConfig>)>,
    /// An engine is being started.
    starting: bool,
    /// It must be started once more: the show changed meanwhile, or while it was on air.
    again: bool,
    /// The show that the engine runs, or is being started with.
    runs: Option<Show>,
    /// For whom the programme was on air when the run before was killed.
    back: Option<Door>,
    /// What stood on the desk then.
    standing: Standing,
}

/// Why no engine runs.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotStarted {
    /// The show cannot be run.
    #[error("{0}")]
    Show(String),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] StartError),
}

impl Room {
    // ---- the engine ----

    /// Starts the engine with the show that is open, in place of the one that runs.
    pub(super) fn start_engine(&mut self) {
        if self.going.starting {
            self.going.again = true;
            return;
        }
        self.going.again = false;
        let old = self.running.lock().take();
        let show = self.going.runs.take_if(|_| self.going.back.is_some());
        let show = show.or_else(|| self.show.as_ref().map(|(_, show)| show.clone()));
        let as_it_is = show == self.show.as_ref().map(|(_, show)| show.clone());
        self.draw(view::View::forget_engine);
        self.draw(|view| {
            if let Some(open) = &mut view.show {
                (open.waits, open.trouble) = (!as_it_is, None);
            }
        });
        let standing = std::mem::take(&mut self.going.standing);
        let remember = Remember::new(self.view.clone(), self.on_air.standing(), standing.clone());
        let (folders, secrets) = (self.folders.clone(), self.secrets.clone());
        let outputs = self.outputs();
        let lan = (!self.settings.lan_off).then(LanConfig::default);
        self.going.runs.clone_from(&show);
        self.going.starting = true;
        self.tasks.spawn(async move {
            if let Some(old) = old {
                old.stop().await;
            }
            let started = async {
                let show = show.filter(|show| !show.sources.is_empty()).ok_or(StartError::NoSource)?;
                // A secret may wait for a person to unlock a keyring.
                let config = tokio::task::spawn_blocking(move || engine_config(&show, &folders, &secrets));
                let config = config.await.map_err(|defect| NotStarted::Show(defect.to_string()))??;
                let config = EngineConfig { lan, outputs, ..config };
                let remember = remember.map_err(StartError::Thread)?;
                let engine = Engine::resume(config, standing.programme, remember).await?;
                standing.commands().into_iter().for_each(|command| engine.command(command));
                Ok(engine)
            };
            Done::Engine(started.await)
        });
    }

    /// The show means something else to the engine now.
    pub(super) fn restart_when_off_air(&mut self) {
        if !self.is_on_air() {
            return self.start_engine();
        }
        self.draw(|view| {
            if let Some(open) = &mut view.show {
                open.waits = true;
            }
        });
    }

    pub(super) fn engine_started(&mut self, result: Result<Engine, NotStarted>) {
        self.going.starting = false;
        match result {
            Ok(engine) => *self.running.lock() = Some(engine),
            // A show without sources is where every show begins.
            Err(NotStarted::Engine(StartError::NoSource)) => {}
            Err(NotStarted::Engine(error)) => {
                let why = error.to_string();
                self.draw(|view| view.broken = Some(why.into()));
            }
            Err(NotStarted::Show(why)) => self.draw(|view| {
                if let Some(open) = &mut view.show {
                    open.trouble = Some(why.into());
                }
            }),
        }
        if self.going.again {
            return self.start_engine();
        }
        self.go_back();
    }

    // ---- the way to the cloud ----

    /// A person wants the programme there. Pressed twice it is done once.
    pub(super) fn go(&mut self, door: Door) {
        let Some((id, show)) = &self.show else {
            return self.refuse(Sentence::no_show_open());
        };
        if self.running.lock().is_none() {
            return self.refuse(Sentence::no_picture_yet());
        }
        if let Some(uplink) = self.way() {
            return self.press(Command::GoOnAir { uplink, door });
        }
        let Some(account) = self.account.clone() else {
            return self.refuse(Sentence::not_signed_in());
        };
        let asked = self.going.asked.replace(door).is_some();
        self.draw(|view| view.going = true);
        if asked {
            return;
        }
        let (id, name) = (*id, show.name.clone());
        let known = self.settings.sessions.get(&id).copied();
        self.tasks.spawn(async move {
            let opened = account.open_session(known, &name).await;
            Done::Session { show: id, door, opened }
        });
    }

    pub(super) fn session_opened(&mut self, show: ShowId, door: Door, opened: Result<Opened, Offline>) {
        // What was pressed last counts; nothing any more: it was stopped meanwhile.
        let wanted = self.going.asked.take();
        self.draw(|view| view.going = false);
        let opened = match opened {
            Ok(opened) => opened,
            Err(offline) => return self.refuse(offline.to_string()),
        };
        if self.keep_session(show, opened) && wanted.is_some() {
            self.go(wanted.unwrap_or(door));
        }
    }

    /// A session is there for this show; true when the show is still the one that is open.
    pub(super) fn keep_session(&mut self, show: ShowId, opened: Opened) -> bool {
        let Some((cloud, _)) = self.cloud_address() else { return false };
        let origin = cloud.to_string();
        self.settings.sessions.insert(show, opened.made.session.id);
        self.keep_settings();
        if self.show.as_ref().is_none_or(|(open, _)| *open != show) {
            return false;
        }
        let session = SessionView {
            id: opened.made.session.id,
            name: opened.made.session.name.clone(),
            camera_link: format!("{origin}/camera/#{}", opened.made.camera_code),
            viewer_link: format!("{origin}/viewer/#{}", opened.made.viewer_code),
        };
        let secrets = self.secrets.clone();
        let kept = KeptSession::of(&session, &opened).to_secret();
        self.tasks.spawn_blocking(move || {
            if let Err(error) = secrets.keep(KeptSession::NAME, &kept) {
                tracing::warn!(%error, "a killed program would have to sign in before it is back on air");
            }
            Done::Nothing
        });
        self.open_way(show, session, opened.token);
        true
    }

    /// The session that stands open for the show that is open.
    pub(super) fn way(&self) -> Option<Arc<UplinkConfig>> {
        let (open, _) = self.show.as_ref()?;
        self.going.uplink.as_ref().filter(|(of, _)| of == open).map(|(_, uplink)| Arc::clone(uplink))
    }

    /// The session stands open: nothing more need be asked to go there.
    fn open_way(&mut self, show: ShowId, session: SessionView, token: SecretString) {
        let Some((cloud, trust)) = self.cloud_address() else { return };
        let uplink = UplinkConfig { cloud, session: session.id, token, trust };
        self.draw(|view| view.session = Some(session));
        self.going.uplink = Some((show, Arc::new(uplink)));
    }

    /// A person wants it nowhere, whatever is under way.
    pub(super) fn stop(&mut self) {
        self.going.back = None;
        if self.going.asked.take().is_some() {
            self.draw(|view| view.going = false);
        }
        if self.running.lock().is_some() {
            self.press(Command::GoOffAir);
        }
    }

    /// The next session has new links.
    pub(super) fn forget_session(&mut self) {
        if self.is_on_air() {
            return self.refuse(Sentence::new_session_while_on_air());
        }
        self.going.uplink = None;
        if let Some((id, _)) = &self.show {
            self.settings.sessions.remove(id);
            self.keep_settings();
        }
        self.draw(|view| view.session = None);
    }

    /// The engine says where the programme is.
    pub(super) fn air_is(&mut self, air: &AirState) {
        let on_air = match air {
            AirState::Starting { door } | AirState::On { door } => door.or(Some(Door::Operators)),
            AirState::Off { .. } | AirState::Stopping => None,
        };
        if let AirState::Off { reason } = air {
            // Another director took over, or the session is over: the next press asks the cloud anew.
            if !reason.is_empty() {
                self.going.uplink = None;
            }
            if self.view.borrow().show.as_ref().is_some_and(|open| open.waits) && !self.is_on_air() {
                self.start_engine();
            }
        }
        self.awake.be(on_air.is_some());
        if self.going.back.is_none() {
            self.remember_air(on_air);
        }
    }

    // ---- and back there ----

    /// The run before was killed while this was on air: the same show, as it ran, and the right to the session.
    pub(super) fn come_back(&mut self, left: OnAir) {
        let OnAir { door, session, id, show } = left;
        (self.going.back, self.going.runs) = (Some(door), Some(show));
        self.going.standing = Standing::read(&self.on_air.standing());
        let secrets = self.secrets.clone();
        self.tasks.spawn_blocking(move || {
            let kept = secrets.get(KeptSession::NAME);
            let kept =
                kept.inspect_err(|error| tracing::warn!(%error, "the right to the session is not read"));
            Done::Recalled(
                id,
                kept.ok().flatten().and_then(|secret| KeptSession::of_secret(&secret, session)),
            )
        });
        self.start_engine();
    }

    /// The right to the session that was on air.
    pub(super) fn recalled(&mut self, show: ShowId, kept: Option<(SessionView, SecretString)>) {
        if let Some((session, token)) = kept.filter(|_| self.going.back.is_some()) {
            self.open_way(show, session, token);
            self.go_back();
        }
    }

    /// Goes on where the run before was killed, as soon as there are a picture and a right.
    pub(super) fn go_back(&mut self) {
        let may = self.going.uplink.is_some() || self.account.is_some();
        let ready = may && self.running.lock().is_some();
        if let Some(door) = self.going.back.take_if(|_| ready) {
            // Until the engine says so itself: what is on air stays in its file.
            self.draw(|view| view.going = true);
            self.go(door);
        }
    }

    fn remember_air(&mut self, on_air: Option<Door>) {
        let now = match (on_air, &self.going.uplink, &self.going.runs) {
            (Some(door), Some((id, uplink)), Some(show)) => {
                Some(OnAir { door, session: uplink.session, id: *id, show: show.clone() })
            }
            _ => None,
        };
        if self.library.is_none() || (now.is_none() && self.is_on_air()) {
            return;
        }
        if let Err(error) = self.on_air.write(now) {
            tracing::warn!(%error, "what is on air is not kept: a killed program would not come back to it");
        }
    }

    /// Nobody goes there any more without signing in.
    pub(super) fn forget_way(&mut self) {
        self.going.uplink = None;
        let secrets = self.secrets.clone();
        self.tasks.spawn_blocking(move || {
            if let Err(error) = secrets.forget(KeptSession::NAME) {
                tracing::warn!(%error, "the right to a session is still kept");
            }
            Done::Nothing
        });
    }
}

/// What the engine is to run.
fn engine_config(show: &Show, folders: &Folders, secrets: &SecretStore) -> Result<EngineConfig, NotStarted> {
    let setup = setup(show, secrets).map_err(|error| NotStarted::Show(error.to_string()))?;
    Ok(EngineConfig {
        show: show.name.clone(),
        sources: setup.sources,
        names: setup.names,
        marks: Marks { stamp: false, flash: false },
        inputs: setup.inputs,
        outputs: Vec::new(),
        lan: None,
        tally: setup.tally,
        beside: setup.beside,
        recordings: Some(folders.documents.clone()),
        logs: Some(folders.data.join(journal::FOLDER)),
        destination: match setup.outputs.is_empty() {
            true => Destination::Here,
            false => Destination::Srt(setup.outputs),
        },
        monitor: true,
    })
}
