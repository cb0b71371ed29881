//! `account create`: an account, by whoever may read the data directory.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use secrecy::SecretString;

use super::{Place, sentence};
use crate::api::accounts::new_account;
use crate::auth::Passwords;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account
    Create {
        #[command(flatten)]
        place: Place,
        /// Their e-mail: what they log in with
        #[arg(long)]
        email: String,
        /// Shown to others
        #[arg(long)]
        name: String,
        /// Read the password from the first line of standard input, without asking
        #[arg(long)]
        password_stdin: bool,
    },
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    let Command::Create { place, email, name, password_stdin } = command;
    let opened = place.open().await?;
    let account = new_account(opened.clock.unix_ms(), &email, &name).map_err(sentence)?;
    let password = read_password(password_stdin)?;
    let hash = Passwords::new(&opened.data.pepper()?).hash(&password).await?;
    if !opened.store.add_account(&account, &hash, opened.clock.unix_ms()).await? {
        bail!("{} has an account already", account.email);
    }
    opened.store.close().await;
    println!("{} has an account now ({})", account.email, account.id);
    Ok(())
}

fn read_password(asked_for: bool) -> anyhow::Result<SecretString> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("Password (8 to 128 characters; it is shown as you type): ");
    } else if !asked_for {
        bail!("there is no terminal to ask for the password: pipe it in and add --password-stdin");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).context("the password cannot be read")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}
