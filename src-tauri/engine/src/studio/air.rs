//! Signing in, sessions, the engine's start, and the way to the cloud.

use std::sync::Arc;

use returnfeed_protocol::{AccountSummary, ShowId};
use secrecy::SecretString;

use super::cloud::{Account, Opened};
use super::room::{Done, Room};
use crate::controller::Command;
use crate::engine::{Destination, Engine, EngineConfig, StartError};
use crate::gui::{AirState, Door};
use crate::journal;
use crate::show::{SecretFiles, setup};
use crate::sources::Marks;
use crate::sync::Offline;
use crate::uplink::{CloudUrl, Trust, UplinkConfig};
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
    /// Where the programme was when this program ended without being asked to.
    resume: Option<Door>,
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
        let config = self.engine_config();
        self.draw(view::View::forget_engine);
        self.draw(|view| {
            if let Some(open) = &mut view.show {
                (open.waits, open.trouble) = (false, config.as_ref().err().cloned().flatten());
            }
        });
        let gui = self.view.clone();
        self.going.starting = true;
        self.tasks.spawn(async move {
            if let Some(old) = old {
                old.stop().await;
            }
            match config {
                Ok(config) => Done::Engine(Engine::start(config, gui).await),
                Err(_) => Done::Engine(Err(StartError::NoSource)),
            }
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

    pub(super) fn engine_started(&mut self, result: Result<Engine, StartError>) {
        self.going.starting = false;
        match result {
            Ok(engine) => *self.running.lock() = Some(engine),
            // A show without sources is where every show begins.
            Err(StartError::NoSource) => {}
            Err(error) => {
                let why = error.to_string();
                self.draw(|view| view.broken = Some(why));
            }
        }
        if self.going.again {
            return self.start_engine();
        }
        if let Some(door) = self.going.resume.take_if(|_| self.account.is_some()) {
            self.go(door);
        }
    }

    /// What the engine is to run; an error without words where there is nothing to run yet.
    fn engine_config(&self) -> Result<EngineConfig, Option<String>> {
        let (_, show) = self.show.as_ref().ok_or(None)?;
        if show.sources.is_empty() {
            return Err(None);
        }
        let secrets = SecretFiles(Some(self.folders.data.join("secrets")));
        let setup = setup(show, &secrets).map_err(|error| Some(error.to_string()))?;
        Ok(EngineConfig {
            show: show.name.clone(),
            sources: setup.sources,
            names: setup.names,
            marks: Marks { stamp: false, flash: false },
            inputs: setup.inputs,
            outputs: Vec::new(),
            tally: setup.tally,
            beside: setup.beside,
            recordings: Some(self.folders.documents.clone()),
            logs: Some(self.folders.data.join(journal::FOLDER)),
            destination: match setup.outputs.is_empty() {
                true => Destination::Here,
                false => Destination::Srt(setup.outputs),
            },
        })
    }

    // ---- the way to the cloud ----

    /// A person wants the programme there. Pressed twice it is done once.
    pub(super) fn go(&mut self, door: Door) {
        let Some((id, show)) = &self.show else {
            return self.refuse("open a show first");
        };
        if self.running.lock().is_none() {
            return self.refuse("there is no picture yet: add a source first");
        }
        if let Some((_, uplink)) = self.going.uplink.as_ref().filter(|(of, _)| of == id) {
            let uplink = Arc::clone(uplink);
            return self.press(Command::GoOnAir { uplink, door });
        }
        let Some(account) = self.account.clone() else {
            return self.refuse("sign in to the cloud first");
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
        let Some((cloud, trust)) = self.cloud_address() else { return };
        let (made, origin) = (opened.made, cloud.to_string());
        self.settings.sessions.insert(show, made.session.id);
        self.keep_settings();
        if self.show.as_ref().is_none_or(|(open, _)| *open != show) {
            return;
        }
        let session = SessionView {
            id: made.session.id,
            name: made.session.name,
            camera_link: format!("{origin}/camera/#{}", made.camera_code),
            viewer_link: format!("{origin}/viewer/#{}", made.viewer_code),
        };
        self.draw(|view| view.session = Some(session));
        let uplink = UplinkConfig { cloud, session: made.session.id, token: opened.token, trust };
        self.going.uplink = Some((show, Arc::new(uplink)));
        if wanted.is_some() {
            self.go(wanted.unwrap_or(door));
        }
    }

    /// A person wants it nowhere, whatever is under way.
    pub(super) fn stop(&mut self) {
        self.going.resume = None;
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
            return self.refuse("a new session is made when the programme is off air");
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
        if self.going.resume.is_none() && self.settings.on_air != on_air {
            self.settings.on_air = on_air;
            self.keep_settings();
        }
    }

    // ---- who we are ----

    pub(super) fn cloud_address(&self) -> Option<(CloudUrl, Trust)> {
        let cloud = self.settings.cloud.as_ref()?.parse().ok()?;
        let trust = match &self.settings.fingerprint {
            Some(fingerprint) => fingerprint.parse().ok()?,
            None => Trust::System,
        };
        Some((cloud, trust))
    }

    pub(super) fn draw_cloud(&self) {
        let (address, fingerprint) = (self.settings.cloud.clone(), self.settings.fingerprint.clone());
        self.draw(|view| (view.cloud.address, view.cloud.fingerprint) = (address, fingerprint));
    }

    pub(super) fn set_cloud(&mut self, address: &str, fingerprint: &str) {
        if self.is_on_air() {
            return self.refuse("the cloud is changed when the programme is off air");
        }
        let address = match address.trim() {
            bare if bare.contains("://") => bare.to_owned(),
            bare => format!("https://{bare}"),
        };
        let cloud = address.parse::<CloudUrl>().map_err(|error| error.to_string());
        let trust = match fingerprint.trim() {
            "" => Ok(None),
            text => text.parse::<Trust>().map(|_| Some(text.to_owned())).map_err(|error| error.to_string()),
        };
        match (cloud, trust) {
            (Ok(cloud), Ok(fingerprint)) => {
                let cloud = Some(cloud.to_string());
                if self.settings.cloud != cloud {
                    self.sign_out();
                    self.settings.sessions.clear();
                }
                (self.settings.cloud, self.settings.fingerprint) = (cloud, fingerprint);
                self.keep_settings();
                self.draw(|view| view.cloud.trouble = None);
                self.draw_cloud();
            }
            (Err(why), _) | (_, Err(why)) => self.refuse(why),
        }
    }

    pub(super) fn sign_in(&mut self, email: String, password: SecretString) {
        let Some((cloud, trust)) = self.cloud_address() else {
            return self.refuse("say the cloud's address first");
        };
        self.draw(|view| view.cloud.busy = true);
        self.tasks
            .spawn(async move { Done::SignedIn(Account::sign_in(cloud, &trust, email, password).await) });
    }

    pub(super) fn signed_in(&mut self, result: Result<(Account, AccountSummary), Offline>) {
        self.draw(|view| view.cloud.busy = false);
        match result {
            Ok((account, AccountSummary { name, email, .. })) => {
                self.account = Some(account);
                self.settings.email = Some(email.clone());
                self.keep_settings();
                self.draw(|view| {
                    view.cloud.trouble = None;
                    view.account = view::Account::In { name, email };
                });
                self.sync();
            }
            Err(offline) => {
                let why = offline.to_string();
                self.draw(|view| view.cloud.trouble = Some(why));
            }
        }
    }

    pub(super) fn sign_out(&mut self) {
        if self.is_on_air() {
            return self.refuse("sign out when the programme is off air");
        }
        self.going.uplink = None;
        if let Some(account) = self.account.take() {
            self.tasks.spawn(async move {
                account.sign_out().await;
                Done::Nothing
            });
        }
        self.draw(|view| (view.account, view.session) = (view::Account::Out, None));
    }
}
