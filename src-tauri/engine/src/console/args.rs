//! What `returnfeed-director` is started with, checked once.
//!
//! Refuses a token as an argument, where every user of the machine reads it. Invariant: a [`Setup`] needs no further
//! checks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, ValueEnum};
use returnfeed_protocol::{CueText, Layer, NotACue, SessionId, Show};
use secrecy::SecretString;

use super::commands::Instead;
use super::keys::PRESETS;
use super::tally_args::{TallyArgs, TallySetup};
use crate::control::ControlConfig;
use crate::engine::{Destination, EngineConfig};
use crate::journal;
use crate::push::PushTarget;
use crate::secrets::SecretStore;
use crate::show::{SecretFiles, ShowSetup, setup};
use crate::sources::{Marks, SourceSpec};
use crate::uplink::{CloudUrl, Trust, UplinkConfig};

/// Where the token is read from when no file is named.
const TOKEN_VARIABLE: &str = "RETURNFEED_TOKEN";

/// Switches sources to one programme and returns it to every camera operator, with tally.
///
/// While it runs: N and Enter puts source N on air, pN on preview, x what is on preview; aMS mixes to it within MS ms, wMS wipes; f1 fades to black, f0 back; l TITLE / SUBTITLE sets a lower third, k1 shows it, k0 hides it; v1 records, v0 does no longer; u takes a setting back; tN tests the lamp of camera N, t all lamps; mN TEXT says TEXT to the operators of camera N, m TEXT to all, =1 stands for the first preset, mN alone takes it back; b0 silences every phone, b1 lets them sound; r says who is ready, c which phones showed the last cut, s everything again, q ends.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "returnfeed-director",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct Args {
    /// Instead of directing.
    #[command(subcommand)]
    pub instead: Option<Instead>,
    /// A show: its sources, cameras, switchers and outputs.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sources", "tallies", "cameras", "green", "srt"])]
    pub show: Option<PathBuf>,
    /// The folder with the secrets that the show names, a file each; without it, this user's own.
    #[arg(long, value_name = "FOLDER", requires = "show")]
    pub secrets: Option<PathBuf>,
    /// Start again by itself when it is killed, as it was: what is on air is kept in this file.
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// What --keep starts its child with.
    #[arg(long, value_name = "FILE", hide = true, conflicts_with = "keep")]
    pub resume: Option<PathBuf>,
    /// A source: test, file:PATH, v4l2:/dev/video0, ndi:NAME or ndi:url=ADDRESS:PORT. Repeat it; the nth feeds camera n.
    #[arg(long = "source", value_name = "SOURCE", required_unless_present = "show")]
    pub sources: Vec<String>,
    /// The cloud, https://HOST:8443.
    #[arg(long, value_name = "URL", conflicts_with = "srt", requires = "session")]
    pub cloud: Option<String>,
    /// The session's id.
    #[arg(long, value_name = "ID", requires = "cloud")]
    pub session: Option<String>,
    /// A file that holds the director's session token; without it, RETURNFEED_TOKEN of the environment.
    #[arg(long, value_name = "FILE", requires = "cloud")]
    pub token_file: Option<PathBuf>,
    /// Believe the certificates of this PEM file, as of a cloud with a self-signed one.
    #[arg(long, value_name = "FILE", requires = "cloud", conflicts_with = "fingerprint")]
    pub ca: Option<PathBuf>,
    /// Believe the certificate of this fingerprint, sha256:…
    #[arg(long, value_name = "SHA256", requires = "cloud")]
    pub fingerprint: Option<String>,
    /// Push the high layer to any SRT server: srt://HOST:PORT?passphrase=…&streamid=…
    #[arg(long, value_name = "URL")]
    pub srt: Option<String>,
    /// Push the low layer too, in the same manner.
    #[arg(long, value_name = "URL", requires = "srt")]
    pub srt_low: Option<String>,
    /// A folder for recordings of the programme; v1 records, v0 does no longer.
    #[arg(long, value_name = "FOLDER")]
    pub recordings: Option<PathBuf>,
    /// The folder for session logs, which `report` reads; without it, this user's own.
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_log")]
    pub logs: Option<PathBuf>,
    /// Log nothing of this session.
    #[arg(long)]
    pub no_log: bool,
    /// Foreign switchers.
    #[command(flatten)]
    pub tally: TallyArgs,
    /// Take orders from other programs that show the token in this file.
    #[arg(long, value_name = "FILE")]
    pub control_token_file: Option<PathBuf>,
    /// Where they are taken.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8445", requires = "control_token_file")]
    pub control: std::net::SocketAddr,
    /// A cue that =1, =2, … stand for in the order given; repeat it. Without any: wide, tight, hold, focus, 3-2-1.
    #[arg(long = "cue", value_name = "TEXT", value_parser = cue_text)]
    pub cues: Vec<CueText>,
    /// Write the time into the picture of test sources.
    #[arg(long)]
    pub stamp: bool,
    /// Flash and beep at each full second on test sources.
    #[arg(long)]
    pub flash: bool,
    /// Say what happens as JSON, a line each, on standard output.
    #[arg(long)]
    pub json: bool,
    /// Form of the log on standard error; RUST_LOG chooses what is in it.
    #[arg(long, value_name = "FORM", value_enum, default_value_t = LogFormat::Plain)]
    pub log_format: LogFormat,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Plain,
    /// For machines.
    Json,
}

/// Arguments that were understood.
#[derive(Debug, Clone)]
pub struct Setup {
    /// What to run.
    pub engine: EngineConfig,
    /// What `=1`, `=2`, … stand for.
    pub presets: Vec<CueText>,
    /// Where orders of other programs are taken.
    pub control: Option<ControlConfig>,
}

/// What cannot be understood, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A source.
    #[error(transparent)]
    Source(#[from] crate::sources::SourceSpecError),
    /// A foreign switcher.
    #[error(transparent)]
    Tally(#[from] crate::inputs::SpecError),
    /// Who else is told.
    #[error(transparent)]
    Output(#[from] crate::outputs::OutputSpecError),
    /// Where pages hear us without the cloud.
    #[error("{got:?} is no place on the local network; write off, or an address and a port, as 0.0.0.0:8444")]
    Lan {
        /// What was given.
        got: String,
    },
    /// A camera.
    #[error(transparent)]
    Camera(#[from] crate::inputs::MapError),
    /// The show.
    #[error("{0}")]
    Show(String),
    /// The token of other programs.
    #[error("orders cannot be taken: {0}")]
    Control(String),
    /// Neither cloud nor SRT.
    #[error(
        "nowhere to send the programme; name a session with --cloud and --session, or a server with --srt"
    )]
    NoDestination,
    /// The cloud's address.
    #[error("{0}")]
    Cloud(String),
    /// The session's id.
    #[error("{got:?} is not a session's id; copy it from the session page")]
    Session {
        /// What was given.
        got: String,
    },
    /// The token.
    #[error("there is no token: {0}")]
    Token(String),
    /// The fingerprint.
    #[error("{0}")]
    Fingerprint(String),
    /// An SRT address.
    #[error("{got:?} is not an SRT address ({what}); write srt://HOST:PORT?passphrase=…&streamid=…")]
    Srt {
        /// What was given, without its secret.
        got: String,
        /// What is wrong.
        what: &'static str,
    },
}

impl Args {
    /// Checks everything. `variable` reads the environment.
    ///
    /// # Errors
    /// What cannot be understood.
    pub fn setup(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Setup, SetupError> {
        let mut engine = match &self.show {
            Some(file) => self.of_show(file)?,
            None => self.of_arguments()?,
        };
        if let (Some(cloud), Some(session)) = (&self.cloud, &self.session) {
            engine.destination = Destination::Cloud(Box::new(self.uplink(cloud, session, variable)?));
        }
        let token = self.control_token_file.as_deref().map(crate::bearer::read).transpose();
        let token = token.map_err(SetupError::Control)?;
        let (host, port) = (self.control.ip().to_string(), self.control.port());
        let control = token.map(|token| ControlConfig { host, port, token });
        Ok(Setup { engine, presets: self.presets(), control })
    }

    fn of_show(&self, file: &Path) -> Result<EngineConfig, SetupError> {
        let said = |error: &dyn std::fmt::Display| SetupError::Show(format!("{}: {error}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| said(&error))?;
        let show = Show::parse(&text).map_err(|error| said(&error))?;
        let setup = match &self.secrets {
            Some(folder) => setup(&show, &SecretFiles(Some(folder.clone()))),
            None => setup(&show, &SecretStore::of_user()),
        };
        let ShowSetup { sources, names, inputs, tally, outputs, beside } =
            setup.map_err(|error| said(&error))?;
        // Without a destination it runs here: for its recording, its tally, or a cloud that is named.
        let destination = if outputs.is_empty() { Destination::Here } else { Destination::Srt(outputs) };
        Ok(EngineConfig {
            show: show.name,
            sources,
            names,
            marks: self.marks(),
            inputs,
            outputs: self.tally.outputs()?,
            lan: self.tally.lan()?,
            tally,
            beside,
            recordings: self.recordings.clone(),
            logs: self.logs(),
            destination,
            monitor: false,
        })
    }

    fn of_arguments(&self) -> Result<EngineConfig, SetupError> {
        let sources = self.sources.iter().map(|text| text.parse()).collect::<Result<Vec<SourceSpec>, _>>()?;
        let destination = match &self.srt {
            Some(high) => {
                let mut targets = vec![(Layer::High, srt_target(high)?)];
                if let Some(low) = &self.srt_low {
                    targets.push((Layer::Low, srt_target(low)?));
                }
                Destination::Srt(targets)
            }
            None if self.cloud.is_some() => Destination::Here,
            None => return Err(SetupError::NoDestination),
        };
        let TallySetup { inputs, outputs, tally } = self.tally.setup()?;
        Ok(EngineConfig {
            show: String::new(),
            sources,
            names: Vec::new(),
            marks: self.marks(),
            inputs,
            outputs,
            lan: self.tally.lan()?,
            tally,
            beside: None,
            recordings: self.recordings.clone(),
            logs: self.logs(),
            destination,
            monitor: false,
        })
    }

    fn logs(&self) -> Option<PathBuf> {
        (!self.no_log).then(|| self.logs.clone().unwrap_or_else(journal::folder_of_user))
    }

    fn marks(&self) -> Marks {
        Marks { stamp: self.stamp, flash: self.flash }
    }

    fn presets(&self) -> Vec<CueText> {
        if !self.cues.is_empty() {
            return self.cues.clone();
        }
        PRESETS.iter().filter_map(|text| CueText::try_from((*text).to_owned()).ok()).collect()
    }

    fn uplink(
        &self,
        cloud: &str,
        session: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<UplinkConfig, SetupError> {
        let cloud: CloudUrl = cloud
            .parse()
            .map_err(|error: crate::uplink::CloudUrlError| SetupError::Cloud(error.to_string()))?;
        let session: SessionId =
            session.parse().map_err(|_| SetupError::Session { got: session.to_owned() })?;
        let token = match &self.token_file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| SetupError::Token(format!("{} cannot be read ({error})", path.display())))?,
            None => variable(TOKEN_VARIABLE).ok_or_else(|| {
                SetupError::Token(format!("name its file with --token-file, or set {TOKEN_VARIABLE}"))
            })?,
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SetupError::Token("what was given is empty or holds more than a token".to_owned()));
        }
        let trust = trust(self.ca.as_ref(), self.fingerprint.as_deref())?;
        Ok(UplinkConfig { cloud, session, token: SecretString::from(token), trust })
    }
}

/// A cloud, and which certificate is believed.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// The cloud, https://HOST:8443.
    #[arg(long = "cloud", id = "place_cloud", value_name = "URL")]
    pub cloud: CloudUrl,
    /// Believe the certificates of this PEM file.
    #[arg(long = "ca", id = "place_ca", value_name = "FILE", conflicts_with = "place_fingerprint")]
    pub ca: Option<PathBuf>,
    /// Believe the certificate of this fingerprint, sha256:…
    #[arg(long = "fingerprint", id = "place_fingerprint", value_name = "SHA256")]
    pub fingerprint: Option<String>,
}

impl Place {
    /// Where it is, and what is believed.
    ///
    /// # Errors
    /// When the fingerprint is none.
    pub fn understood(&self) -> Result<(CloudUrl, Trust), SetupError> {
        Ok((self.cloud.clone(), trust(self.ca.as_ref(), self.fingerprint.as_deref())?))
    }
}

fn trust(ca: Option<&PathBuf>, fingerprint: Option<&str>) -> Result<Trust, SetupError> {
    match (ca, fingerprint) {
        (Some(file), _) => Ok(Trust::File(file.clone())),
        (None, Some(text)) => text
            .parse()
            .map_err(|error: crate::uplink::TrustError| SetupError::Fingerprint(error.to_string())),
        (None, None) => Ok(Trust::System),
    }
}

fn cue_text(text: &str) -> Result<CueText, NotACue> {
    CueText::try_from(text.to_owned())
}

/// Reads `srt://HOST:PORT?passphrase=…&streamid=…&latency=MS`. A stream id may hold `#` as it is.
fn srt_target(text: &str) -> Result<PushTarget, SetupError> {
    let shown = text.split('?').next().unwrap_or_default().to_owned();
    let wrong = |what| SetupError::Srt { got: shown.clone(), what };
    let url = reqwest::Url::parse(&text.replace('#', "%23")).map_err(|_| wrong("not a URL"))?;
    if url.scheme() != "srt" {
        return Err(wrong("it does not begin with srt://"));
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("no host"))?;
    let port = url.port().ok_or_else(|| wrong("no port"))?;
    let query = |key: &str| url.query_pairs().find(|(k, _)| k == key).map(|(_, value)| value.into_owned());
    let passphrase = query("passphrase").ok_or_else(|| wrong("no passphrase; AES-256 is always used"))?;
    let latency = query("latency").unwrap_or_else(|| "20".to_owned());
    Ok(PushTarget {
        host: host.trim_matches(['[', ']']).to_owned(),
        port,
        stream_id: query("streamid").unwrap_or_default(),
        passphrase: passphrase.into(),
        latency: latency
            .parse()
            .map(Duration::from_millis)
            .map_err(|_| wrong("latency is not a number of ms"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const SESSION: &str = "019ab0d2-7c00-7000-8000-000000000001";

    fn setup(line: &str, token: Option<&str>) -> Result<Setup, SetupError> {
        let words = std::iter::once("returnfeed-director").chain(line.split_whitespace());
        let token = token.map(str::to_owned);
        Args::try_parse_from(words).unwrap().setup(move |_| token.clone())
    }

    #[test]
    fn a_session_of_a_cloud_is_named_by_address_id_and_token() {
        let line =
            format!("--source test --source file:a.mp4 --cloud https://[::1]:8443 --session {SESSION}");
        let Destination::Cloud(uplink) = setup(&line, Some("abc.def\n")).unwrap().engine.destination else {
            panic!("a cloud");
        };
        assert_eq!(uplink.token.expose_secret(), "abc.def");
        assert!(matches!(setup(&line, None), Err(SetupError::Token(_))));
        assert!(matches!(setup(&line, Some("two words")), Err(SetupError::Token(_))));
    }

    #[test]
    fn an_srt_address_may_hold_the_stream_id_as_it_is() {
        let line = "--source test --srt srt://10.0.0.2:8890?streamid=#!::m=publish,r=x&passphrase=0123456789";
        let Destination::Srt(targets) = setup(line, None).unwrap().engine.destination else { panic!("SRT") };
        let (layer, target) = &targets[0];
        assert_eq!(
            (*layer, target.port, target.stream_id.as_str()),
            (Layer::High, 8890, "#!::m=publish,r=x")
        );
        assert_eq!(target.passphrase.expose_secret(), "0123456789");
    }

    #[test]
    fn each_mistake_is_a_sentence_without_the_secret() {
        let say = |line: &str| setup(line, Some("t")).unwrap_err().to_string();
        assert!(say("--source test").contains("--cloud and --session"));
        assert!(say("--source camera --srt srt://h:1?passphrase=x").contains("is not a source"));
        assert!(say("--source test --cloud https://h --session 7").contains("copy it from the session page"));
        assert!(say("--source test --srt srt://h:1").contains("no passphrase"));
        let secret = say("--source test --srt srt://h:1?passphrase=topsecret123&latency=fast");
        assert!(secret.contains("latency") && !secret.contains("topsecret"), "{secret}");
        let plain = format!("--source test --cloud http://10.0.0.9:8443 --session {SESSION}");
        assert!(say(&plain).contains("in clear"));
    }
}
