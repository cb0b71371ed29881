//! One viewer session: its connection, its right, its wish, and where it is counted.

use std::net::SocketAddr;
use std::time::Instant;

use returnfeed_protocol::{Layer, SessionId};
use returnfeed_simulcast::{Present, Switch, choose};

use super::peer::Peer;
use super::room::offered;
use super::socket::Path;
use crate::ingest::Frame;
use crate::media::board::Seat;

/// One viewer session.
pub(super) struct Viewer {
    pub(super) peer: Peer,
    pub(super) seat: Seat,
    pub(super) wanted: Layer,
    pub(super) heard: Instant,
    pub(super) path: Option<Path>,
    counted: Option<Layer>,
}

impl Viewer {
    pub(super) fn new(peer: Peer, seat: Seat, wanted: Layer, now: Instant) -> Self {
        Self { peer, seat, wanted, heard: now, path: None, counted: None }
    }

    /// Where its datagrams go: to `remote`, from the address of ours that it called.
    pub(super) fn path_to(&self, remote: SocketAddr) -> Path {
        Path { remote, local: self.path.and_then(|path| path.local) }
    }

    /// Goes to what its wish and its right allow of what arrives.
    pub(super) fn retarget(&mut self, present: Present) {
        if let Some(layer) = choose(self.wanted, self.seat.best, present) {
            self.peer.video_stream.select(layer);
        }
    }

    /// Queues a frame if this viewer's stream takes it.
    pub(super) fn send(&mut self, frame: &Frame, after_gap: bool, hold_at_gap: bool) -> bool {
        match offered(frame, after_gap) {
            Some((unit, keyframe)) => {
                let Some(sent) = self.peer.video_stream.offer(&unit, hold_at_gap) else { return false };
                if let Some(switch) = sent.switched {
                    self.count(switch);
                }
                self.peer.send_video(frame, &sent, keyframe);
                true
            }
            None if self.peer.has_audio() => {
                let sent = self.peer.audio_stream.send(frame.pts, frame.at);
                self.peer.send_audio(frame, sent);
                true
            }
            None => false,
        }
    }

    /// Counts the viewer where it is now.
    fn count(&mut self, switch: Switch) {
        let session = self.seat.session;
        if let Some(from) = switch.from {
            let labels = [
                ("session_id", session.to_string()),
                ("from_quality", from.to_string()),
                ("to_quality", switch.to.to_string()),
            ];
            metrics::counter!("simulcast_quality_switches", &labels).increment(1);
        }
        self.uncount();
        active(session, switch.to).increment(1.0);
        self.counted = Some(switch.to);
    }

    /// No longer counts it anywhere.
    pub(super) fn uncount(&mut self) {
        if let Some(layer) = self.counted.take() {
            active(self.seat.session, layer).decrement(1.0);
        }
    }
}

fn active(session: SessionId, layer: Layer) -> metrics::Gauge {
    let labels = [("session_id", session.to_string()), ("quality", layer.to_string())];
    metrics::gauge!("simulcast_active_viewers", &labels)
}
