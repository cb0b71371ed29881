//! `tally`: how soon every operator's page has said that it shows a cut, and what that costs the server.
//!
//! From the moment at which the director's word is written into its uplink to the moment at which the page's answer
//! is read out of it: the relay both ways, and one hop more than the server itself sees. A page answers at once here;
//! a browser takes two frames of its display longer.

mod director;
mod operator;

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::server::Server as _;
use crate::server::ours::Ours;
use crate::spread::Spread;
use crate::{Place, process, write};
use director::Director;

/// Cameras of the show; the operators are spread over them.
const CAMERAS: u16 = 8;
/// Pages that join at the same time.
const AT_ONCE: usize = 16;
/// Cuts that are not counted: caches fill, buffers grow.
const WARM_UP: u32 = 10;
/// Between one cut's last answer and the next cut.
const BREATH: Duration = Duration::from_millis(50);
/// What a thousand operators' cut must stay under, in ms.
const BOUND_MS: f64 = 40.0;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Pages of camera operators
    #[arg(long, default_value_t = 1_000)]
    operators: usize,
    /// Cuts that are measured
    #[arg(long, default_value_t = 100)]
    cuts: u32,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { place: Place { cloud, out }, operators, cuts } = arguments;
    let mut server = Ours::start(&cloud, 1, None).await?;
    let mut director = Director::connect(&server.floor()?).await?;
    let before_kib = server.process().resident_kib()?;
    let pages = join_all(&server, operators).await?;
    for _ in 0..WARM_UP {
        director.cut(operators).await?;
    }
    let held_kib = server.process().resident_kib()?.saturating_sub(before_kib);

    let begun = Instant::now();
    let (server_cpu, own_cpu) = (server.process().cpu()?, process::own_cpu()?);
    let mut answers = Vec::new();
    for _ in 0..cuts {
        answers.extend(director.cut(operators).await?);
        tokio::time::sleep(BREATH).await;
    }
    let (server_cpu, own_cpu) = (server.process().cpu()? - server_cpu, process::own_cpu()? - own_cpu);
    let took = begun.elapsed();
    ensure!(server.process().is_alive(), "the server ended");
    let gone = pages.iter().filter(|page| page.is_finished()).count();
    ensure!(gone == 0, "{gone} pages lost their socket");

    let spread = Spread::of(answers);
    let shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)];
    let result = json!({
        "operators": operators,
        "cuts": cuts,
        "cut_to_ack_ms": spread.json(&shares),
        "kib_per_socket": round(held_kib as f64 / operators as f64),
        "server_cpu_ms_per_cut": round(server_cpu.as_secs_f64() * 1_000.0 / f64::from(cuts)),
        "load_cpu_ms_per_cut": round(own_cpu.as_secs_f64() * 1_000.0 / f64::from(cuts)),
        "load_cpu_share": round(own_cpu.as_secs_f64() / took.as_secs_f64()),
        "cameras": CAMERAS,
    });
    write(&out, &result)?;
    println!("{}", serde_json::to_string_pretty(&result)?);
    let p99 = spread.ms(0.99).unwrap_or(f64::INFINITY);
    if operators <= 1_000 && p99 > BOUND_MS {
        bail!("over the bound: p99 {p99} ms is above {BOUND_MS}");
    }
    Ok(())
}

/// Every operator joins, each a participant of its own, and is welcomed.
async fn join_all(server: &Ours, operators: usize) -> anyhow::Result<Vec<tokio::task::JoinHandle<()>>> {
    let (floor, turns) = (Rc::new(server.floor()?), Rc::new(Semaphore::new(AT_ONCE)));
    let joining: Vec<_> = (0..operators)
        .zip((1..=CAMERAS).cycle())
        .map(|(_, camera)| {
            let (floor, turns) = (Rc::clone(&floor), Rc::clone(&turns));
            tokio::task::spawn_local(async move {
                let _turn = turns.acquire().await?;
                operator::join(&floor, camera).await
            })
        })
        .collect();
    let mut pages = Vec::with_capacity(operators);
    for page in joining {
        pages.push(tokio::task::spawn_local(operator::follow(page.await??)));
    }
    Ok(pages)
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
