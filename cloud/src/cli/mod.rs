//! The command line: `serve`, and what a host does beside it on the same data directory.
//!
//! It refuses to print a secret where a log would keep it: a password is read from standard input, a token goes to a
//! file of mode 0600 or into JSON that was asked for.

mod account;
mod database;
mod doctor;
mod keeping;
mod keys;
mod links;
mod serve;
mod session;
mod setup;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::clock::Clock;
use crate::config::{Config, ConfigError, Settings};
use crate::data_dir::DataDir;
use crate::keeping::open;
use crate::sealing::Sealer;
use crate::store::{DatabaseUrl, Store};

/// Where the package puts the settings.
const SETTINGS: &str = "/etc/returnfeed/cloud.toml";

/// ReturnFeed's server: SRT in, WebRTC out, accounts, sessions and the tally, one binary
#[derive(Debug, Parser)]
#[command(name = "returnfeed-cloud", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(Box<Settings>),
    /// Set up an installed server: its name, certificate, first administrator and data, and start it
    Setup(Box<setup::Setup>),
    /// Say what stands between this machine and a show, and what to do about it
    Doctor(Box<doctor::Doctor>),
    /// Accounts
    #[command(subcommand)]
    Account(account::Command),
    /// Bring the database's tables up to date, as each start does
    Migrate(database::Migrate),
    /// Put the database and the keys that open it into one file, beside a server that runs or not
    Backup(keeping::Backup),
    /// Put what `backup` wrote in place; stop the server first
    Restore(keeping::Restore),
    /// Copy everything into another database, which must be empty; stop the server first
    Copy(database::Copy),
    /// The keys that sign tokens
    #[command(subcommand)]
    Keys(keys::Command),
    /// Sessions
    #[command(subcommand)]
    Session(session::Command),
}

/// Where the data is, for commands that run beside the server.
#[derive(Debug, Clone, clap::Args)]
struct Place {
    /// TOML file of the server's settings
    #[arg(long, value_name = "FILE", env = "RETURNFEED_CONFIG")]
    config: Option<PathBuf>,

    /// Where accounts, sessions and keys live
    #[arg(long, value_name = "DIR", env = "RETURNFEED_DATA_DIR")]
    data_dir: Option<PathBuf>,

    /// The database, where it is not the file in the data directory
    #[arg(long, value_name = "URL", env = "RETURNFEED_DATABASE_URL", hide_env_values = true)]
    database_url: Option<DatabaseUrl>,
}

/// The data directory and what is in it.
struct Opened {
    config: Config,
    data: DataDir,
    store: Store,
    sealer: Sealer,
    clock: Clock,
}

impl Cli {
    /// Does what was asked for.
    ///
    /// # Errors
    /// One sentence for the person at the terminal.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let done: anyhow::Result<()> = match self.command {
            Command::Doctor(doctor) => return doctor.run().await,
            Command::Setup(setup) => setup.run(),
            Command::Serve(settings) => serve::run(*settings).await,
            Command::Account(command) => account::run(command).await,
            Command::Migrate(command) => command.run().await,
            Command::Backup(command) => command.run().await,
            Command::Restore(command) => command.run().await,
            Command::Copy(command) => command.run().await,
            Command::Keys(command) => keys::run(command).await,
            Command::Session(command) => session::run(command).await,
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

impl Place {
    fn decide(self) -> anyhow::Result<Config> {
        let Self { config, data_dir, database_url } = self;
        let config = if data_dir.is_none() { config.or_else(installed) } else { config };
        let settings = Settings { config, data_dir, database_url, ..Settings::default() };
        settings.decide().map_err(|error: ConfigError| anyhow::anyhow!(error))
    }

    async fn open(self) -> anyhow::Result<Opened> {
        let config = self.decide()?;
        let data = DataDir::open(&config.data_dir)?;
        let clock = Clock::default();
        let store = open(&config.database, &data, clock.unix_ms()).await?;
        let sealer = Sealer::new(&data.sealing_keys()?)?;
        Ok(Opened { config, data, store, sealer, clock })
    }
}

/// The settings of a server that was installed by its package, for whoever may read them and names no others.
fn installed() -> Option<PathBuf> {
    std::fs::File::open(SETTINGS).ok().map(|_| SETTINGS.into())
}

/// A refusal of the API's rules, as one sentence.
fn sentence(problem: crate::api::problem::ApiProblem) -> anyhow::Error {
    let problem = problem.into_problem();
    anyhow::anyhow!("{}. {}", problem.title, problem.detail)
}
