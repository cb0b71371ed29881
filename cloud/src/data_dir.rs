//! The data directory: the database, the token key, the pepper and the self-signed certificate.
//!
//! It refuses to be read by others: the directory is 0700 and each secret 0600. Passphrases stand
//! in the database sealed; who can read this directory is the server. Invariant: a secret that exists is
//! never made again.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use crate::random;
use crate::store::DatabaseUrl;

const TOKEN_KEY: &str = "token-key.pem";
/// A session token lives a day; the hour is for servers that have not looked yet, and for clocks.
const FOLLOWED_KEY_LIVES_MS: u64 = 25 * 3_600_000;
/// Holds the keys that seal secrets, where they shall stand on no disk.
const SEALING_KEYS: &str = "RETURNFEED_SEALING_KEYS";

/// A directory that is ours.
#[derive(Debug, Clone)]
pub struct DataDir {
    root: PathBuf,
}

/// The keys of tokens, in PEM.
pub struct TokenKeys {
    /// Signs.
    pub newest: SecretString,
    /// Verify only; the youngest first.
    pub before: Vec<SecretString>,
}

/// A file or directory that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {cause}; see that the directory belongs to this user and has room", .path.display())]
pub struct DataDirError {
    path: PathBuf,
    cause: io::Error,
}

/// A directory that nobody else serves from; the kernel gives it back also when we are killed.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// The directory cannot be had alone.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it.
    #[error(
        "a server runs on the data directory {} already; stop it, or name another one by data_dir", .0.display()
    )]
    Taken(PathBuf),
    /// The file of the lock.
    #[error(transparent)]
    File(DataDirError),
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
        let about = std::fs::metadata(root).map_err(at)?;
        // What root makes here, the server's own user could not write.
        if nix::unistd::geteuid().is_root() && about.uid() != 0 {
            let owner = nix::unistd::User::from_uid(about.uid().into()).ok().flatten();
            let owner = owner.map_or_else(|| about.uid().to_string(), |owner| owner.name);
            let why = format!(
                "it belongs to {owner}; run this as that user: runuser -u {owner} -- returnfeed-cloud ..."
            );
            return Err(at(io::Error::other(why)));
        }
        let mode = about.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(root, PermissionsExt::from_mode(0o700)).map_err(at)?;
        }
        Ok(Self { root: root.to_owned() })
    }

    /// The directory as it is, where it is one; nothing is made or changed.
    pub fn existing(root: &Path) -> Option<Self> {
        root.is_dir().then(|| Self { root: root.to_owned() })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Keeps every other server and every restore away from this directory, until it is dropped.
    ///
    /// # Errors
    /// When one of them has it.
    pub fn lock(&self) -> Result<DataLock, LockError> {
        let path = self.root.join("lock");
        let at = |cause| LockError::File(DataDirError { path: path.clone(), cause });
        let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
        let file = opened.map_err(at)?;
        match file.try_lock() {
            Ok(()) => Ok(DataLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken(self.root.clone())),
            Err(TryLockError::Error(cause)) => Err(at(cause)),
        }
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

    /// The Ed25519 keys of tokens, PKCS#8 PEM: the one that signs, and those before it whose tokens are still good. Older
    /// ones are removed.
    ///
    /// # Errors
    /// When one can neither be read nor made.
    pub fn token_keys(&self, now: u64) -> Result<TokenKeys, DataDirError> {
        let newest = self.secret(TOKEN_KEY, new_token_key)?;
        let mut before = Vec::new();
        for (path, followed_at) in self.followed_keys()? {
            if followed_at.saturating_add(FOLLOWED_KEY_LIVES_MS) > now {
                let read = std::fs::read_to_string(&path).map(SecretString::from);
                before.push(read.map_err(|cause| DataDirError { path, cause })?);
            } else {
                let _ = std::fs::remove_file(path); // the next look tries again, and nobody takes its tokens
            }
        }
        Ok(TokenKeys { newest, before })
    }

    /// Makes a new key that signs from now on. The one before verifies until its last token has expired, or is forgotten
    /// at once with all of them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn rotate_token_key(&self, now: u64, forget: bool) -> Result<(), DataDirError> {
        let path = self.root.join(TOKEN_KEY);
        let at = |path: &Path, cause| DataDirError { path: path.to_owned(), cause };
        let current = self.secret(TOKEN_KEY, new_token_key)?;
        if !forget {
            let followed = self.root.join(format!("token-key-{now}.pem"));
            let kept = write_private(&followed, current.expose_secret().as_bytes(), Existing::Replace);
            kept.map_err(|cause| at(&followed, cause))?;
        }
        write_private(&path, new_token_key().as_bytes(), Existing::Replace)
            .map_err(|cause| at(&path, cause))?;
        for (followed, _) in if forget { self.followed_keys()? } else { Vec::new() } {
            std::fs::remove_file(&followed).map_err(|cause| at(&followed, cause))?;
        }
        Ok(())
    }

    /// The keys that another one followed, and when: `token-key-UNIXMS.pem`.
    fn followed_keys(&self) -> Result<Vec<(PathBuf, u64)>, DataDirError> {
        let at = |cause| DataDirError { path: self.root.clone(), cause };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.root).map_err(at)? {
            let path = entry.map_err(at)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let when =
                name.and_then(|name| name.strip_prefix("token-key-")?.strip_suffix(".pem")?.parse().ok());
            found.extend(when.map(|when| (path, when)));
        }
        found.sort_by_key(|(_, when)| std::cmp::Reverse(*when));
        Ok(found)
    }

    /// What every password is mixed with, so that a stolen database alone is worth little.
    ///
    /// # Errors
    /// When it can neither be read nor made.
    pub fn pepper(&self) -> Result<SecretString, DataDirError> {
        self.secret("pepper", random::text::<32>)
    }

    /// The keys that seal secrets in the database; those of the environment, where it has some.
    ///
    /// # Errors
    /// When they can neither be read nor made.
    pub fn sealing_keys(&self) -> Result<SecretString, DataDirError> {
        match std::env::var(SEALING_KEYS) {
            Ok(keys) => Ok(keys.into()),
            Err(_) => self.secret("sealing-keys", random::text::<32>),
        }
    }

    /// Where the self-signed certificate is kept.
    pub fn certificate(&self) -> PathBuf {
        self.root.join("certificate.pem")
    }

    /// Where its key is kept.
    pub fn certificate_key(&self) -> PathBuf {
        self.root.join("certificate-key.pem")
    }

    /// Where the certificate of an authority is kept.
    pub fn acme_certificate(&self) -> PathBuf {
        self.root.join("acme-certificate.pem")
    }

    /// Where its key is kept.
    pub fn acme_certificate_key(&self) -> PathBuf {
        self.root.join("acme-certificate-key.pem")
    }

    /// Where the account with that authority is kept.
    pub fn acme_account(&self) -> PathBuf {
        self.root.join("acme-account.json")
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

fn new_token_key() -> String {
    rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("aws-lc makes Ed25519 keys").serialize_pem()
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
    fn a_key_that_was_followed_is_kept_for_as_long_as_its_tokens_live() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        let text = |keys: &TokenKeys| (keys.newest.expose_secret().to_owned(), keys.before.len());
        let (first, none) = text(&data.token_keys(1_000).unwrap());
        data.rotate_token_key(1_000, false).unwrap();
        let keys = data.token_keys(1_000).unwrap();
        assert_eq!((none, keys.before[0].expose_secret()), (0, first.as_str()));
        assert_ne!(keys.newest.expose_secret(), first);
        data.rotate_token_key(2_000, false).unwrap();
        assert_eq!(data.token_keys(1_000 + FOLLOWED_KEY_LIVES_MS).unwrap().before.len(), 1);
        data.rotate_token_key(3_000, true).unwrap();
        assert_eq!(data.token_keys(3_000).unwrap().before.len(), 0);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left of the others");
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
