//! `./dev bench ingest`: our SRT and libsrt over the same path, in the same minutes, on the same machine.
//!
//! `returnfeed-bench-ingest FILE [WORDS]` plays the cases and costs whose name contains WORDS (all of them without),
//! prints a table and writes FILE. Receivers, senders and the path are processes of their own, so that each one's
//! time and memory can be told.

mod cases;
mod child;
mod ends;
mod ledger;
mod libsrt;
mod ours;
#[path = "../../../core/srt/tests/pair/path.rs"]
mod path;
mod play;
mod relay;
mod report;
mod units;
mod usage;
mod watchdog;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use cases::{CASES, COST_STREAMS};
use report::Report;
use watchdog::Watchdog;

/// The whole run, so that repeating stalled cases has an end.
const AT_MOST: Duration = Duration::from_secs(580);

/// Longer than any run that works.
const GIVE_UP: Duration = Duration::from_secs(700);
/// Of one case.
const ATTEMPTS: u32 = 3;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["receive", told] => ends::receive(&read(told)?),
        ["send", told] => ends::send(&read(told)?),
        ["relay", told] => relay::run(&read(told)?),
        [file] => bench(file, ""),
        [file, only] => bench(file, only),
        _ => bail!("say where to write the JSON: returnfeed-bench-ingest FILE [WORDS OF A CASE]"),
    }
}

fn read<T: DeserializeOwned>(told: &str) -> Result<T> {
    serde_json::from_str(told).context("this part was told something that it does not understand")
}

fn bench(file: &str, only: &str) -> Result<()> {
    let begun = Instant::now();
    let watchdog = Watchdog::start();
    std::thread::spawn(|| {
        std::thread::sleep(GIVE_UP);
        eprintln!("a part of the measurement hangs; given up after {GIVE_UP:?}");
        std::process::exit(1);
    });
    let mut report = Report::default();
    for case in CASES.iter().filter(|case| case.to_string().contains(only)) {
        let played = again_if_stalled(&case.to_string(), begun, &watchdog, || play::case(case))?;
        report.case(*case, &played.0, played.1);
        report.write(file)?;
    }
    for streams in COST_STREAMS {
        let name = format!("cost of {streams} streams");
        if !name.contains(only) {
            continue;
        }
        let played = again_if_stalled(&name, begun, &watchdog, || play::cost(streams))?;
        report.cost(streams, &played.0, played.1);
        report.write(file)?;
    }
    report.print(begun.elapsed())
}

/// Plays it, and again when the machine stood still meanwhile and there is time. With the last play's stalls.
fn again_if_stalled<T: play::Stalls>(
    name: &str,
    begun: Instant,
    watchdog: &Watchdog,
    play: impl Fn() -> Result<T>,
) -> Result<(T, u32)> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        watchdog.take();
        let at = Instant::now();
        eprintln!("{name} ...");
        let played = play();
        let stalls = watchdog.take() + played.as_ref().map_or(0, play::Stalls::stalls);
        let once_more = attempt < ATTEMPTS && begun.elapsed() + at.elapsed() < AT_MOST;
        match played {
            Ok(played) if stalls == 0 || !once_more => return Ok((played, stalls)),
            Ok(_) => eprintln!("{name}: the machine stood still {stalls} times for more than 100 ms; again"),
            Err(error) if !once_more => return Err(error.context(name.to_owned())),
            Err(error) => eprintln!("{name}: {error:#}; again"),
        }
    }
}
