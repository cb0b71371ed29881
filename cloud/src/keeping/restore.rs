//! Puts a backup in the place of what stands, or where nothing stands.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::archive::{self, DATABASE, Manifest, kind, read_manifest};
use super::{KeepingError, Keys, backup, beside, copies, postgres};
use crate::data_dir::{DataDir, Existing, write_private};
use crate::random;
use crate::store::{DatabaseUrl, Stands, StoreError, drop_tables, file_is_whole};

/// What was done.
#[derive(Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Where what stood before is.
    pub before: Option<PathBuf>,
}

/// Puts it in place; `replace`: also where something stands, which is backed up first.
///
/// # Errors
/// Says what is in the way. Until what is restored has been found whole, nothing is changed.
pub async fn restore(
    file: &Path,
    database: &DatabaseUrl,
    data: &DataDir,
    replace: bool,
    now: u64,
) -> Result<Restored, KeepingError> {
    let _alone = data.lock()?;
    let manifest = read_manifest(file)?;
    if manifest.database != kind(database) {
        return Err(KeepingError::OtherKind { theirs: manifest.database, ours: kind(database) });
    }
    let known = crate::store::newest_tables();
    if manifest.tables > known {
        return Err(StoreError::Newer { theirs: manifest.tables, ours: known }.into());
    }
    let stands = standing(database).await?;
    if stands && !replace {
        return Err(KeepingError::NotEmpty(database.to_string()));
    }
    let folder = Unpacked::new(data)?;
    archive::unpack(file, &folder.0)?;
    let dump = folder.0.join(DATABASE);
    match database {
        DatabaseUrl::Sqlite(_) if !file_is_whole(&dump).await.unwrap_or(false) => {
            let why = "its database is damaged".to_owned();
            return Err(KeepingError::NotABackup { path: file.to_owned(), why });
        }
        DatabaseUrl::Sqlite(_) => {}
        DatabaseUrl::Postgres(_) => postgres::there("pg_restore")?,
    }
    let before = if stands {
        let before = copies(data)?.join(format!("{now}-before-restore.tar"));
        backup(database, data, &before, Keys::With, now).await?;
        Some(before)
    } else {
        None
    };
    place_keys(&folder.0, data)?;
    match database {
        DatabaseUrl::Sqlite(target) => place_file(&dump, target)?,
        DatabaseUrl::Postgres(options) => {
            drop_tables(options).await?;
            postgres::fill(options, &dump).await?;
        }
    }
    Ok(Restored { manifest, before })
}

/// Whether there is something to lose: tables of ours, whoever's version they are of.
async fn standing(database: &DatabaseUrl) -> Result<bool, KeepingError> {
    match database {
        DatabaseUrl::Sqlite(file) if !file.exists() => Ok(false),
        // A file that is damaged may be the reason for all this; it is moved aside, not lost.
        DatabaseUrl::Sqlite(file) => match Stands::at(database).await {
            Ok(stands) => Ok(stands.applied.is_some()),
            Err(_) => {
                let aside = beside(file, "damaged");
                std::fs::rename(file, &aside)
                    .map_err(|cause| KeepingError::File { path: file.clone(), cause })?;
                tracing::warn!(file = %aside.display(), "what stood there is no database, and is kept under this name");
                Ok(false)
            }
        },
        DatabaseUrl::Postgres(_) => Ok(Stands::at(database).await?.applied.is_some()),
    }
}

fn place_keys(folder: &Path, data: &DataDir) -> Result<(), KeepingError> {
    let at = |path: &Path, cause| KeepingError::File { path: path.to_owned(), cause };
    for name in archive::unpacked_data(folder).map_err(|cause| at(folder, cause))? {
        let target = data.root().join(&name);
        if let Some(parent) = target.parent() {
            let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent);
            made.map_err(|cause| at(parent, cause))?;
        }
        let bytes = std::fs::read(archive::in_data(folder, &name)).map_err(|cause| at(&name, cause))?;
        write_private(&target, &bytes, Existing::Replace).map_err(|cause| at(&target, cause))?;
    }
    Ok(())
}

/// The log and the shared memory of the database that goes would be taken for those of the one that comes.
fn place_file(dump: &Path, target: &Path) -> Result<(), KeepingError> {
    for side in ["-wal", "-shm"] {
        let mut path = target.as_os_str().to_owned();
        path.push(side);
        let _ = std::fs::remove_file(path); // nobody has it open: the lock is ours
    }
    let at = |cause| KeepingError::File { path: target.to_owned(), cause };
    std::fs::rename(dump, target).or_else(|_| std::fs::copy(dump, target).map(|_| ())).map_err(at)
}

/// A folder beside the data that is gone with us.
struct Unpacked(PathBuf);

impl Unpacked {
    fn new(data: &DataDir) -> Result<Self, KeepingError> {
        let path = data.root().join(format!("restoring-{}", random::text::<8>()));
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|cause| KeepingError::File { path: path.clone(), cause })?;
        Ok(Self(path))
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // it harms nobody
    }
}
