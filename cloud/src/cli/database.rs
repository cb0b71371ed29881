//! `migrate` and `copy`: the database itself.

use super::Place;
use crate::config::database;
use crate::data_dir::DataDir;
use crate::store::{DatabaseUrl, Store, copy};

/// `migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    place: Place,
}

/// `copy`.
#[derive(Debug, clap::Args)]
pub(super) struct Copy {
    #[command(flatten)]
    place: Place,
    /// The database that is full; it is not changed
    #[arg(long, value_name = "URL")]
    from: DatabaseUrl,
    /// The one that is empty
    #[arg(long, value_name = "URL")]
    to: DatabaseUrl,
}

impl Migrate {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let opened = self.place.open().await?;
        println!("{} is up to date.", opened.config.database);
        opened.store.close().await;
        Ok(())
    }
}

impl Copy {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = self.place.decide()?;
        let data = DataDir::open(&config.data_dir)?;
        let (from, to) =
            (database(Some(self.from), &config.data_dir), database(Some(self.to), &config.data_dir));
        let source = Store::open(&from).await?;
        data.make_room_for(&to)?;
        let target = Store::open(&to).await?;
        let counts = copy(&source, &target).await?;
        source.close().await;
        target.close().await;
        for (table, rows) in counts {
            println!("{rows:>10}  {table}");
        }
        println!(
            "All of {from} is in {to}. Set database_url to it, and keep the data directory: its keys are still in use."
        );
        Ok(())
    }
}
