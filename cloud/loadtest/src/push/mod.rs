//! The publisher: a thread of its own that sends the stream at its own pace, again and again.

pub(crate) mod rtp;
pub(crate) mod srt;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use returnfeed_media::Unit;
use returnfeed_protocol::MediaTime;

use crate::ledger::Ledger;
use crate::stream::Stream;

/// How a unit is put on the wire.
pub(crate) trait Way: Send + 'static {
    /// Whether it can be sent to.
    fn open(&mut self) -> anyhow::Result<()>;
    /// Sends a unit whole.
    fn send(&mut self, unit: &Unit) -> anyhow::Result<()>;
    /// Does what is due until `until`.
    fn wait(&mut self, until: Instant) -> anyhow::Result<()>;
}

/// A publisher that runs until it is dropped.
pub(crate) struct Publisher {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Publisher {
    /// Begins to send.
    pub(crate) fn start(mut way: impl Way, stream: Arc<Stream>, ledger: Arc<Ledger>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            way.open()?;
            run(&mut way, &stream, &ledger, &stopped)
        });
        Self { stop, thread: Some(thread) }
    }

    /// Says why it ended, if it did.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        match self.thread.take_if(|thread| thread.is_finished()) {
            None => Ok(()),
            Some(ended) => match ended.join() {
                Ok(result) => result.and_then(|()| anyhow::bail!("the publisher ended")),
                Err(_) => anyhow::bail!("the publisher broke"),
            },
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // What it would say was asked for by `check`, or is wanted by nobody.
            let _ = thread.join();
        }
    }
}

fn run(way: &mut impl Way, stream: &Stream, ledger: &Ledger, stop: &AtomicBool) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut turn = Duration::ZERO;
    loop {
        for (index, (at, unit)) in stream.units.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let at = turn + *at;
            way.wait(begun + at)?;
            let pts = MediaTime(90_000 + u64::try_from(at.as_micros())? * 9 / 100);
            // Before it is: the first viewer may have it before this thread runs again.
            ledger.sent(index, SystemTime::now());
            way.send(&Unit { pts, ..unit.clone() })?;
        }
        turn += stream.length;
    }
}
