//! `keys rotate`: a new key signs tokens from now on.

use clap::Subcommand;
use serde_json::json;

use super::Place;
use crate::store::{Actor, Entry};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a new key that signs tokens; the one before verifies until its last token has expired (a day)
    Rotate {
        #[command(flatten)]
        place: Place,
        /// Forget the keys before it at once, because one was stolen: everybody must log in or open their link again
        #[arg(long)]
        forget: bool,
    },
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    let Command::Rotate { place, forget } = command;
    let opened = place.open().await?;
    let now = opened.clock.unix_ms();
    opened.data.rotate_token_key(now, forget)?;
    let detail = json!({ "forget": forget });
    let entry =
        Entry { actor: Actor::CommandLine, session: None, what: "keys.rotated", detail, address: None };
    opened.store.audit(&entry, now).await;
    opened.store.close().await;
    println!("A new key signs tokens. A running server takes it up within five seconds.");
    Ok(())
}
