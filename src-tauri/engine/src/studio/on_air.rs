//! What is on air, in a file for as long as it is: where the next run begins when this one is killed.
//!
//! Refuses to hold a right: the session's own stands with the secrets. Invariant: the show in it is the one that the
//! engine runs, whatever became of the document since.

use std::path::{Path, PathBuf};

use returnfeed_protocol::{SessionId, Show, ShowId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::cloud::Opened;
use crate::gui::Door;
use crate::view::SessionView;

const FILE: &str = "on-air.json";
/// Beside it: programme, preview, key, sound and recording, as `keep` writes them.
const STANDING: &str = "standing.json";

/// See the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OnAir {
    /// For whom.
    pub(super) door: Door,
    /// Where.
    pub(super) session: SessionId,
    /// Which document.
    pub(super) id: ShowId,
    /// As the engine runs it.
    pub(super) show: Show,
}

/// Where it is.
#[derive(Debug)]
pub(super) struct OnAirFile {
    folder: PathBuf,
    written: Option<OnAir>,
}

impl OnAirFile {
    pub(super) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), written: None }
    }

    /// What a run that was killed left; nothing where none was, or where it cannot be read.
    pub(super) fn read(&self) -> Option<OnAir> {
        let text = std::fs::read_to_string(self.folder.join(FILE)).ok()?;
        let read = serde_json::from_str(&text);
        read.inspect_err(|error| tracing::warn!(%error, "what was on air cannot be read")).ok()
    }

    /// This is on air now, or nothing is; written where it is another than before.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn write(&mut self, now: Option<OnAir>) -> std::io::Result<()> {
        if self.written == now {
            return Ok(());
        }
        match &now {
            Some(on_air) => {
                let text = serde_json::to_string(on_air).map_err(std::io::Error::other)?;
                crate::sync::replace_file(&self.folder.join(FILE), &text)?;
            }
            None => self.forget(),
        }
        self.written = now;
        Ok(())
    }

    /// There is nothing to come back to.
    pub(super) fn forget(&self) {
        crate::keep::forget(&self.folder.join(FILE));
    }

    /// Where what stands on the desk is kept.
    pub(super) fn standing(&self) -> PathBuf {
        self.folder.join(STANDING)
    }
}

/// A session that stands open, as it is kept among the secrets: its links let anybody in.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptSession {
    view: SessionView,
    token: String,
}

impl KeptSession {
    /// As which secret: one is on air at a time, and the next takes its place.
    pub(super) const NAME: &'static str = "session";

    pub(super) fn of(view: &SessionView, opened: &Opened) -> Self {
        Self { view: view.clone(), token: opened.token.expose_secret().to_owned() }
    }

    pub(super) fn to_secret(&self) -> SecretString {
        serde_json::to_string(self).unwrap_or_default().into()
    }

    /// Of this session; nothing where another was kept since.
    pub(super) fn of_secret(
        secret: &SecretString,
        session: SessionId,
    ) -> Option<(SessionView, SecretString)> {
        let Self { view, token } = serde_json::from_str(secret.expose_secret()).ok()?;
        (view.id == session).then(|| (view, token.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_air_is_in_the_file_as_long_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = OnAirFile::of(folder.path());
        assert_eq!(file.read(), None);
        let id = "019ab0d2-7c00-7000-8000-000000000001";
        let on_air = OnAir {
            door: Door::Everybody,
            session: id.parse().unwrap(),
            id: id.parse().unwrap(),
            show: Show::new("주일"),
        };
        file.write(Some(on_air.clone())).unwrap();
        assert_eq!(OnAirFile::of(folder.path()).read(), Some(on_air));
        file.write(None).unwrap();
        assert_eq!(file.read(), None);
        std::fs::write(folder.path().join(FILE), "{\"door\":").unwrap();
        assert_eq!(file.read(), None);
    }
}
