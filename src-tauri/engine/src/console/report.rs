//! `returnfeed-director report`: what a session leaves behind, as files or on standard output.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use returnfeed_report::{FrameRate, Language, SourceTimes, TallyReport};

use crate::journal::{self, Asked};

/// What a session leaves behind; without a file to write, the tally report on standard output.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// The session's log; without it, the one of this user that was on air or recorded last.
    #[arg(long, value_name = "FILE")]
    pub session: Option<PathBuf>,
    /// Write the cut list as CMX 3600; more than 999 events go on in NAME-2.edl. Never over another file.
    #[arg(long, value_name = "FILE")]
    pub edl: Option<PathBuf>,
    /// Write the cut list as OpenTimelineIO.
    #[arg(long, value_name = "FILE")]
    pub otio: Option<PathBuf>,
    /// Write the tally report: as JSON where the name ends in .json, else as Markdown. Repeat it.
    #[arg(long, value_name = "FILE")]
    pub tally: Vec<PathBuf>,
    /// Frames in a second of the cut list: 24, 25, 30, 50 or 60, non-drop.
    #[arg(long, value_name = "N", default_value = "30", value_parser = rate)]
    pub fps: FrameRate,
    /// What source times count; without it, the recording where there is one, else the clock.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub source_times: Option<Times>,
    /// Language of the tally report.
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t = Spoken::En)]
    pub language: Spoken,
}

/// What source times count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Times {
    /// From the first frame of the recording.
    Recording,
    /// The time of day.
    Clock,
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Spoken {
    /// English.
    En,
    /// Korean.
    Ko,
}

fn rate(text: &str) -> Result<FrameRate, String> {
    let per_second: u8 = text.parse().map_err(|_| format!("{text:?} is no number of frames"))?;
    FrameRate::new(per_second).map_err(|error| error.to_string())
}

pub(super) fn report(args: ReportArgs) -> anyhow::Result<()> {
    let log = match args.session {
        Some(log) => log,
        None => {
            let folder = journal::folder_of_user();
            let latest = journal::latest(&folder)
                .with_context(|| format!("{} cannot be looked into", folder.display()))?;
            latest.with_context(|| format!("there is no session log in {} yet", folder.display()))?
        }
    };
    let evening = journal::read(&log)?;
    let language = match args.language {
        Spoken::En => Language::En,
        Spoken::Ko => Language::Ko,
    };
    let times = args.source_times.map(|times| match times {
        Times::Recording => SourceTimes::Recording,
        Times::Clock => SourceTimes::Clock,
    });
    let asked = Asked { edl: args.edl, otio: args.otio, tally: args.tally, rate: args.fps, times, language };
    let mut out = std::io::stdout();
    let nobody = "nobody reads this";
    if asked.edl.is_none() && asked.otio.is_none() && asked.tally.is_empty() {
        return out.write_all(TallyReport::new(&evening).markdown(language).as_bytes()).context(nobody);
    }
    let written = journal::write(&evening, &asked)?;
    let counted = match written.times {
        SourceTimes::Recording => "source times are those of the recording",
        SourceTimes::Clock => "source times are the time of day",
    };
    for file in &written.files {
        writeln!(out, "{}", file.display()).context(nobody)?;
    }
    if asked.edl.is_some() || asked.otio.is_some() {
        writeln!(out, "{} cuts; {counted}.", written.cuts).context(nobody)?;
    }
    Ok(())
}
