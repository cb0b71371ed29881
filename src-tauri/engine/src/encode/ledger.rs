//! Remembers when each frame was captured and given to the encoder, to be found again by its air time. Pure.
//!
//! Invariant: bounded; a frame that the encoder dropped is forgotten when [`LIMIT`] newer ones have come.

use std::collections::VecDeque;

use returnfeed_protocol::MediaTime;

/// Two seconds at 60: no encoder that is worth pushing holds more.
const LIMIT: usize = 120;

/// Moments of one frame, in wall time (µs since 1970).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// When the frame arrived from its source.
    pub(super) captured_us: u64,
    /// When it was given to the encoder.
    pub(super) encoder_in_us: u64,
}

/// The book of frames inside the encoder.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: VecDeque<(MediaTime, Entry)>,
}

impl Ledger {
    /// A frame goes in.
    pub(super) fn note(&mut self, pts: MediaTime, entry: Entry) {
        if self.entries.len() == LIMIT {
            self.entries.pop_front();
        }
        self.entries.push_back((pts, entry));
    }

    /// The frame of this time. Layers encode on their own, so it stays for the other.
    pub(super) fn find(&self, pts: MediaTime) -> Option<Entry> {
        self.entries.iter().rev().find(|(at, _)| *at == pts).map(|(_, entry)| *entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layers_find_the_same_frame_and_old_frames_are_forgotten() {
        let mut ledger = Ledger::default();
        for n in 0..300 {
            ledger.note(MediaTime(n), Entry { captured_us: n, encoder_in_us: n + 1 });
        }
        assert_eq!(ledger.find(MediaTime(299)), ledger.find(MediaTime(299)));
        assert_eq!(ledger.find(MediaTime(299)), Some(Entry { captured_us: 299, encoder_in_us: 300 }));
        assert_eq!(ledger.find(MediaTime(0)), None);
        assert_eq!(ledger.entries.len(), LIMIT);
    }
}
