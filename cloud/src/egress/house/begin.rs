//! How a viewer's picture begins: the answer to its offer, the kept pictures once it is connected, and the keyframe that
//! it waits for where those are not enough.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use returnfeed_protocol::{Layer, ViewerId};
use returnfeed_simulcast::Thresholds;

use super::House;
use crate::egress::command::Answered;
use crate::egress::peer::Peer;
use crate::egress::ports::addresses;
use crate::egress::viewer::Viewer;
use crate::media::board::Seat;
use crate::media::{JoinRefusal, MediaEvent};

impl House {
    pub(super) fn join(
        &mut self,
        id: ViewerId,
        seat: Seat,
        wanted: Layer,
        quality: Thresholds,
        offer: &str,
    ) -> Result<Answered, JoinRefusal> {
        let now = Instant::now();
        let port = self.address.port();
        let local = addresses(&self.public, self.address.ip());
        self.candidates = local.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        let answered = catch_unwind(AssertUnwindSafe(|| {
            Peer::answer(offer, &self.identity, &self.candidates, wanted, quality.up_bandwidth, now)
        }));
        let (peer, answer) =
            answered.unwrap_or_else(|_| Err(JoinRefusal::SdpInvalid("it cannot be read".to_owned())))?;
        let etag = peer.etag();
        let mut viewer = Viewer::new(peer, seat, wanted, quality, now);
        let room = self.rooms.entry(seat.session).or_default();
        room.viewers.push(id);
        viewer.retarget(self.board.present(seat.session), now);
        self.viewers.insert(id, viewer);
        self.tell(MediaEvent::ViewerJoined {
            session: seat.session,
            viewer: id,
            participant: seat.participant,
        });
        self.with(id, |_, _| {});
        Ok(Answered { answer, etag })
    }

    /// Gives a joiner the picture there is.
    pub(super) fn prime(&mut self, id: ViewerId) {
        let present = self.present_for(id);
        let Some(session) = self.viewers.get(id).map(|viewer| viewer.seat.session) else { return };
        let Some(room) = self.rooms.get(&session) else { return };
        let hold_at_gap = room.keyframes_on_request;
        let replays = Layer::ALL.map(|layer| (layer, room.replay(layer)));
        self.with(id, |viewer, now| {
            viewer.retarget(present, now);
            let target = viewer.peer.video_stream.target();
            let Some((_, (kept, complete))) = replays.iter().find(|(layer, _)| *layer == target) else {
                return;
            };
            for kept in kept {
                viewer.send(&kept.frame, kept.after_gap, hold_at_gap, now);
            }
            if !complete && !kept.is_empty() {
                viewer.peer.video_stream.hold();
            }
            viewer.peer.handle_timeout(now);
        });
        self.want_for(id);
    }

    /// Gets a waiting viewer its keyframe: from the encoder, or, where that cannot be asked and nothing else goes
    /// out, from what is kept.
    pub(super) fn want_for(&mut self, id: ViewerId) {
        let now = Instant::now();
        let Some(viewer) = self.viewers.get(id) else { return };
        let Some(layer) = viewer.waits_for(now) else { return };
        let unasked = self.rooms.get(&viewer.seat.session).filter(|room| !room.keyframes_on_request);
        let Some(room) = unasked else { return self.want(id, |_| Some(layer)) };
        if viewer.stands_still() {
            let (kept, complete) = room.replay(layer);
            self.with(id, |viewer, now| {
                if viewer.begin_from(layer, kept, complete, now) {
                    viewer.peer.handle_timeout(now);
                }
            });
        }
    }

    pub(super) fn want(&mut self, id: ViewerId, layer: impl Fn(&Viewer) -> Option<Layer>) {
        let Some(viewer) = self.viewers.get(id) else { return };
        if let Some(layer) = layer(viewer) {
            // Full: others ask already, and who still waits asks again at the next tick.
            let _ = self.wanted.try_send((viewer.seat.session, layer));
        }
    }
}
