//! Looks at every session once a second, and hears of every change of layer.
//!
//! It refuses to stand on a packet's way: it reads what the media plane tells whoever asks, and a shard that does not
//! answer in time costs one second of one plot.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use returnfeed_protocol::QualitySwitch;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, timeout};

use super::Metrics;
use crate::media::MediaEvent;

const SECOND: Duration = Duration::from_secs(1);
/// How long a session's viewers may take to be told.
const PATIENCE: Duration = Duration::from_millis(200);

impl Metrics {
    /// Runs until it is dropped, or the media plane ends.
    pub async fn watch(self) {
        let mut events = self.media.events();
        let mut tick = tokio::time::interval(SECOND);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Ok(event) => self.handle_media(&event),
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "media events came faster than they were counted");
                    }
                    Err(RecvError::Closed) => return,
                },
                _ = tick.tick() => self.look().await,
            }
        }
    }

    fn handle_media(&self, event: &MediaEvent) {
        if let MediaEvent::LayerSwitched { session, viewer, participant, from, to, reason } = *event {
            let at_ms = self.clock.unix_ms();
            let name = String::new();
            let switch = QualitySwitch { at_ms, viewer, participant, name, from, to, reason };
            if let Some(session) = self.sessions().running(session, Instant::now()) {
                session.handle_switch(switch);
            }
        }
    }

    async fn look(&self) {
        let mut here: BTreeSet<_> = self.media.sessions().into_iter().collect();
        here.extend(self.sessions().read_along());
        for id in here {
            let Ok(viewers) = timeout(PATIENCE, self.media.quality(id)).await else { continue };
            let pushes = self.media.pushes(id);
            let (now, at_ms) = (Instant::now(), self.clock.unix_ms());
            if let Some(session) = self.sessions().running(id, now) {
                session.handle_second(viewers, pushes, now, at_ms);
            }
        }
        self.sessions().tidy(Instant::now());
    }
}
