//! Settings that a person may take back: the key's picture, and the sound. Pure.
//!
//! Invariant: taking everything back leads to what there was at the start, as far as [`REMEMBERED`] changes go.

use std::collections::VecDeque;

use super::{Action, Controller};
use crate::gui::{Change, Gui, KeyState, Notice};
use crate::sentence::Sentence;
use crate::switch::{KeyPicture, SoundSettings};

/// How many changes are remembered.
const REMEMBERED: usize = 50;

/// What there was before a change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Before {
    KeyPicture(Option<KeyPicture>),
    Sound(SoundSettings),
}

impl Before {
    fn change(&self) -> Change {
        match self {
            Self::KeyPicture(_) => Change::KeyPicture,
            Self::Sound(_) => Change::Sound,
        }
    }
}

/// The settings, and what they were.
#[derive(Debug, Default)]
pub(super) struct Settings {
    key: KeyState,
    sound: SoundSettings,
    /// A key is being loaded.
    loading: bool,
    before: VecDeque<Before>,
}

impl Settings {
    fn remember(&mut self, before: Before) {
        if self.before.len() == REMEMBERED {
            self.before.pop_front();
        }
        self.before.push_back(before);
    }
}

impl<G: Gui> Controller<G> {
    /// Shown once it is loaded: until then the old one stands.
    pub(super) fn load_key(&mut self, picture: Option<KeyPicture>) {
        self.settings.loading = picture.is_some();
        self.actions.push_back(Action::KeyPicture(picture));
    }

    pub(super) fn key(&mut self, on: bool) {
        if on && self.settings.key.shows.is_none() && !self.settings.loading {
            return self.gui.show(Notice::Refused { reason: Sentence::key_empty() });
        }
        self.settings.key.on = on;
        self.actions.push_back(Action::Key(on));
        self.show_settings();
    }

    pub(super) fn sound(&mut self, sound: SoundSettings) {
        if sound != self.settings.sound {
            self.settings.remember(Before::Sound(self.settings.sound));
            self.hear_by(sound);
        }
    }

    /// Takes the newest change back.
    pub(super) fn undo(&mut self) {
        match self.settings.before.pop_back() {
            Some(Before::KeyPicture(picture)) => {
                self.settings.key.shows.clone_from(&picture);
                self.load_key(picture);
                self.show_settings();
            }
            Some(Before::Sound(sound)) => self.hear_by(sound),
            None => self.gui.show(Notice::Refused { reason: Sentence::nothing_to_undo() }),
        }
    }

    /// The key was loaded, or not, and why.
    pub(super) fn key_loaded(&mut self, loaded: Result<Option<KeyPicture>, String>) {
        self.settings.loading = false;
        match loaded {
            Ok(picture) => {
                if self.settings.key.shows != picture {
                    self.settings.remember(Before::KeyPicture(self.settings.key.shows.clone()));
                }
                let on = self.settings.key.on && picture.is_some();
                self.settings.key = KeyState { on, shows: picture, trouble: None };
            }
            Err(trouble) => self.settings.key.trouble = Some(trouble),
        }
        self.show_settings();
    }

    fn hear_by(&mut self, sound: SoundSettings) {
        self.settings.sound = sound;
        self.actions.push_back(Action::Sound(sound));
        self.show_settings();
    }

    fn show_settings(&mut self) {
        self.say(Notice::Key { state: self.settings.key.clone() });
        self.say(Notice::Audio { settings: self.settings.sound });
        self.say(Notice::Undo { change: self.settings.before.back().map(Before::change) });
    }
}
