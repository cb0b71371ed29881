//! What this machine keeps for itself: logins at clouds, the right to the session that is on air, and the secrets that
//! shows name.
//!
//! In the system's keyring where there is one; else in a file for each, which its owner alone may read, and which is not
//! protected beyond that: [`Kept`] says which, and whoever keeps one is told. A person may always put a file there.
//! Invariant: a file stands over the keyring, and goes once the keyring has what is newer.

mod files;
mod ring;

use std::io;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Serialize;

use crate::show::Secrets;
use crate::uplink::CloudUrl;
use files::Files;
#[cfg(test)]
use files::is_readable_by_others;
use ring::{NoRing, Ring};

/// Where secrets are kept. May wait for a person to unlock the keyring: a minute at most.
#[derive(Debug, Clone)]
pub struct SecretStore {
    files: Files,
    ring: Option<Ring>,
}

/// Where a secret was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Kept {
    /// In the system's keyring.
    Keyring,
    /// In a file.
    File,
}

impl Kept {
    /// What a person is told.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Keyring => "it is kept in this system's keyring",
            Self::File => {
                "no keyring was open, so it is kept in a file that only this user may read, and is not protected \
                 beyond that"
            }
        }
    }
}

/// Why a secret is not there, or cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is not.
    #[error("there is no secret {name:?} in {}; put a file of that name there", folder.display())]
    Absent {
        /// Its name.
        name: String,
        /// Where it should be.
        folder: PathBuf,
    },
    /// The keyring may have it, and did not open.
    #[error("the system's keyring did not give the secret {name:?} ({why}); unlock it and try again")]
    Locked {
        /// Its name.
        name: String,
        /// The system's words.
        why: String,
    },
    /// Others could read it.
    #[error("{} may be read by others; run: chmod 600 {}", .0.display(), .0.display())]
    Readable(PathBuf),
    /// No name of a secret.
    #[error("{0:?} is no name of a secret: letters, digits, -, _ and .")]
    Name(String),
    /// The disk.
    #[error("{} cannot be used: {cause}", path.display())]
    Disk {
        /// What.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
}

impl SecretStore {
    /// In files of this folder alone, which need not be there yet.
    pub fn in_files(folder: impl Into<PathBuf>) -> Self {
        Self { files: Files { folder: folder.into() }, ring: None }
    }

    /// In the keyring, and in this folder where there is none.
    pub fn with_keyring(folder: impl Into<PathBuf>) -> Self {
        let files = Files { folder: folder.into() };
        Self { ring: Some(Ring::of(&files.folder)), files }
    }

    /// Of this user.
    pub fn of_user() -> Self {
        Self::with_keyring(crate::data_folder().join("secrets"))
    }

    /// The secret of this name; `None`: there is none.
    ///
    /// # Errors
    /// When others could read it, the disk fails, or the keyring stays locked.
    pub fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        if let Some(secret) = self.files.get(name)? {
            return Ok(Some(secret));
        }
        match self.ring.as_ref().map(|ring| ring.get(name)) {
            None | Some(Err(NoRing::Absent)) => Ok(None),
            Some(Ok(found)) => Ok(found),
            Some(Err(NoRing::Closed(why))) => Err(SecretError::Locked { name: name.to_owned(), why }),
        }
    }

    /// Keeps a secret in place of the one before, and says where.
    ///
    /// # Errors
    /// When there is no keyring and the disk does not take it: then the one before stays.
    pub fn keep(&self, name: &str, secret: &SecretString) -> Result<Kept, SecretError> {
        self.files.path(name)?;
        match self.ring.as_ref().map(|ring| ring.keep(name, secret)) {
            Some(Ok(())) => {
                self.files.forget(name)?;
                return Ok(Kept::Keyring);
            }
            Some(Err(NoRing::Closed(why))) => tracing::warn!(name, why, "the keyring does not keep a secret"),
            Some(Err(NoRing::Absent)) | None => {}
        }
        self.files.keep(name, secret)?;
        Ok(Kept::File)
    }

    /// Forgets a secret; one that is not there is forgotten.
    ///
    /// # Errors
    /// When the disk fails, or the keyring stays locked.
    pub fn forget(&self, name: &str) -> Result<(), SecretError> {
        self.files.forget(name)?;
        match self.ring.as_ref().map(|ring| ring.forget(name)) {
            None | Some(Ok(()) | Err(NoRing::Absent)) => Ok(()),
            Some(Err(NoRing::Closed(why))) => Err(SecretError::Locked { name: name.to_owned(), why }),
        }
    }
}

/// What the login at a cloud is kept as.
pub fn login_of(cloud: &CloudUrl) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    format!("login_{}", cloud.to_string().chars().map(plain).collect::<String>())
}

impl Secrets for SecretStore {
    fn secret(&self, name: &str) -> Result<SecretString, String> {
        let absent = || SecretError::Absent { name: name.to_owned(), folder: self.files.folder.clone() };
        self.get(name).and_then(|secret| secret.ok_or_else(absent)).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_secret_is_kept_for_its_owner_replaced_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = SecretStore::in_files(folder.path().join("deep/secrets"));
        let name = login_of(&"https://[::1]:8443".parse().unwrap());
        assert!(store.get(&name).unwrap().is_none());
        for text in ["first", "second"] {
            store.keep(&name, &SecretString::from(text)).unwrap();
            assert_eq!(store.get(&name).unwrap().unwrap().expose_secret(), text);
        }
        assert!(!is_readable_by_others(&store.files.path(&name).unwrap()));
        store.forget(&name).unwrap();
        store.forget(&name).unwrap();
        assert!(store.secret(&name).unwrap_err().contains("put a file of that name there"));
    }

    #[test]
    #[cfg(unix)]
    fn a_secret_that_others_can_read_is_refused_with_what_to_do() {
        use std::fs;
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = SecretStore::in_files(folder.path());
        store.keep("obs", &SecretString::from("x")).unwrap();
        fs::set_permissions(folder.path().join("obs"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(store.get("obs").unwrap_err().to_string().contains("chmod 600"));
        for wrong in ["", "../obs", ".hidden", "a/b"] {
            assert!(matches!(store.get(wrong), Err(SecretError::Name(_))), "{wrong}");
        }
    }

    /// Runs the ignored test of this name in a session bus of its own, after `first` in a shell.
    #[cfg(target_os = "linux")]
    fn in_a_session(first: &str, test: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        use std::process::Command;
        let home = tempfile::tempdir().unwrap();
        let run = home.path().join("run");
        std::fs::create_dir(&run).unwrap();
        std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o700)).unwrap();
        let script = format!("{first} exec \"$0\" --exact --ignored secrets::tests::{test}");
        let mut command = Command::new("dbus-run-session");
        command.args(["--", "sh", "-c", &script]).arg(std::env::current_exe().unwrap());
        command
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("XDG_RUNTIME_DIR", &run)
            .env_remove("DISPLAY");
        let out = command.output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(
            out.status.success() && said.contains("1 passed"),
            "{said}{}",
            String::from_utf8_lossy(&out.stderr)
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_open_keyring_keeps_a_secret_and_a_file_that_was_before_it_goes() {
        in_a_session(
            "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null;",
            "in_an_open_keyring",
        );
    }

    #[test]
    #[ignore = "runs in a session of its own, by the test above"]
    fn in_an_open_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let (files, store) = (SecretStore::in_files(folder.path()), SecretStore::with_keyring(folder.path()));
        files.keep("login", &SecretString::from("first")).unwrap();
        assert_eq!(store.get("login").unwrap().unwrap().expose_secret(), "first");
        assert_eq!(store.keep("login", &SecretString::from("second")).unwrap(), Kept::Keyring);
        assert!(files.get("login").unwrap().is_none());
        assert_eq!(store.get("login").unwrap().unwrap().expose_secret(), "second");
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(SecretStore::with_keyring(elsewhere.path()).get("login").unwrap().is_none());
        store.forget("login").unwrap();
        assert!(store.get("login").unwrap().is_none());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn without_a_keyring_a_secret_is_in_a_file_and_that_is_said() {
        // No display and no daemon that could be asked for a password.
        in_a_session("export XDG_DATA_DIRS=/nowhere;", "without_a_keyring");
        in_a_session("unset DBUS_SESSION_BUS_ADDRESS;", "without_a_keyring");
    }

    #[test]
    #[ignore = "runs in a session of its own, by the test above"]
    fn without_a_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let store = SecretStore::with_keyring(folder.path());
        let kept = store.keep("login", &SecretString::from("x")).unwrap();
        assert_eq!(kept, Kept::File);
        assert!(kept.sentence().contains("not protected"));
        assert_eq!(store.get("login").unwrap().unwrap().expose_secret(), "x");
    }
}
