//! Shows on the disk: each a text, its twin, and a note.
//!
//! A file is replaced whole (written beside, flushed, renamed), then its twin, so that of a text that was written one of
//! the two can always be read. What cannot be read is set aside, never removed. Refuses a folder that another director
//! has open.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use returnfeed_protocol::{Show, ShowDigest, ShowError, ShowId, UserId};
use returnfeed_shows::{Doc, Note, Write};

const SHOW: &str = "show.json";
const TWIN: &str = "show.twin.json";
const NOTE: &str = "note.json";
const ACCOUNT: &str = "account.json";

/// A folder of shows, this director's alone.
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The disk.
    #[error("{} cannot be {what} ({cause}); the shows stay as they were", path.display())]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// As the system says it.
        cause: std::io::Error,
    },
    /// Another program.
    #[error("another director has the shows in {} open; close it, or name another folder", .0.display())]
    InUse(PathBuf),
}

/// A file that could not be read, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Of which show.
    pub show: ShowId,
    /// What was wrong.
    pub why: String,
    /// Where it is now.
    pub aside: PathBuf,
    /// Whether its twin stands in for it; if not, the cloud must.
    pub mended: bool,
}

type Read<T> = Result<T, FolderError>;

impl Folder {
    /// Opens it, and makes it where it is not there.
    ///
    /// # Errors
    /// When it cannot be made, or another director has it open.
    pub fn open(path: &Path) -> Read<Self> {
        let fail = |cause| FolderError::Disk { path: path.to_owned(), what: "opened", cause };
        fs::create_dir_all(path).map_err(fail)?;
        let lock = File::create(path.join(".lock")).map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(cause)) => Err(fail(cause)),
        }
    }

    /// Every show of which there is anything.
    pub(super) fn ids(&self) -> Read<BTreeSet<ShowId>> {
        let fail = |cause| FolderError::Disk { path: self.path.clone(), what: "listed", cause };
        let mut ids = BTreeSet::new();
        for entry in fs::read_dir(&self.path).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name();
            let name = name.to_string_lossy();
            if let Some((id, SHOW | TWIN | NOTE)) = name.split_once('.') {
                ids.extend(id.parse::<ShowId>().ok());
            }
        }
        Ok(ids)
    }

    /// A show and its note, and what had to be set aside.
    pub(super) fn read(&self, id: ShowId) -> Read<(Option<Doc>, Option<Note>, Vec<Damage>)> {
        let mut damage = Vec::new();
        let note =
            match self.text(id, NOTE)?.map(|text| serde_json::from_str(&text?).map_err(|e| e.to_string())) {
                None => None,
                Some(Ok(note)) => Some(note),
                Some(Err(why)) => {
                    // Without it the next sync finds out anew where the show stands.
                    damage.push(self.set_aside(id, NOTE, why, true)?);
                    None
                }
            };
        let main = self.show(id, SHOW)?;
        let twin = self.show(id, TWIN)?;
        let text = match (main, twin) {
            (Some(Ok(text)), _) => Some(text),
            (None, Some(Ok(twin))) => Some(twin),
            (Some(Err(why)), Some(Ok(twin))) => {
                damage.push(self.set_aside(id, SHOW, why, true)?);
                self.replace(id, SHOW, &twin)?;
                Some(twin)
            }
            (Some(Err(why)), Some(Err(_)) | None) => {
                damage.push(self.set_aside(id, SHOW, why, false)?);
                None
            }
            (None, Some(Err(why))) => {
                damage.push(self.set_aside(id, TWIN, why, false)?);
                None
            }
            (None, None) => None,
        };
        Ok((text.map(|text| Doc { digest: digest(&text), text }), note, damage))
    }

    /// Writes one thing; when this returns it is on the disk.
    pub(super) fn write(&self, id: ShowId, write: &Write) -> Read<()> {
        match write {
            Write::Show(Some(doc)) => {
                self.replace(id, SHOW, &doc.text)?;
                self.replace(id, TWIN, &doc.text)
            }
            Write::Show(None) => {
                self.remove(id, TWIN)?;
                self.remove(id, SHOW)
            }
            Write::Note(note) => {
                let text = serde_json::to_string_pretty(note).unwrap_or_default();
                self.replace(id, NOTE, &text)
            }
        }
    }

    /// Removes every trace of a show.
    pub(super) fn forget(&self, id: ShowId) -> Read<()> {
        [TWIN, SHOW, NOTE].into_iter().try_for_each(|kind| self.remove(id, kind))
    }

    /// Whether these shows are this account's; the first that asks owns them.
    pub(super) fn belongs_to(&self, user: UserId) -> Read<bool> {
        let path = self.path.join(ACCOUNT);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(serde_json::from_str::<UserId>(&text).is_ok_and(|owner| owner == user)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                replace(&path, &format!("\"{user}\"\n"))?;
                Ok(true)
            }
            Err(cause) => Err(FolderError::Disk { path, what: "read", cause }),
        }
    }

    fn file(&self, id: ShowId, kind: &str) -> PathBuf {
        self.path.join(format!("{id}.{kind}"))
    }

    /// A file's text; `None`: there is none; an error of its own where it is not text.
    fn text(&self, id: ShowId, kind: &str) -> Read<Option<Result<String, String>>> {
        let path = self.file(id, kind);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(FolderError::Disk { path, what: "read", cause }),
        }
    }

    /// A text that is a show. One of a newer version is no damage: it is kept for the program that wrote it.
    fn show(&self, id: ShowId, kind: &str) -> Read<Option<Result<String, String>>> {
        Ok(self.text(id, kind)?.map(|text| {
            let text = text?;
            match Show::parse(&text) {
                Ok(_) | Err(ShowError::Newer { .. }) => Ok(text),
                Err(error) => Err(error.to_string()),
            }
        }))
    }

    fn set_aside(&self, id: ShowId, kind: &str, why: String, mended: bool) -> Read<Damage> {
        let path = self.file(id, kind);
        let aside = self.path.join(format!("{id}.damaged-{}.{kind}", crate::clock::wall_us()));
        fs::rename(&path, &aside).map_err(|cause| FolderError::Disk { path, what: "set aside", cause })?;
        tracing::warn!(show = %id, %why, aside = %aside.display(), mended, "a file of a show was damaged");
        Ok(Damage { show: id, why, aside, mended })
    }

    fn replace(&self, id: ShowId, kind: &str, text: &str) -> Read<()> {
        replace(&self.file(id, kind), text)
    }

    fn remove(&self, id: ShowId, kind: &str) -> Read<()> {
        let path = self.file(id, kind);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed
                .and_then(|()| File::open(&self.path)?.sync_all())
                .map_err(|cause| FolderError::Disk { path, what: "removed", cause }),
        }
    }
}

fn replace(path: &Path, text: &str) -> Read<()> {
    replace_file(path, text).map_err(|cause| FolderError::Disk {
        path: path.to_owned(),
        what: "written",
        cause,
    })
}

/// A file is the old one or the new one, whenever the power fails.
///
/// # Errors
/// What the disk says; then it is the old one.
pub(crate) fn replace_file(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("tmp");
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(path.parent().unwrap_or(path))?.sync_all()
}

/// SHA-256 of a text.
pub(super) fn digest(text: &str) -> ShowDigest {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    ShowDigest::from_bytes(bytes)
}
