//! What this machine remembers between two starts, beside its shows. Never a secret.
//!
//! Refuses to fail a start: settings that cannot be read are set aside and begun anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use returnfeed_protocol::{SessionId, ShowId};
use serde::{Deserialize, Serialize};

const FILE: &str = "settings.json";

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    /// The cloud's address.
    pub(super) cloud: Option<String>,
    /// Of its own certificate, where that is what is believed.
    pub(super) fingerprint: Option<String>,
    /// Who signed in last.
    pub(super) email: Option<String>,
    /// The show that was open last.
    pub(super) show: Option<ShowId>,
    /// Each show's session.
    pub(super) sessions: BTreeMap<ShowId, SessionId>,
    /// Who is told our lamps, as `--out` has it; nobody until a person says so.
    pub(super) outputs: Vec<String>,
    /// Whether operators on this network hear us by the cloud alone.
    pub(super) lan_off: bool,
}

/// Where they are.
#[derive(Debug)]
pub(super) struct SettingsFile(PathBuf);

impl SettingsFile {
    pub(super) fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// What is there; nothing where it cannot be read.
    pub(super) fn read(&self) -> Settings {
        let Ok(text) = std::fs::read_to_string(&self.0) else { return Settings::default() };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            let aside = self.0.with_extension("damaged");
            let kept = std::fs::rename(&self.0, &aside).is_ok();
            tracing::warn!(%error, kept, aside = %aside.display(), "the settings cannot be read; they begin anew");
            Settings::default()
        })
    }

    /// The file is the old one or the new one, whenever the power fails.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn write(&self, settings: &Settings) -> std::io::Result<()> {
        let text = serde_json::to_string_pretty(settings).map_err(std::io::Error::other)?;
        crate::sync::replace_file(&self.0, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_damaged_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::of(folder.path());
        assert_eq!(file.read(), Settings::default());
        let settings = Settings {
            cloud: Some("https://feed.example".into()),
            email: Some("ada@feed.example".into()),
            ..Settings::default()
        };
        file.write(&settings).unwrap();
        assert_eq!(file.read(), settings);
        std::fs::write(folder.path().join(FILE), "{\"cloud\": 7").unwrap();
        assert_eq!(file.read(), Settings::default());
        assert!(folder.path().join("settings.damaged").exists());
    }
}
