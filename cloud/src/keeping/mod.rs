//! What is kept so that it can be had again: a backup is one file with the database and the keys that open it.
//!
//! A backup is taken beside a server that runs; a restore refuses to touch data that a server has, or that would be lost.
//! Before tables are brought up to date a backup is taken by itself, so that the version of before can be had back.
//! Invariant: what stands is never replaced before a copy of it is whole on the disk.

mod archive;
mod postgres;
mod restore;

use std::io;
use std::path::{Path, PathBuf};

pub use archive::{Manifest, read_manifest};
pub use restore::{Restored, restore};

use crate::data_dir::{DataDir, DataDirError, Existing, LockError, write_private};
use crate::store::{DatabaseUrl, Stands, Store, StoreError, copy_file};

/// Where copies that were taken by themselves stand, in the data directory.
const COPIES: &str = "copies";
/// So many of them; the oldest go first.
const COPIES_KEPT: usize = 5;

/// What stands in the way of a backup or a restore.
#[derive(Debug, thiserror::Error)]
pub enum KeepingError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data directory.
    #[error(transparent)]
    Data(#[from] DataDirError),
    /// A server runs.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file.
    #[error("cannot use {}: {cause}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It would be overwritten.
    #[error("{} is there already; name another file", .0.display())]
    Exists(PathBuf),
    /// It is none, or not whole.
    #[error("{} is no backup of ReturnFeed, or not a whole one: {why}", .path.display())]
    NotABackup {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Of the other kind of database.
    #[error(
        "the backup is of {theirs} and database_url names {ours}: restore it into {theirs}, then move it by \
         `returnfeed-cloud copy`"
    )]
    OtherKind {
        /// In the backup.
        theirs: String,
        /// In the settings.
        ours: &'static str,
    },
    /// Something would be lost.
    #[error(
        "there is data in {0} already; add --replace to put the backup in its place (what stands is copied first)"
    )]
    NotEmpty(String),
    /// PostgreSQL's own program.
    #[error(
        "{program} cannot be run ({cause}); install postgresql-client of the database's version or newer"
    )]
    NoProgram {
        /// Which.
        program: &'static str,
        /// Why.
        cause: io::Error,
    },
    /// PostgreSQL's own program did not do it.
    #[error("{program} failed: {said}")]
    Program {
        /// Which.
        program: &'static str,
        /// Its last words.
        said: String,
    },
}

/// Takes a backup into a file that is not there yet, of mode 0600.
///
/// # Errors
/// Says what is in the way; nothing is left behind then.
pub async fn backup(
    database: &DatabaseUrl,
    data: &DataDir,
    file: &Path,
    keys: Keys,
    now: u64,
) -> Result<Manifest, KeepingError> {
    if file.exists() {
        return Err(KeepingError::Exists(file.to_owned()));
    }
    let stands = Stands::at(database).await?;
    let dump = beside(file, "database");
    let made = async {
        // Made empty first, for its mode.
        let empty = write_private(&dump, b"", Existing::Replace);
        empty.map_err(|cause| KeepingError::File { path: dump.clone(), cause })?;
        match database {
            DatabaseUrl::Sqlite(source) => copy_file(source, &dump).await?,
            DatabaseUrl::Postgres(options) => postgres::dump(options, &dump).await?,
        }
        let manifest = Manifest::new(database, &stands, keys, now);
        archive::write(file, &manifest, &dump, data, database)?;
        Ok(manifest)
    };
    let made = made.await;
    let _ = std::fs::remove_file(&dump); // it may not be there
    made
}

/// Whether the keys of the data directory go into a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Who has the file has the server.
    With,
    /// The file opens nothing by itself.
    Without,
}

/// Opens the database as every start does; where that changes its tables, a backup is taken first.
///
/// # Errors
/// When it cannot be used, or a copy cannot be taken though it could be.
pub async fn open(database: &DatabaseUrl, data: &DataDir, now: u64) -> Result<Store, KeepingError> {
    data.make_room_for(database)?;
    // What is wrong with it is told by the opening itself.
    if let Ok(stands) = Stands::at(database).await
        && stands.is_behind()
    {
        before_migration(database, data, &stands, now).await?;
    }
    Ok(Store::open(database).await?)
}

async fn before_migration(
    database: &DatabaseUrl,
    data: &DataDir,
    stands: &Stands,
    now: u64,
) -> Result<(), KeepingError> {
    let (from, to) = (stands.applied.unwrap_or(0), stands.known);
    let file = copies(data)?.join(format!("{now}-before-tables-{from}-became-{to}.tar"));
    match backup(database, data, &file, Keys::With, now).await {
        Ok(_) => {
            tracing::info!(copy = %file.display(), from, to, "the tables are brought up to date; a copy is kept");
            forget_oldest(data)
        }
        // A machine without PostgreSQL's programs has its backups elsewhere, and the show must go on.
        Err(KeepingError::NoProgram { program, .. }) => {
            tracing::warn!(
                from,
                to,
                "{program} is not installed: no copy is kept from before the tables change"
            );
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The folder of the copies that were taken by themselves.
fn copies(data: &DataDir) -> Result<PathBuf, KeepingError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let path = data.root().join(COPIES);
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
    made.map_err(|cause| KeepingError::File { path: path.clone(), cause })?;
    Ok(path)
}

/// Their names begin with the time, in as many digits until the year 2286.
fn forget_oldest(data: &DataDir) -> Result<(), KeepingError> {
    let folder = copies(data)?;
    let at = |cause| KeepingError::File { path: folder.clone(), cause };
    let mut kept: Vec<_> =
        std::fs::read_dir(&folder).map_err(at)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    kept.sort();
    for old in kept.iter().rev().skip(COPIES_KEPT) {
        let _ = std::fs::remove_file(old); // the next time tries again
    }
    Ok(())
}

/// A file in the same folder, for a while.
fn beside(file: &Path, what: &str) -> PathBuf {
    file.with_extension(format!("{what}.draft"))
}
