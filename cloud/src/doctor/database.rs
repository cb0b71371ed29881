//! The database: whether it answers, and whether its tables are of this program's time.

use super::Finding;
use crate::config::Config;
use crate::store::{DatabaseUrl, Stands, StoreError};

const CHECK: &str = "database";

/// The finding, and what else the database tells.
pub(super) async fn look(config: &Config) -> (Finding, Option<Stands>) {
    if let DatabaseUrl::Sqlite(file) = &config.database
        && !file.exists()
    {
        return (
            Finding::look(CHECK, format!("{} is not there yet", config.database), "the first start makes it"),
            None,
        );
    }
    match Stands::at(&config.database).await {
        Ok(stands) => (found(config, &stands), Some(stands)),
        Err(error) => (broken(config, &error), None),
    }
}

fn found(config: &Config, stands: &Stands) -> Finding {
    let says = format!("{} answers ({})", config.database, stands.software);
    match stands.applied {
        None => Finding::look(CHECK, format!("{says} and is empty"), "the first start makes its tables"),
        Some(at) if at > stands.known => {
            broken(config, &StoreError::Newer { theirs: at, ours: stands.known })
        }
        Some(at) if at < stands.known => {
            let says = format!("{says}; its tables are at {at}, this program's at {}", stands.known);
            Finding::look(CHECK, says, "the next start brings them up to date, and keeps a copy from before")
        }
        Some(at) => Finding::ok(CHECK, format!("{says}; its tables are at {at}, as this program knows them")),
    }
}

fn broken(config: &Config, error: &StoreError) -> Finding {
    let cure = match error {
        StoreError::Newer { .. } => "",
        _ => "see that it runs, that database_url is right, and that it lets this user in",
    };
    Finding::broken(CHECK, format!("{}: {error}", config.database), cure)
}
