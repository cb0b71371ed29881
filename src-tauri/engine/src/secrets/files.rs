//! Secrets in files: one each, of mode 0600, in a folder of mode 0700. Not encrypted.
//!
//! Refuses a name that could leave the folder. Invariant: a secret is replaced in whole or not at all, and on the disk
//! before [`Files::keep`] returns.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::SecretError;

/// A folder of secrets, which need not be there yet.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) folder: PathBuf,
}

impl Files {
    pub(super) fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
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

    pub(super) fn keep(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
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

    pub(super) fn forget(&self, name: &str) -> Result<(), SecretError> {
        let path = self.path(name)?;
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(SecretError::Disk { path, cause }),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(super) fn path(&self, name: &str) -> Result<PathBuf, SecretError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err(SecretError::Name(name.to_owned()));
        }
        Ok(self.folder.join(name))
    }
}

#[cfg(unix)]
pub(super) fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_readable_by_others(_: &Path) -> bool {
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
