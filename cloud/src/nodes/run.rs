//! What this server says of itself: each second, and a push as it comes and goes.

use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, SessionId};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;

use super::{Card, Held, Nodes};
use crate::media::MediaEvent;
use crate::relay::Far;

const BEAT: Duration = Duration::from_secs(1);

impl Nodes {
    /// Runs until it is dropped; where there are no others, there is nothing to do.
    pub async fn run(self) {
        if self.0.bus.is_alone() {
            return;
        }
        let mut events = self.0.media.events();
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = beat.tick() => self.beat(),
                event = events.recv() => match event {
                    Ok(MediaEvent::LayerArrived { session, .. } | MediaEvent::LayerLost { session, .. }) => {
                        self.say_push(session);
                    }
                    // What was missed is said with the next beat.
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    fn beat(&self) {
        self.table().handle_timeout(Instant::now());
        self.look_after();
        for session in self.0.media.far_pictures() {
            self.note_far_picture(session);
        }
        self.say_card();
        for session in self.0.media.sessions() {
            if self.push(session).is_some() {
                self.say_push(session);
            }
        }
    }

    /// Tells the others what this server is.
    pub(crate) fn say_card(&self) {
        let sessions = self.0.media.sessions();
        let viewers =
            sessions.iter().map(|session| self.0.media.viewers(*session)).fold(0, u32::saturating_add);
        let card = Card {
            role: self.0.place.role,
            url: self.0.place.url.clone(),
            srt_port: self.0.media.local_ports().srt,
            viewers,
            draining: self.0.doors.are_closed(),
        };
        self.0.bus.say_of_all(Far::Here { card });
    }

    fn say_push(&self, session: SessionId) {
        if self.is_edge() {
            return;
        }
        let layers = self.0.media.picture(session).layers;
        let held = self.push(session).filter(|_| !layers.is_empty()).map(|key| Held {
            key,
            high: layers.contains(&Layer::High),
            low: layers.contains(&Layer::Low),
            ahead_us: self.0.media.director_ahead(session),
            on_request: self.0.media.keyframes_on_request(session),
        });
        self.0.bus.say(session, Far::Push { held });
    }
}
