//! The data directory: the database, the token key, the pepper and the self-signed certificate.
//!
//! It refuses to be read by others: the directory is 0700 and each secret 0600. Passphrases and publish keys stand
//! in the database as they are; who can read this directory is the server. Invariant: a secret that exists is
//! never made again.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::random;
use crate::store::DatabaseUrl;

/// A directory that is ours.
#[derive(Debug, Clone)]
pub struct DataDir {
    root: PathBuf,
}

/// A file or directory that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {cause}; see that the directory belongs to this user and has room", .path.display())]
pub struct DataDirError {
    path: PathBuf,
    cause: io::Error,
}

impl DataDir {
    /// Makes the directory, or takes it as it is.
    ///
    /// # Errors
    /// When it cannot be made or is readable by others and that cannot be changed.
    pub fn open(root: &Path) -> Result<Self, DataDirError> {
        let at = |cause| DataDirError { path: root.to_owned(), cause };
        let root = &std::path::absolute(root).map_err(at)?;
        DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(at)?;
        let mode = std::fs::metadata(root).map_err(at)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(root, PermissionsExt::from_mode(0o700)).map_err(at)?;
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Makes the database's file, where it is one and is not there: empty and with mode 0600, so that its side files
    /// inherit it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_room_for(&self, database: &DatabaseUrl) -> Result<(), DataDirError> {
        let DatabaseUrl::Sqlite(path) = database else { return Ok(()) };
        let made = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
        made.map(|_| ()).map_err(|cause| DataDirError { path: path.clone(), cause })
    }

    /// The Ed25519 key that signs tokens, PKCS#8 PEM.
    ///
    /// # Errors
    /// When it can neither be read nor made.
    pub fn token_key(&self) -> Result<SecretString, DataDirError> {
        self.secret("token-key.pem", || {
            rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519)
                .expect("aws-lc makes Ed25519 keys")
                .serialize_pem()
        })
    }

    /// What every password is mixed with, so that a stolen database alone is worth little.
    ///
    /// # Errors
    /// When it can neither be read nor made.
    pub fn pepper(&self) -> Result<SecretString, DataDirError> {
        self.secret("pepper", random::text::<32>)
    }

    /// Where the self-signed certificate is kept.
    pub fn certificate(&self) -> PathBuf {
        self.root.join("certificate.pem")
    }

    /// Where its key is kept.
    pub fn certificate_key(&self) -> PathBuf {
        self.root.join("certificate-key.pem")
    }

    fn secret(&self, name: &str, make: impl FnOnce() -> String) -> Result<SecretString, DataDirError> {
        let path = self.root.join(name);
        let at = |cause| DataDirError { path: path.clone(), cause };
        if !path.try_exists().map_err(at)? {
            match write_private(&path, make().as_bytes(), Existing::Keep) {
                // Another process of ours was first.
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
                other => other.map_err(at)?,
            }
        }
        std::fs::read_to_string(&path).map(SecretString::from).map_err(at)
    }
}

/// What to do with a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Keep,
    Replace,
}

/// Writes a file of mode 0600, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8], existing: Existing) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.draft", random::text::<8>()));
    let written =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
    let placed = written.and_then(|()| match existing {
        Existing::Keep => std::fs::hard_link(&draft, path),
        Existing::Replace => std::fs::rename(&draft, path),
    });
    if placed.is_err() || existing == Existing::Keep {
        let _ = std::fs::remove_file(&draft); // a draft left behind harms nobody
    }
    placed
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("data");
        let first = DataDir::open(&root).unwrap().pepper().unwrap();
        let again = DataDir::open(&root).unwrap().pepper().unwrap();
        assert_eq!(first.expose_secret(), again.expose_secret());
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&root), mode(&root.join("pepper"))), (0o700, 0o600));
        assert_eq!(std::fs::read_dir(&root).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_directory_that_others_could_read_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
        DataDir::open(dir.path()).unwrap();
        assert_eq!(std::fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_place_that_cannot_be_used_is_named() {
        let error = DataDir::open(Path::new("/dev/null/data")).unwrap_err();
        assert!(error.to_string().contains("/dev/null/data"));
    }
}
