//! `fanout`: what a viewer costs each server, fed with the same stream and watched by the same viewers.
//!
//! A server is tried with as many viewers as asked for, and with half as many again and again until it loses
//! nothing; what it lost before is written down too.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::join::{first, media};
use crate::ledger::Ledger;
use crate::server::Server;
use crate::server::janus::Janus;
use crate::server::ours::Ours;
use crate::server::webrtcbin::Webrtcbin;
use crate::spread::Spread;
use crate::stream::Stream;
use crate::viewer::Watching;
use crate::{Place, floor, process, write};

/// From the last join to the first count.
const SETTLE: Duration = Duration::from_secs(2);
/// Fewer viewers than this are not tried.
const FEWEST: usize = 5;
/// Lost packets of all, in a million, that still count as none: a single hiccup of a busy machine, not a server
/// that gives up.
const LOSSLESS_PPM: u64 = 50;
/// Of the pictures sent, the share that must have come. A server that is late may leave pictures out and number on
/// without a gap: cheaper, and no loss to whoever counts packets alone.
const WHOLE: f64 = 0.99;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Viewers
    #[arg(long, default_value_t = 200)]
    viewers: usize,
    /// Seconds that are measured
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds that all joins may take before a server counts as having given up
    #[arg(long, default_value_t = 45)]
    join_seconds: u64,
    /// Shards of our server
    #[arg(long, default_value_t = 1)]
    shards: usize,
    /// Which servers
    #[arg(long, value_delimiter = ',', default_value = "ours,janus,webrtcbin,floor")]
    only: Vec<String>,
}

/// One round with one number of viewers.
struct Round {
    viewers: usize,
    /// CPU seconds per viewer-second.
    cost: f64,
    load_cost: f64,
    kib: u64,
    packets: u64,
    lost: u64,
    /// Share of the pictures that came.
    whole: f64,
    mbits: f64,
    delays: Spread,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let stream = Arc::new(Stream::make()?);
    let mut result = serde_json::Map::new();
    let wanted = |name: &str| arguments.only.iter().any(|only| only == name);
    if wanted("floor") {
        let lasting = Duration::from_secs(arguments.seconds.min(8));
        let cost = floor::measure(&stream, arguments.viewers, lasting)?;
        let floor = json!({ "viewers_per_core": per_core(cost), "cpu_ms_per_viewer_second": ms(cost) });
        println!("floor      {floor}");
        result.insert("floor".to_owned(), floor);
    }
    for name in ["ours", "janus", "webrtcbin"].into_iter().filter(|name| wanted(name)) {
        let found = ladder(name, &arguments, &stream).await;
        let found = found.unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
        println!("{name:<10} {found}");
        result.insert(name.to_owned(), found);
    }
    let value = |name: &str| result.get(name)?.get("viewers_per_core")?.as_f64();
    let (ours, janus) = (value("ours"), value("janus"));
    if let Some((ours, janus)) = ours.zip(janus) {
        result.insert("ours_over_janus".to_owned(), json!(((ours / janus) * 10.0).round() / 10.0));
    }
    write(&arguments.place.out, &Value::Object(result))?;
    if wanted("ours") {
        let ours = ours.context("our server was not measured")?;
        if ours < 400.0 {
            bail!("under the bound: {ours} viewers a core are fewer than 400");
        }
        if let Some(janus) = janus.filter(|janus| ours < 4.0 * janus) {
            bail!("under the bound: {ours} viewers a core are not four times Janus' {janus}");
        }
    }
    Ok(())
}

/// Half as many, until nothing is lost.
async fn ladder(name: &str, arguments: &Arguments, stream: &Arc<Stream>) -> anyhow::Result<Value> {
    let (mut viewers, mut gave_up) = (arguments.viewers, Vec::new());
    loop {
        let round = match name {
            "ours" => {
                let cloud = &arguments.place.cloud;
                let server = Ours::start(cloud, viewers, Some(arguments.shards)).await?;
                round(server, viewers, arguments, stream).await
            }
            "janus" => round(Janus::start().await?, viewers, arguments, stream).await,
            _ => round(Webrtcbin::start()?, viewers, arguments, stream).await,
        };
        match round {
            Ok(round) if round.is_lossless() => return Ok(round.json(gave_up)),
            Ok(round) => gave_up.push(json!({
                "viewers": viewers,
                "lost": round.lost,
                "of": round.packets,
                "pictures_that_came": round.whole,
            })),
            Err(error) => gave_up.push(json!({ "viewers": viewers, "because": format!("{error:#}") })),
        }
        eprintln!("{name} gave up: {}", gave_up.last().unwrap_or(&Value::Null));
        viewers /= 2;
        if viewers < FEWEST {
            bail!("gave up with every number of viewers: {}", Value::Array(gave_up));
        }
    }
}

async fn round<S: Server>(
    mut server: S,
    viewers: usize,
    arguments: &Arguments,
    stream: &Arc<Stream>,
) -> anyhow::Result<Round> {
    let ledger = Arc::new(Ledger::new(stream));
    let mut publisher = server.publish(stream, &ledger).await?;
    // The first one stands for what a server takes once, and then for one of all.
    let mut watching = vec![first(&mut server, &ledger).await?];
    media(&watching[0]).await?;
    let empty = server.process().resident_kib()?;
    let end = Instant::now() + Duration::from_secs(arguments.join_seconds);
    while watching.len() < viewers {
        if Instant::now() > end {
            bail!("{} of {viewers} had joined after {} s", watching.len(), arguments.join_seconds);
        }
        watching.push(server.join(&ledger).await?);
        // Let those who watch read what has come.
        tokio::task::yield_now().await;
    }
    for viewer in &watching {
        media(viewer).await?;
    }
    tokio::time::sleep(SETTLE).await;

    watching.iter().for_each(|viewer| viewer.seen.borrow_mut().begin());
    let (cpu, own, since) = (server.process().cpu()?, process::own_cpu()?, Instant::now());
    tokio::time::sleep(Duration::from_secs(arguments.seconds)).await;
    let (cpu, own, took) =
        (server.process().cpu()? - cpu, process::own_cpu()? - own, since.elapsed().as_secs_f64());
    publisher.check()?;
    let full = server.process().resident_kib()?;
    if let Some(gone) = watching.iter().position(|viewer| !viewer.is_alive()) {
        bail!("viewer {gone} of {viewers} lost its connection");
    }
    let expected = ledger.pictures_a_second() * took * watching.len() as f64;
    Ok(Round::of(&watching, expected, cpu, own, took, full.saturating_sub(empty)))
}

impl Round {
    fn of(watching: &[Watching], expected: f64, cpu: Duration, own: Duration, took: f64, kib: u64) -> Self {
        let viewers = watching.len();
        let each = viewers as f64 * took;
        let (mut packets, mut lost, mut bytes, mut delays) = (0, 0, 0, Vec::new());
        for viewer in watching {
            let seen = viewer.seen.borrow();
            let (came, missing) = seen.packets();
            (packets, lost, bytes) = (packets + came, lost + missing, bytes + seen.bytes());
            delays.extend(seen.delays().iter().map(|(_, delay)| *delay));
        }
        Self {
            viewers,
            cost: cpu.as_secs_f64() / each,
            load_cost: own.as_secs_f64() / each,
            // The first one was there when the memory was looked at.
            kib: kib / (viewers as u64).saturating_sub(1).max(1),
            packets,
            lost,
            whole: (delays.len() as f64 / expected.max(1.0) * 1000.0).round() / 1000.0,
            mbits: bytes as f64 * 8.0 / 1e6 / each,
            delays: Spread::of(delays),
        }
    }

    fn is_lossless(&self) -> bool {
        self.lost * 1_000_000 <= self.packets * LOSSLESS_PPM && self.whole >= WHOLE
    }

    fn json(&self, gave_up: Vec<Value>) -> Value {
        json!({
            "viewers_per_core": per_core(self.cost),
            "kib_per_viewer": self.kib,
            "forward_ms": self.delays.json(&[("p50", 0.5), ("p99", 0.99)]),
            "viewers": self.viewers,
            "cpu_ms_per_viewer_second": ms(self.cost),
            "load_cpu_ms_per_viewer_second": ms(self.load_cost),
            "mbit_per_viewer_second": (self.mbits * 100.0).round() / 100.0,
            "packets": self.packets,
            "lost": self.lost,
            "pictures_that_came": self.whole,
            "gave_up": gave_up,
        })
    }
}

fn per_core(cost: f64) -> f64 {
    (1.0 / cost.max(1e-9)).round()
}

fn ms(cost: f64) -> f64 {
    (cost * 100_000.0).round() / 100.0
}
