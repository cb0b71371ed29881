//! What this machine keeps for itself: refresh tokens of clouds, and the secrets that shows name.
//!
//! A file for each, which its owner alone may read (mode 0600). It is not encrypted, and whoever keeps one is told so.
//! Refuses a name that could leave the folder. Invariant: a secret is replaced in whole or not at all, and on the disk
//! before [`SecretStore::keep`] returns.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use crate::show::Secrets;
use crate::uplink::CloudUrl;

/// What a person is told where something is kept.
pub const NOT_PROTECTED: &str =
    "it is kept in a file that only this user may read, and is not protected beyond that";

/// A folder of secrets.
#[derive(Debug, Clone)]
pub struct SecretStore {
    folder: PathBuf,
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
    /// The secrets of this folder, which need not be there yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Of this user.
    pub fn of_user() -> Self {
        Self::new(crate::data_folder().join("secrets"))
    }

    /// The secret of this name; `None`: there is none.
    ///
    /// # Errors
    /// When others could read it, or the disk fails.
    pub fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        let path = self.path(name)?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(SecretError::Disk { path, cause }),
        };
        if is_readable_by_others(&path) {
            return Err(SecretError::Readable(path));
        }
        Ok(Some(SecretString::from(text.trim_end_matches(['\r', '\n']))))
    }

    /// Keeps a secret, on the disk.
    ///
    /// # Errors
    /// When the disk does not take it: then the one before stays.
    pub fn keep(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        let path = self.path(name)?;
        let failed = |cause| SecretError::Disk { path: path.clone(), cause };
        private_folder(&self.folder).map_err(failed)?;
        let beside = self.folder.join(format!(".{name}.new"));
        let write = || {
            let mut file = private_file(&beside)?;
            file.write_all(secret.expose_secret().as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        write().map_err(failed)
    }

    /// Forgets a secret; one that is not there is forgotten.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn forget(&self, name: &str) -> Result<(), SecretError> {
        let path = self.path(name)?;
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(SecretError::Disk { path, cause }),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn path(&self, name: &str) -> Result<PathBuf, SecretError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err(SecretError::Name(name.to_owned()));
        }
        Ok(self.folder.join(name))
    }
}

/// What the login at a cloud is kept as.
pub fn login_of(cloud: &CloudUrl) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    format!("login_{}", cloud.to_string().chars().map(plain).collect::<String>())
}

impl Secrets for SecretStore {
    fn secret(&self, name: &str) -> Result<SecretString, String> {
        let absent = || SecretError::Absent { name: name.to_owned(), folder: self.folder.clone() };
        self.get(name).and_then(|secret| secret.ok_or_else(absent)).map_err(|error| error.to_string())
    }
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private_file(path: &Path) -> io::Result<File> {
    // One that a crash left keeps its mode: it is made anew.
    let _gone = fs::remove_file(path);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_for_its_owner_replaced_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = SecretStore::new(folder.path().join("deep/secrets"));
        let name = login_of(&"https://[::1]:8443".parse().unwrap());
        assert!(store.get(&name).unwrap().is_none());
        for text in ["first", "second"] {
            store.keep(&name, &SecretString::from(text)).unwrap();
            assert_eq!(store.get(&name).unwrap().unwrap().expose_secret(), text);
        }
        assert!(!is_readable_by_others(&store.path(&name).unwrap()));
        store.forget(&name).unwrap();
        store.forget(&name).unwrap();
        assert!(store.secret(&name).unwrap_err().contains("put a file of that name there"));
    }

    #[test]
    #[cfg(unix)]
    fn a_secret_that_others_can_read_is_refused_with_what_to_do() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = SecretStore::new(folder.path());
        store.keep("obs", &SecretString::from("x")).unwrap();
        fs::set_permissions(folder.path().join("obs"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(store.get("obs").unwrap_err().to_string().contains("chmod 600"));
        for wrong in ["", "../obs", ".hidden", "a/b"] {
            assert!(matches!(store.get(wrong), Err(SecretError::Name(_))), "{wrong}");
        }
    }
}
