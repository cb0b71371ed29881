//! One viewer session: its connection, its right and its wish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, LayerReason, Role, ViewerId};
use returnfeed_simulcast::{Measured, Playout, Present, Probe, QualityRule, Report, Thresholds, choose};

use super::catch_up::CatchUp;
use super::flow::Flow;
use super::peer::Peer;
use super::room::{Kept, offered};
use super::socket::{Path, Transport};
use crate::ingest::{Content, Frame};
use crate::media::ViewerQuality;
use crate::media::board::Seat;

/// A path that became too narrow is left to drain before the low layer's first picture, which would only wait in
/// its queue and grow old; so long at most.
const LONGEST_QUIET: Duration = Duration::from_millis(400);

/// A viewer has another layer, or another reason for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Switched {
    /// As in [`crate::media::MediaEvent::LayerSwitched`].
    pub(super) from: Option<Layer>,
    pub(super) to: Layer,
    pub(super) reason: LayerReason,
}

/// One viewer session.
pub(super) struct Viewer {
    pub(super) peer: Peer,
    pub(super) seat: Seat,
    pub(super) wanted: Layer,
    pub(super) began: Instant,
    pub(super) heard: Instant,
    pub(super) path: Option<Path>,
    quality_rule: QualityRule,
    present: Present,
    playout: Playout,
    /// Until then its path is left to drain.
    quiet_until: Option<Instant>,
    /// What it has yet to be sent of the layer that it came to between two keyframes.
    catch_up: Option<CatchUp>,
    /// Why it goes where it goes.
    reason: LayerReason,
    /// Why it is where it is, and since when.
    told: Option<(LayerReason, Instant)>,
    switched: Option<Switched>,
}

impl Viewer {
    pub(super) fn new(peer: Peer, seat: Seat, wanted: Layer, quality: Thresholds, now: Instant) -> Self {
        let quality_rule = QualityRule::new(quality);
        Self {
            peer,
            seat,
            wanted,
            began: now,
            heard: now,
            path: None,
            reason: quality_rule.verdict().reason,
            quality_rule,
            present: Present::default(),
            playout: Playout::default(),
            quiet_until: None,
            catch_up: None,
            told: None,
            switched: None,
        }
    }

    /// How it fares.
    pub(super) fn quality(&self, viewer: ViewerId, now: Instant) -> ViewerQuality {
        let Seat { participant, role, best, .. } = self.seat;
        let Measured { loss, rtt, bandwidth } = self.quality_rule.measured(now);
        let (reason, since) = self.told.unwrap_or((self.reason, self.began));
        ViewerQuality {
            viewer,
            participant,
            role,
            layer: self.peer.video_stream.flowing(),
            wanted: self.wanted,
            best,
            reason,
            since,
            loss,
            rtt,
            bandwidth,
            jitter: self.peer.jitter(),
            playout_delay: self.peer.playout_delay(),
        }
    }

    /// The news of it, once.
    pub(super) fn take_switched(&mut self) -> Option<Switched> {
        self.switched.take()
    }

    /// Where its datagrams go: to `remote`, from the address of ours that it called.
    pub(super) fn path_to(&self, transport: Transport, remote: SocketAddr) -> Path {
        Path { remote, local: self.path.and_then(|path| path.local), transport }
    }

    /// Sets the best layer it may have.
    pub(super) fn set_best(&mut self, best: Layer, now: Instant) {
        self.seat.best = best;
        self.retarget(self.present, now);
    }

    /// Goes to what its wish, its right and its network allow of what arrives.
    pub(super) fn retarget(&mut self, present: Present, now: Instant) {
        self.present = present;
        let verdict = self.quality_rule.verdict();
        let stream = &mut self.peer.video_stream;
        let flowing = stream.flowing();
        let Some(given) = choose(self.wanted, self.seat.best, verdict, present) else {
            // Only what it has no right to arrives, or nothing does.
            if flowing > Some(self.seat.best) {
                stream.leave_for(self.seat.best);
            }
            return;
        };
        self.reason = given.reason;
        let narrow = given.layer == verdict.best && given.reason == verdict.reason;
        if flowing > Some(self.seat.best) {
            stream.leave_for(given.layer);
        } else if flowing > Some(given.layer) && narrow {
            // The path is freed at once.
            stream.leave_for(given.layer);
            self.peer.flow().into_iter().for_each(Flow::became_narrow);
            let queued = self.quality_rule.newest_rtt(now).unwrap_or_default();
            self.quiet_until = Some(now + queued.min(LONGEST_QUIET));
        } else {
            stream.select(given.layer);
        }
        if flowing == Some(given.layer) {
            self.tell(flowing, given.layer, now);
        }
    }

    /// Takes what the browser says of its network.
    pub(super) fn handle_report(&mut self, report: &Report, now: Instant) {
        if self.quality_rule.handle_report(report, now).is_some() {
            self.retarget(self.present, now);
        }
        // A camera operator's picture is never held.
        if self.seat.role == Role::Viewer
            && let Some(jitter) = self.peer.jitter()
        {
            self.playout.handle_jitter(jitter, now);
            let delay = self.playout.delay();
            self.peer.flow().into_iter().for_each(|flow| flow.set_playout_delay(delay));
        }
        let climbs = self.wanted.min(self.seat.best) == Layer::High && self.present.has(Layer::High);
        let Some(flow) = self.peer.flow() else { return };
        match self.quality_rule.poll_probe(climbs, now) {
            Some(Probe::Begin) => flow.begin_probe(now),
            Some(Probe::End) => flow.end_probe(),
            None => {}
        }
    }

    /// The layer whose keyframe it waits for.
    pub(super) fn waits_for(&self, now: Instant) -> Option<Layer> {
        self.peer.video_stream.waits_for().filter(|_| self.quiet_until.is_none_or(|until| until <= now))
    }

    fn tell(&mut self, from: Option<Layer>, to: Layer, now: Instant) {
        let reason = self.reason;
        if from != Some(to) || self.told.is_none_or(|(told, _)| told != reason) {
            self.told = Some((reason, now));
            self.switched = Some(Switched { from, to, reason });
        }
    }

    /// Whether nothing goes out until it is sent a keyframe of the layer that it goes to.
    pub(super) fn stands_still(&self) -> bool {
        self.peer.video_stream.stands_still()
    }

    /// Begins with what is kept of the layer that it waits for, as [`super::room::Room::replay`] gives it: nobody can
    /// be asked for a fresh keyframe. Whether anything was queued.
    pub(super) fn begin_from(&mut self, layer: Layer, kept: Vec<Kept>, complete: bool, now: Instant) -> bool {
        if kept.is_empty() {
            return false;
        }
        let carries = self.quality_rule.measured(now).bandwidth;
        self.catch_up = Some(CatchUp::new(layer, kept, carries, now));
        let sent = self.go_on_catching_up(now);
        if !complete {
            self.peer.video_stream.hold();
        }
        sent
    }

    /// The publisher's pictures of these layers end here: what comes back is another stream, whatever it says.
    pub(super) fn lost(&mut self, layers: &[Layer]) {
        if self.peer.video_stream.flowing().is_some_and(|layer| layers.contains(&layer)) {
            self.peer.video_stream.hold();
            self.catch_up = None;
        }
    }

    /// Queues a frame if this viewer's stream takes it.
    pub(super) fn send(
        &mut self,
        frame: &Arc<Frame>,
        after_gap: bool,
        hold_at_gap: bool,
        now: Instant,
    ) -> bool {
        match frame.content {
            Content::Video { .. } if self.quiet_until.is_some_and(|until| now < until) => false,
            Content::Video { .. } => {
                let Some(catch_up) = &mut self.catch_up else {
                    return self.send_picture(frame, after_gap, hold_at_gap, now);
                };
                if catch_up.layer() == frame.layer {
                    catch_up.push(Kept { frame: Arc::clone(frame), after_gap });
                } else if self.send_picture(frame, after_gap, hold_at_gap, now) {
                    // It went to the other layer meanwhile.
                    self.catch_up = None;
                    return true;
                }
                self.go_on_catching_up(now)
            }
            Content::Audio if self.peer.has_audio() => {
                let sent = self.peer.audio_stream.send(frame.pts, frame.at);
                self.peer.flow().into_iter().for_each(|flow| flow.send_audio(frame, sent, now));
                true
            }
            Content::Audio => false,
        }
    }

    /// Queues what is due of what it has yet to be sent.
    fn go_on_catching_up(&mut self, now: Instant) -> bool {
        let Some(mut catch_up) = self.catch_up.take() else { return false };
        let mut sent = false;
        while let Some(Kept { frame, after_gap }) = catch_up.poll(now) {
            sent |= self.send_picture(&frame, after_gap, false, now);
        }
        self.catch_up = Some(catch_up).filter(|catch_up| !catch_up.is_over());
        sent
    }

    fn send_picture(&mut self, frame: &Frame, after_gap: bool, hold_at_gap: bool, now: Instant) -> bool {
        let Some((unit, keyframe)) = offered(frame, after_gap) else { return false };
        let Some(sent) = self.peer.video_stream.offer(&unit, hold_at_gap) else { return false };
        if let Some(switch) = sent.switched {
            self.tell(switch.from, switch.to, now);
        }
        self.peer.flow().into_iter().for_each(|flow| flow.send_video(frame, &sent, keyframe, now));
        true
    }
}
