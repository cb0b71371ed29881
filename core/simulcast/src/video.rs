//! One viewer's video: which access unit goes out, as which packets of the one RTP stream.

use std::time::Instant;

use returnfeed_protocol::{Layer, MediaTime};

use crate::timeline::Rebase;

/// An access unit that a viewer could be sent.
#[derive(Debug, Clone, Copy)]
pub struct Offered {
    /// Of which layer.
    pub layer: Layer,
    /// Whether decoding can begin here.
    pub keyframe: bool,
    /// Its time as the publisher counts.
    pub pts: MediaTime,
    /// Its moment on our clock.
    pub at: Instant,
    /// How many RTP packets it takes.
    pub packets: u32,
    /// Whether something of this layer is missing right before it.
    pub after_gap: bool,
}

/// How a unit goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Sequence number of its first packet, extended (it does not wrap at 16 bits).
    pub first_seq: u64,
    /// Its RTP timestamp.
    pub timestamp: u32,
    /// The moment on our clock that this timestamp stands for.
    pub at: Instant,
    /// Whether the viewer changes layer with this unit.
    pub switched: Option<Switch>,
}

/// A viewer changes layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// From; `None` for the first unit.
    pub from: Option<Layer>,
    /// To.
    pub to: Layer,
}

/// One viewer's video stream: one SSRC, contiguous, begun and switched at an IDR.
#[derive(Debug, Clone)]
pub struct VideoStream {
    flowing: Option<Layer>,
    held: bool,
    left: bool,
    target: Layer,
    next_seq: u64,
    timeline: Rebase,
}

impl VideoStream {
    /// A stream that has sent nothing. `first_seq` below 65 536 as SRTP wants (RFC 3711 3.3.1: the receiver
    /// begins with rollover counter 0), `first_timestamp` any, both from the caller's randomness (RFC 3550 5.1).
    pub fn new(target: Layer, first_seq: u16, first_timestamp: u32) -> Self {
        Self {
            flowing: None,
            held: false,
            left: false,
            target,
            next_seq: u64::from(first_seq),
            timeline: Rebase::new(u64::from(first_timestamp)),
        }
    }

    /// Sets where to go at that layer's next IDR. Until then the present layer goes on.
    pub fn select(&mut self, target: Layer) {
        let leaves = self.left && self.target == target;
        self.go(target, leaves);
    }

    /// As [`Self::select`], but nothing more goes out until then: the path does not carry the present layer, and
    /// each packet of it would stand before the target's first.
    pub fn leave_for(&mut self, target: Layer) {
        let leaves = self.flowing.is_some_and(|flowing| flowing != target);
        self.go(target, leaves);
    }

    /// Whoever comes back to the layer it had left misses what was sent meanwhile.
    fn go(&mut self, target: Layer, leaves: bool) {
        self.held |= self.left && !leaves;
        self.left = leaves;
        self.target = target;
    }

    /// Where the viewer is or wants to be.
    pub fn target(&self) -> Layer {
        self.target
    }

    /// The layer that goes out now.
    pub fn flowing(&self) -> Option<Layer> {
        self.flowing
    }

    /// Sends nothing more until the next IDR: what follows refers to what this viewer does not have.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// Whether nothing goes out until the target's next IDR, because the layer before was left at once.
    pub fn stands_still(&self) -> bool {
        self.left
    }

    /// The layer whose keyframe this viewer waits for.
    pub fn waits_for(&self) -> Option<Layer> {
        (self.held || self.flowing != Some(self.target)).then_some(self.target)
    }

    /// Decides over one unit. `hold_at_gap`: a keyframe can be had at once, so a still picture for a moment is
    /// better than one that is torn; where it cannot, torn is better than still for seconds.
    pub fn offer(&mut self, unit: &Offered, hold_at_gap: bool) -> Option<Sent> {
        let begins = unit.keyframe && unit.layer == self.target;
        if !begins {
            if self.left || self.flowing != Some(unit.layer) {
                return None;
            }
            self.held |= unit.after_gap && hold_at_gap;
            self.held &= !unit.keyframe;
            if self.held {
                return None;
            }
        }
        let from = self.flowing.replace(unit.layer);
        self.held = false;
        self.left = false;
        let first_seq = self.next_seq;
        self.next_seq += u64::from(unit.packets);
        let (time, at) = self.timeline.map(unit.pts, unit.at);
        let timestamp = MediaTime(time).rtp(MediaTime::HZ as u32);
        let switched = (from != Some(unit.layer)).then_some(Switch { from, to: unit.layer });
        Some(Sent { first_seq, timestamp, at, switched })
    }
}
