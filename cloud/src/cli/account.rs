//! `account create`, `invite`, `reset`, `verify-link`, `reset-second-factor` and `host`: accounts, by whoever may read the data directory.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use returnfeed_protocol::OneTimeLink;
use secrecy::SecretString;
use serde_json::json;

use super::{Opened, Place, sentence};
use crate::api::accounts::{Lasting, about, link, new_account};
use crate::auth::Passwords;
use crate::store::{Account, Actor, Entry, HostSet};

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
    /// Print a link that lets somebody register, once, within a week (registration = "invite")
    Invite {
        #[command(flatten)]
        place: Place,
        /// For this e-mail alone
        #[arg(long)]
        email: Option<String>,
    },
    /// Print a link for a new password, good once and for a day
    Reset {
        #[command(flatten)]
        place: Place,
        /// Whose
        #[arg(long)]
        email: String,
    },
    /// Print a link that proves an e-mail, good once and for three days; send it to that e-mail and nowhere else
    VerifyLink {
        #[command(flatten)]
        place: Place,
        /// Whose
        #[arg(long)]
        email: String,
    },
    /// Take a second factor away from somebody who has lost it; the password stays
    ResetSecondFactor {
        #[command(flatten)]
        place: Place,
        /// Whose
        #[arg(long)]
        email: String,
    },
    /// Make an account a host's: it sees every user, session and entry of the audit
    Host {
        #[command(flatten)]
        place: Place,
        /// Whose
        #[arg(long)]
        email: String,
        /// Take it away again
        #[arg(long)]
        revoke: bool,
    },
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create { place, email, name, password_stdin } => {
            let opened = place.open().await?;
            create(&opened, &email, &name, password_stdin).await?;
            opened.store.close().await;
        }
        Command::Invite { place, email } => {
            let opened = place.open().await?;
            let email = email.map(|email| new_account(0, &email, "-")).transpose().map_err(sentence)?;
            print(&opened, Lasting::invitation(email.map(|account| account.email))).await?;
            note(&opened, "account.invited", None).await;
            opened.store.close().await;
        }
        Command::Reset { place, email } => {
            let opened = place.open().await?;
            let account = find(&opened, &email).await?;
            print(&opened, Lasting::reset(&account)).await?;
            note(&opened, "password.reset_link", Some(&account)).await;
            opened.store.close().await;
        }
        Command::VerifyLink { place, email } => {
            let opened = place.open().await?;
            let account = find(&opened, &email).await?;
            print(&opened, Lasting::proof(&account)).await?;
            note(&opened, "email.verify_link", Some(&account)).await;
            opened.store.close().await;
        }
        Command::ResetSecondFactor { place, email } => {
            let opened = place.open().await?;
            let account = find(&opened, &email).await?;
            if !opened.store.end_second_factor(account.id).await? {
                bail!("{email} has no second factor");
            }
            note(&opened, "second_factor.reset", Some(&account)).await;
            println!("{} logs in by the password alone now", account.email);
            opened.store.close().await;
        }
        Command::Host { place, email, revoke } => {
            let opened = place.open().await?;
            let account = find(&opened, &email).await?;
            match opened.store.set_host(account.id, !revoke, opened.clock.unix_ms()).await? {
                HostSet::Done => {}
                HostSet::LastHost => bail!("{email} is the last host: make another account a host first"),
                HostSet::Unknown => bail!("{email} is shut: let it in again on the host's page first"),
            }
            note(
                &opened,
                if revoke { "account.host_revoked" } else { "account.host_granted" },
                Some(&account),
            )
            .await;
            println!("{} {}", account.email, if revoke { "is no host any more" } else { "is a host now" });
            opened.store.close().await;
        }
    }
    Ok(())
}

async fn create(opened: &Opened, email: &str, name: &str, password_stdin: bool) -> anyhow::Result<()> {
    let account = new_account(opened.clock.unix_ms(), email, name).map_err(sentence)?;
    let password = read_password(password_stdin)?;
    let hash = Passwords::new(&opened.data.pepper()?).hash_new(&password, about(&account)).await?;
    let Some(account) = opened.store.add_account(&account, &hash, opened.clock.unix_ms()).await? else {
        bail!("{} has an account already", account.email);
    };
    note(opened, "account.created", Some(&account)).await;
    let host = if account.host { ", and is the host" } else { "" };
    println!("{} has an account now ({}){host}", account.email, account.id);
    Ok(())
}

/// The token goes to whoever may read the data directory, and nowhere else: to the terminal.
async fn print(opened: &Opened, lasting: Lasting) -> anyhow::Result<()> {
    let OneTimeLink { path, .. } = link(&opened.store, lasting, None, opened.clock.unix_ms()).await?;
    println!("{path}");
    eprintln!(
        "Put it behind the address of the server, and hand it over where nobody else reads: it is good once."
    );
    Ok(())
}

async fn find(opened: &Opened, email: &str) -> anyhow::Result<Account> {
    let found = opened.store.credentials(email.trim()).await?;
    found.map(|found| found.account).with_context(|| format!("{email} has no account here"))
}

async fn note(opened: &Opened, what: &'static str, account: Option<&Account>) {
    let detail = account.map_or_else(|| json!({}), |account| json!({ "account": account.id.to_string() }));
    let entry = Entry { actor: Actor::CommandLine, session: None, what, detail, address: None };
    opened.store.audit(&entry, opened.clock.unix_ms()).await;
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
