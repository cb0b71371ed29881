//! The file of a backup: a tar (POSIX.1-1988 ustar) of `manifest.json`, `database` and, with the keys, `data/`.
//!
//! It refuses names that lead out of their folder. Invariant: it stands whole and of mode 0600, or not at all.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use tar::{Archive, Builder, Header};

use super::{COPIES, KeepingError, Keys, beside};
use crate::data_dir::{DataDir, Existing, write_private};
use crate::store::{DatabaseUrl, Stands};

const FORMAT: u32 = 1;
pub(super) const DATABASE: &str = "database";
const MANIFEST: &str = "manifest.json";
const DATA: &str = "data";
/// A manifest is some hundred bytes, a key some thousand.
const SMALL: u64 = 1024 * 1024;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the file; this program reads 1.
    pub format: u32,
    /// Of the program that took it.
    pub version: String,
    /// Unix time in ms.
    pub taken_at: u64,
    /// `SQLite` or `PostgreSQL`.
    pub database: String,
    /// The newest migration of its tables.
    pub tables: i64,
    /// Whether the keys of the data directory are in it.
    pub keys: bool,
}

impl Manifest {
    pub(super) fn new(database: &DatabaseUrl, stands: &Stands, keys: Keys, now: u64) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at: now,
            database: kind(database).to_owned(),
            tables: stands.applied.unwrap_or(0),
            keys: keys == Keys::With,
        }
    }
}

pub(super) fn kind(database: &DatabaseUrl) -> &'static str {
    match database {
        DatabaseUrl::Sqlite(_) => "SQLite",
        DatabaseUrl::Postgres(_) => "PostgreSQL",
    }
}

/// Writes it.
pub(super) fn write(
    file: &Path,
    manifest: &Manifest,
    dump: &Path,
    data: &DataDir,
    database: &DatabaseUrl,
) -> Result<(), KeepingError> {
    let draft = beside(file, "tar");
    let at = |cause| KeepingError::File { path: draft.clone(), cause };
    write_private(&draft, b"", Existing::Replace).map_err(at)?;
    let filled = fill(&draft, manifest, dump, data, database);
    let placed = filled.and_then(|()| std::fs::hard_link(&draft, file));
    let _ = std::fs::remove_file(&draft); // a draft left behind harms nobody
    placed.map_err(|cause| KeepingError::File { path: file.to_owned(), cause })
}

fn fill(
    draft: &Path,
    manifest: &Manifest,
    dump: &Path,
    data: &DataDir,
    database: &DatabaseUrl,
) -> io::Result<()> {
    let mut tar = Builder::new(File::options().write(true).open(draft)?);
    let text = serde_json::to_vec_pretty(manifest)?;
    append(&mut tar, MANIFEST, manifest.taken_at, text.len() as u64, &text[..])?;
    let dump = File::open(dump)?;
    append(&mut tar, DATABASE, manifest.taken_at, dump.metadata()?.len(), dump)?;
    if manifest.keys {
        for path in files_of(data.root(), database)? {
            let name = Path::new(DATA).join(path.strip_prefix(data.root()).unwrap_or(&path));
            let bytes = std::fs::read(&path)?;
            append(&mut tar, name, manifest.taken_at, bytes.len() as u64, &bytes[..])?;
        }
    }
    tar.into_inner()?.sync_all()
}

fn append(
    tar: &mut Builder<File>,
    name: impl AsRef<Path>,
    at: u64,
    size: u64,
    bytes: impl io::Read,
) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(at / 1000);
    tar.append_data(&mut header, name, bytes)
}

/// Keys and certificates: all that the directory holds beside the database, its copies, the lock and drafts.
fn files_of(root: &Path, database: &DatabaseUrl) -> io::Result<Vec<PathBuf>> {
    let database = match database {
        DatabaseUrl::Sqlite(file) => {
            file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned()
        }
        DatabaseUrl::Postgres(_) => "returnfeed.db".to_owned(), // of the time before
    };
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let kind = entry.file_type()?;
            if kind.is_dir() && name != COPIES {
                folders.push(path);
            } else if kind.is_file()
                && !name.starts_with(&database)
                && name != "lock"
                && !name.ends_with(".draft")
            {
                found.push(path);
            }
        }
    }
    found.retain(|path| path.metadata().is_ok_and(|about| about.len() < SMALL));
    found.sort();
    Ok(found)
}

/// What a file says of itself.
///
/// # Errors
/// When it is no backup, or one that this program cannot read.
pub fn read_manifest(file: &Path) -> Result<Manifest, KeepingError> {
    let not = |why: String| KeepingError::NotABackup { path: file.to_owned(), why };
    let opened = File::open(file).map_err(|cause| KeepingError::File { path: file.to_owned(), cause })?;
    let mut tar = Archive::new(opened);
    let mut entries = tar.entries().map_err(|error| not(error.to_string()))?;
    let first = entries
        .next()
        .ok_or_else(|| not("it is empty".to_owned()))?
        .map_err(|error| not(error.to_string()))?;
    if first.path().map_err(|error| not(error.to_string()))? != Path::new(MANIFEST) {
        return Err(not("it does not begin with manifest.json".to_owned()));
    }
    let mut text = String::new();
    first.take(SMALL).read_to_string(&mut text).map_err(|error| not(error.to_string()))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| not(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(not(format!("it is of format {}, and this program reads {FORMAT}", manifest.format)));
    }
    Ok(manifest)
}

/// Takes it apart into a folder: `database`, and `data/`. What is cut off in the middle is found here.
pub(super) fn unpack(file: &Path, into: &Path) -> Result<(), KeepingError> {
    let not = |error: io::Error| KeepingError::NotABackup { path: file.to_owned(), why: error.to_string() };
    let mut tar = Archive::new(File::open(file).map_err(not)?);
    let mut whole = false;
    for entry in tar.entries().map_err(not)? {
        let mut entry = entry.map_err(not)?;
        let name = entry.path().map_err(not)?.into_owned();
        if !entry.header().entry_type().is_file()
            || !name.components().all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(not(io::Error::other(format!("{} has no place in it", name.display()))));
        }
        whole |= name == Path::new(DATABASE);
        let path = into.join(&name);
        path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(not)?;
        write_private(&path, b"", Existing::Replace).map_err(not)?;
        let mut file = File::options().write(true).open(&path).map_err(not)?;
        let copied = io::copy(&mut entry, &mut file).map_err(not)?;
        if copied != entry.size() {
            return Err(not(io::Error::other(format!("{} is cut off", name.display()))));
        }
    }
    if whole { Ok(()) } else { Err(not(io::Error::other("it holds no database"))) }
}

/// The files of `data/` that were taken apart, as paths inside the data directory.
pub(super) fn unpacked_data(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let root = folder.join(DATA);
    if !root.is_dir() {
        return Ok(Vec::new());
    }
    let none = DatabaseUrl::Sqlite(PathBuf::from("/\0")); // nothing is called so
    let found = files_of(&root, &none)?;
    Ok(found.iter().filter_map(|path| path.strip_prefix(&root).ok().map(Path::to_owned)).collect())
}

pub(super) fn in_data(folder: &Path, name: &Path) -> PathBuf {
    folder.join(DATA).join(name)
}
