//! What `returnfeed-director` may be started with.
//!
//! Refuses a token as an argument, where every user of the machine reads it. What the arguments mean: [`super::setup`].

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use returnfeed_protocol::{CueText, NotACue};

use super::commands::Instead;
use super::tally_args::TallyArgs;

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

fn cue_text(text: &str) -> Result<CueText, NotACue> {
    CueText::try_from(text.to_owned())
}
