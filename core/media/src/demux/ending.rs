//! Where an access unit ends: by which signs, and how far each is believed.
//!
//! Waiting for the next unit costs a frame's duration (16.7 ms at 60), so the end is read from the unit itself: by
//! its PES length, or, when that is left open, by stuffing in the adaptation field of a packet with a payload
//! (nothing else was left to send), or by a short SRT message (the sender flushed). The last two are no rule of the
//! standard. Length and stuffing are believed from the first unit: no muxer tried ever stuffed in the middle, though
//! some write 16 bits of a length that has more. Short messages are believed after several have come true, because
//! a sender that reads a pipe cuts anywhere.
//! Invariant: a sign that was wrong once is not believed again on this connection.

/// How often a short message must have coincided with a unit's end: 8 units, an eighth of a second.
const PROOF: u8 = 8;

/// How a unit was seen to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Its PES length was filled.
    Length,
    /// The packet was stuffed.
    Stuffing,
    /// The message was short.
    ShortMessage,
}

/// What the sender's signs are worth.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    length_lied: bool,
    stuffing_lied: bool,
    short_lied: bool,
    short_proof: u8,
    /// A short message has ended and the track's next packet is still to come.
    behind_short: bool,
}

impl Signs {
    pub(crate) const fn believes_length(&self) -> bool {
        !self.length_lied
    }

    pub(crate) const fn believes_stuffing(&self) -> bool {
        !self.stuffing_lied
    }

    pub(crate) const fn believes_short(&self) -> bool {
        !self.short_lied && self.short_proof >= PROOF
    }

    /// A short message ended here.
    pub(crate) const fn handle_short(&mut self) {
        self.behind_short = true;
    }

    /// The track's next packet with a payload: the first of a unit, or more of the one before.
    pub(crate) const fn handle_packet(&mut self, starts: bool) {
        if !self.behind_short {
            return;
        }
        self.behind_short = false;
        if starts {
            self.short_proof = self.short_proof.saturating_add(1);
        } else {
            self.short_lied = true;
        }
    }

    /// More of a unit came that had been taken for ended.
    pub(crate) const fn handle_lie(&mut self, sign: Sign) {
        match sign {
            Sign::Length => self.length_lied = true,
            Sign::Stuffing => self.stuffing_lied = true,
            Sign::ShortMessage => self.short_lied = true,
        }
    }
}
