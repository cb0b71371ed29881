//! `join`: how soon a joiner has a picture, and what those who watch already notice of fifty who join at once.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{bail, ensure};
use serde_json::json;

use crate::ledger::Ledger;
use crate::server::Server as _;
use crate::server::ours::Ours;
use crate::spread::Spread;
use crate::stream::Stream;
use crate::viewer::Watching;
use crate::{Place, process, write};

/// How long a joiner is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long those who sit are measured before anybody joins.
const QUIET: Duration = Duration::from_secs(3);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Viewers that join
    #[arg(long, default_value_t = 50)]
    joiners: u32,
    /// Within so many ms
    #[arg(long, default_value_t = 1000)]
    within_ms: u32,
    /// Viewers that watch already
    #[arg(long, default_value_t = 4)]
    sitting: usize,
    /// Shards of the server [default: the server's own]
    #[arg(long)]
    shards: Option<usize>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { place: Place { cloud, out }, joiners, within_ms, sitting, shards } = arguments;
    let stream = Arc::new(Stream::make()?);
    let ledger = Arc::new(Ledger::new(&stream));
    let mut server = Ours::start(&cloud, joiners as usize + sitting, shards).await?;
    let mut publisher = server.publish(&stream, &ledger).await?;
    let mut seated = vec![first(&mut server, &ledger).await?];
    while seated.len() < sitting {
        seated.push(server.join(&ledger).await?);
    }
    for watching in &seated {
        picture(watching).await?;
    }
    let mut pages = Vec::new();
    for _ in 0..joiners {
        pages.push(server.page().await?);
    }

    let quiet_since = SystemTime::now();
    tokio::time::sleep(QUIET).await;
    let (begun, since) = (Instant::now(), SystemTime::now());
    let (server_cpu, own_cpu) = (server.process().cpu()?, process::own_cpu()?);
    let every = Duration::from_millis(u64::from(within_ms)) / joiners.max(1);
    let joining = pages.into_iter().zip(0..).map(|(page, n)| {
        let ledger = Arc::clone(&ledger);
        tokio::task::spawn_local(async move {
            tokio::time::sleep_until((begun + every * n).into()).await;
            let (posted, watching) = page.watch(&ledger).await?;
            let whole = picture(&watching).await?;
            anyhow::Ok((whole.duration_since(posted).unwrap_or_default(), watching))
        })
    });
    let (mut firsts, mut joined) = (Vec::new(), Vec::new());
    for joining in joining.collect::<Vec<_>>() {
        let (took, watching) = joining.await??;
        firsts.push(took);
        joined.push(watching);
    }
    let until = SystemTime::now();
    publisher.check()?;
    let (server_cpu, own_cpu) = (server.process().cpu()? - server_cpu, process::own_cpu()? - own_cpu);

    let held = |from, to| {
        let delays = seated.iter().flat_map(|watching| watching.seen.borrow().delays().to_vec());
        Spread::of(delays.filter(|(at, _)| (from..to).contains(at)).map(|(_, delay)| delay).collect())
    };
    let (quiet, busy) = (held(quiet_since, since), held(since, until));
    let (lost, alive) = seated.iter().chain(&joined).fold((0, 0), |(lost, alive), watching| {
        (lost + watching.seen.borrow().packets().1, alive + usize::from(watching.is_alive()))
    });
    let shares = [("p50", 0.5), ("p95", 0.95), ("max", 1.0)];
    let first = Spread::of(firsts);
    let result = json!({
        "first_frame_ms": first.json(&shares),
        "joins": joiners,
        "within_ms": within_ms,
        "sitting_forward_ms": {
            "before": quiet.json(&[("p50", 0.5), ("p99", 0.99), ("max", 1.0)]),
            "while_they_join": busy.json(&[("p50", 0.5), ("p99", 0.99), ("max", 1.0)]),
        },
        "lost_packets": lost,
        "server_cpu_ms_per_join": server_cpu.as_secs_f64() * 1000.0 / f64::from(joiners),
        "load_cpu_s": own_cpu.as_secs_f64(),
    });
    write(&out, &result)?;
    println!("{}", serde_json::to_string_pretty(&result)?);
    ensure!(alive == joined.len() + seated.len(), "only {alive} viewers stayed");
    let p95 = first.ms(0.95).unwrap_or(f64::INFINITY);
    if p95 > 300.0 {
        bail!("over the bound: p95 {p95} ms is above 300");
    }
    Ok(())
}

/// The first viewer: until the stream has arrived at the server, it is refused.
pub(crate) async fn first(
    server: &mut impl crate::server::Server,
    ledger: &Arc<Ledger>,
) -> anyhow::Result<Watching> {
    let end = Instant::now() + PATIENCE;
    loop {
        match server.join(ledger).await {
            Ok(watching) => return Ok(watching),
            Err(error) if Instant::now() > end => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Waits for the first packets, which are seen without being understood.
pub(crate) async fn media(watching: &Watching) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    while watching.seen.borrow().packets().0 == 0 {
        ensure!(watching.is_alive(), "a viewer's connection ended");
        ensure!(Instant::now() < end, "a viewer was sent nothing in {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Waits for the first whole picture.
async fn picture(watching: &Watching) -> anyhow::Result<SystemTime> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(whole) = watching.seen.borrow().first_picture() {
            return Ok(whole);
        }
        ensure!(watching.is_alive(), "a viewer's connection ended");
        ensure!(Instant::now() < end, "a viewer has no picture after {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
