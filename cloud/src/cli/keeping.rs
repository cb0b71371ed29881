//! `backup` and `restore`.

use std::path::PathBuf;

use super::Place;
use crate::clock::Clock;
use crate::data_dir::DataDir;
use crate::keeping::{Keys, backup, restore};

/// `backup`.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    #[command(flatten)]
    place: Place,
    /// Where it goes: a file that is not there yet
    file: PathBuf,
    /// Leave the keys of the data directory out: the file then opens nothing by itself
    #[arg(long)]
    without_keys: bool,
}

/// `restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    #[command(flatten)]
    place: Place,
    /// What `backup` wrote, or a copy in DATA_DIR/copies
    file: PathBuf,
    /// Put it in the place of what stands; that is backed up first
    #[arg(long)]
    replace: bool,
}

impl Backup {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = self.place.decide()?;
        let data = DataDir::open(&config.data_dir)?;
        let keys = if self.without_keys { Keys::Without } else { Keys::With };
        let made = backup(&config.database, &data, &self.file, keys, Clock::default().unix_ms()).await?;
        println!("{} holds {} as it is now (tables {}).", self.file.display(), config.database, made.tables);
        if made.keys {
            eprintln!(
                "Its keys are in it: whoever has the file has the server. Keep it where nobody else reads."
            );
        }
        Ok(())
    }
}

impl Restore {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = self.place.decide()?;
        let data = DataDir::open(&config.data_dir)?;
        let now = Clock::default().unix_ms();
        let done = restore(&self.file, &config.database, &data, self.replace, now).await?;
        let day =
            i64::try_from(done.manifest.taken_at).ok().and_then(chrono::DateTime::from_timestamp_millis);
        let day = day.map_or_else(String::new, |day| day.format(" of %Y-%m-%d %H:%M UTC").to_string());
        println!(
            "The backup{day} stands (version {}, tables {}).",
            done.manifest.version, done.manifest.tables
        );
        if let Some(before) = done.before {
            println!("What stood before is in {}.", before.display());
        }
        if !done.manifest.keys {
            eprintln!(
                "The backup has no keys: without those of its time nobody can log in, and passphrases do not open."
            );
        }
        Ok(())
    }
}
