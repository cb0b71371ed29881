//! What `returnfeed-director` does besides directing: `sign-in`, `shows` and `report`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use returnfeed_protocol::{SessionId, Show, ShowId};
use returnfeed_shows::State;
use secrecy::SecretString;

use super::place::Place;
use super::report::{ReportArgs, report};
use crate::secrets::{SecretStore, login_of};
use crate::signin::{SignIn, open_browser};
use crate::sync::{Chosen, CloudShows, Library, Refresh};

/// Instead of directing.
#[derive(Debug, Clone, Subcommand)]
pub enum Instead {
    /// Sign in at a cloud by the system's browser; the login is kept for `shows sync`.
    SignIn(SignInArgs),
    /// The shows of this machine.
    Shows(ShowsArgs),
    /// The cut list and the tally report of a session.
    Report(ReportArgs),
}

/// Where to sign in.
#[derive(Debug, Clone, Args)]
pub struct SignInArgs {
    /// Which cloud.
    #[command(flatten)]
    pub place: Place,
    /// Also fetch the right to direct this session.
    #[arg(long, value_name = "ID", requires = "token_file")]
    pub session: Option<SessionId>,
    /// The file for it, which --token-file of a run reads.
    #[arg(long, value_name = "FILE", requires = "session")]
    pub token_file: Option<PathBuf>,
}

/// The shows of this machine.
#[derive(Debug, Clone, Args)]
pub struct ShowsArgs {
    /// Their folder.
    #[arg(long, value_name = "FOLDER", global = true)]
    pub folder: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub what: ShowsCommand,
}

/// What to do with shows.
#[derive(Debug, Clone, Subcommand)]
pub enum ShowsCommand {
    /// Each show's id, name and state.
    List,
    /// Write a show into a file, which --show of a run reads.
    Export {
        /// Which, as listed.
        id: ShowId,
        /// Where to; never over another file.
        file: PathBuf,
    },
    /// Take a show from a file.
    Import {
        /// Which.
        file: PathBuf,
    },
    /// What differs between the two versions of a show.
    Differences {
        /// Which, as listed.
        id: ShowId,
    },
    /// Choose between the two versions of a show.
    Choose {
        /// Which, as listed.
        id: ShowId,
        /// What stays.
        which: Which,
    },
    /// Bring the shows in step with a cloud.
    Sync {
        /// Which cloud.
        #[command(flatten)]
        place: Place,
    },
}

/// Which version stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// This machine's.
    Ours,
    /// The cloud's.
    Theirs,
    /// Both, as two shows.
    Both,
}

/// Does it, and says what came of it on standard output.
///
/// # Errors
/// One sentence for the person at the terminal.
pub async fn instead(what: Instead) -> anyhow::Result<()> {
    match what {
        Instead::SignIn(args) => sign_in(args).await,
        Instead::Shows(args) => shows(args).await,
        Instead::Report(args) => report(args),
    }
}

async fn shows(args: ShowsArgs) -> anyhow::Result<()> {
    let folder = args.folder.unwrap_or_else(|| crate::data_folder().join("shows"));
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let (mut library, damage) = Library::open(&folder)?;
    for damaged in damage {
        let aside = damaged.aside.display();
        say(&if damaged.mended {
            format!("A show was damaged and is mended; what stood there is in {aside}.")
        } else {
            format!("A file was damaged; it is set aside as {aside}.")
        })?;
    }
    match args.what {
        ShowsCommand::List => {
            for one in library.list() {
                let name = one.name.unwrap_or_else(|error| error.to_string());
                let state = match one.state {
                    State::Synced => "synced",
                    State::SavedHere => "saved here",
                    State::TwoVersions => "two versions",
                };
                say(&format!("{}  {name}: {state}", one.id))?;
            }
            Ok(())
        }
        ShowsCommand::Export { id, file } => {
            let written = std::fs::File::create_new(&file).and_then(|mut to| {
                let text = library.text(id).map_err(std::io::Error::other)?;
                to.write_all(text.as_bytes())
            });
            written.with_context(|| format!("{} cannot be written", file.display()))
        }
        ShowsCommand::Import { file } => {
            let text = read_show(&file)?;
            say(&format!("{}", library.add(&text)?))
        }
        ShowsCommand::Differences { id } => {
            for one in library.differences(id)? {
                let shown = |value: Option<serde_json::Value>| {
                    value.map_or("nothing".to_owned(), |it| it.to_string())
                };
                let path: Vec<String> = one.path.iter().map(ToString::to_string).collect();
                let (ours, theirs) = (shown(one.ours), shown(one.theirs));
                say(&format!("{}: here {ours}, in the cloud {theirs}", path.join(", ")))?;
            }
            Ok(())
        }
        ShowsCommand::Choose { id, which } => {
            let chosen = match which {
                Which::Ours => Chosen::Ours,
                Which::Theirs => Chosen::Theirs,
                Which::Both => Chosen::Both,
            };
            match library.choose(id, chosen)? {
                Some(copy) => say(&format!("This machine's is now {copy}.")),
                None => say("Chosen."),
            }
        }
        ShowsCommand::Sync { place } => {
            let (cloud, trust) = place.understood()?;
            let credential = Refresh { store: SecretStore::of_user(), name: login_of(&cloud) };
            let machine = gst::glib::host_name();
            let cloud = CloudShows::new(cloud, &trust, credential, &machine)?;
            let report = library.sync(&cloud, None).await?;
            say(report.to_string().trim_end())?;
            if report.offline.is_some() {
                bail!("nothing was synced; the shows are saved here");
            }
            Ok(())
        }
    }
}

/// A file that is a show.
pub(super) fn read_show(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Show::parse(&text).with_context(|| format!("{} cannot be used", file.display()))?;
    Ok(text)
}

async fn sign_in(args: SignInArgs) -> anyhow::Result<()> {
    let (cloud, trust) = args.place.understood()?;
    let asked = SignIn::begin(cloud.clone(), &trust).await?;
    let address = asked.address();
    say(&format!("Sign in here, in a browser of this machine:\n{address}"))?;
    open_browser(&address);
    let person = asked.signed_in().await?;
    if let (Some(session), Some(file)) = (args.session, &args.token_file) {
        let token: SecretString = person.direct(session).await?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = file.file_name().and_then(|name| name.to_str()).context("--token-file names no file")?;
        SecretStore::in_files(folder).keep(name, &token)?;
    }
    let refresh = person.refresh_token().context("the cloud gave no login that lasts")?;
    let kept = SecretStore::of_user().keep(&login_of(&cloud), &refresh)?;
    say(&format!("Signed in as {}: {}.", person.name(), kept.sentence()))
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}").context("nobody reads this")
}
