//! The confidence monitor: the picture as it comes back from the cloud by WHEP, with its true delay.
//!
//! `player` is GStreamer's WebRTC, `whep` the calls, `capture` reads when a picture was captured. Refuses to touch what
//! goes out. Invariant: off air it costs nothing, and its loss is one line and no more.

mod capture;
mod certificate;
mod player;
mod whep;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::gui::MonitorState;
use crate::push::{Backoff, spread};
use crate::uplink::UplinkConfig;
use capture::Second;
use player::{Player, Said, Seen};
use whep::{NoViewer, Whep};

/// Where no picture is to be had yet, it is asked for so often.
const ASKS_EACH: Duration = Duration::from_millis(500);
/// An offer is made in milliseconds, unless a network card does not answer.
const OFFERED_WITHIN: Duration = Duration::from_secs(10);
/// Seconds without a picture after which it is lost.
const SILENT: u32 = 3;

/// The newest picture that came back; clones are the same screen.
#[derive(Clone, Default)]
pub(crate) struct Screen(Arc<Mutex<Option<gst::Buffer>>>);

impl Screen {
    /// What is on it; nothing while nothing comes back.
    pub(crate) fn newest(&self) -> Option<gst::Buffer> {
        self.lock().clone()
    }

    fn show(&self, picture: gst::Buffer) {
        *self.lock() = Some(picture);
    }

    fn clear(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<gst::Buffer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a try is over.
enum End {
    /// Nobody wants it any more.
    Cancelled,
    /// The cloud has no picture yet.
    NotYet,
    /// It was lost, or never came.
    Lost(String),
}

/// Plays until cancelled. `ahead`: how far the cloud takes our clock to be ahead of its own, in µs.
pub(crate) async fn run(
    config: Arc<UplinkConfig>,
    screen: Screen,
    ahead: watch::Receiver<Option<i64>>,
    on: impl Fn(MonitorState) + Send + Sync,
    cancel: CancellationToken,
) {
    if let Some(reason) = player::missing() {
        return on(MonitorState::Lost { reason });
    }
    let mut backoff = Backoff::default();
    on(MonitorState::Calling);
    loop {
        let seen = Seen::new(screen.clone(), ahead.clone());
        let end = play(&config, &seen, &on, &mut backoff, &cancel).await;
        screen.clear();
        let wait = match end {
            End::Cancelled => break,
            End::NotYet => ASKS_EACH,
            End::Lost(reason) => {
                on(MonitorState::Lost { reason });
                backoff.next(spread())
            }
        };
        tokio::select! {
            () = cancel.cancelled() => break,
            () = sleep(wait) => {}
        }
    }
    on(MonitorState::Off);
}

/// One viewer session, from the offer to its end.
async fn play(
    config: &UplinkConfig,
    seen: &Arc<Seen>,
    on: &(impl Fn(MonitorState) + Send + Sync),
    backoff: &mut Backoff,
    cancel: &CancellationToken,
) -> End {
    let whep = match Whep::new(config) {
        Ok(whep) => whep,
        Err(reason) => return End::Lost(reason),
    };
    let (said, mut saying) = mpsc::channel(4);
    let (pictures, cloud) = (Arc::clone(seen), config.cloud.host().to_owned());
    let started = tokio::task::spawn_blocking(move || Player::start(pictures, &cloud, said)).await;
    let player = match started {
        Ok(Ok(player)) => player,
        Ok(Err(reason)) => return End::Lost(reason),
        Err(defect) => return End::Lost(defect.to_string()),
    };
    let end = watch_it(&whep, &player, &mut saying, seen, on, backoff, cancel).await;
    if tokio::task::spawn_blocking(move || drop(player)).await.is_err() {
        tracing::error!("the confidence monitor did not end cleanly");
    }
    end
}

async fn watch_it(
    whep: &Whep<'_>,
    player: &Player,
    saying: &mut mpsc::Receiver<Said>,
    seen: &Seen,
    on: &(impl Fn(MonitorState) + Send + Sync),
    backoff: &mut Backoff,
    cancel: &CancellationToken,
) -> End {
    let offer = tokio::select! {
        () = cancel.cancelled() => return End::Cancelled,
        offer = timeout(OFFERED_WITHIN, saying.recv()) => offer,
    };
    let offer = match offer {
        Ok(Some(Said::Offer(offer))) => offer,
        Ok(Some(Said::Failed(reason))) => return End::Lost(reason),
        Ok(None) | Err(_) => return End::Lost("no offer was made within ten seconds".to_owned()),
    };
    let viewer = match whep.offer(offer).await {
        Ok(viewer) => viewer,
        Err(NoViewer::NotYet) => return End::NotYet,
        Err(NoViewer::Refused(reason)) => return End::Lost(reason),
    };
    let end = match player.answer(&viewer.answer) {
        Ok(()) => pictures(saying, seen, on, backoff, cancel).await,
        Err(reason) => End::Lost(reason),
    };
    whep.end(viewer).await;
    end
}

/// Says each second what came.
async fn pictures(
    saying: &mut mpsc::Receiver<Said>,
    seen: &Seen,
    on: &(impl Fn(MonitorState) + Send + Sync),
    backoff: &mut Backoff,
    cancel: &CancellationToken,
) -> End {
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    second.tick().await;
    let mut silent = 0;
    loop {
        tokio::select! {
            () = cancel.cancelled() => return End::Cancelled,
            Some(said) = saying.recv() => match said {
                Said::Failed(reason) => return End::Lost(reason),
                Said::Offer(_) => {}
            },
            _ = second.tick() => {
                let Second { pictures, delay_ms } = seen.captures().take();
                silent = if pictures == 0 { silent + 1 } else { 0 };
                if silent == SILENT {
                    return End::Lost("no picture came back for three seconds".to_owned());
                }
                if pictures > 0 {
                    backoff.reset();
                    on(MonitorState::Seen { delay_ms, pictures_per_second: pictures });
                }
            }
        }
    }
}
