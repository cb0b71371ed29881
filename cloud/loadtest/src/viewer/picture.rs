//! When the first whole IDR picture has come: from the packet that begins it to the one with the marker, without a
//! gap (RFC 6184 5.6 to 5.8).

use std::time::SystemTime;

const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Looks for the first whole IDR picture.
#[derive(Debug, Default)]
pub(crate) struct FirstPicture {
    next: Option<u64>,
    pub(crate) whole: Option<SystemTime>,
}

impl FirstPicture {
    pub(crate) fn take(&mut self, seq: u64, marker: bool, payload: &[u8], at: SystemTime) {
        if self.whole.is_some() {
            return;
        }
        let goes_on = self.next == Some(seq);
        if !goes_on && !begins_idr(payload) {
            self.next = None;
            return;
        }
        self.next = Some(seq + 1);
        if marker {
            self.whole = Some(at);
        }
    }
}

fn begins_idr(payload: &[u8]) -> bool {
    let kind = |byte: &u8| byte & 0x1f;
    match payload.first().map(kind) {
        Some(IDR | SPS) => true,
        Some(FU_A) => payload.get(1).is_some_and(|second| second & 0x80 != 0 && kind(second) == IDR),
        // The first unit's header stands behind its size.
        Some(STAP_A) => payload.get(3).map(kind).is_some_and(|first| first == IDR || first == SPS),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: &[u8] = &[STAP_A, 0, 2, 0x67, 0x42];
    const START: &[u8] = &[FU_A, 0x85];
    const MIDDLE: &[u8] = &[FU_A, 0x05];
    const OTHER: &[u8] = &[0x41];

    fn whole(packets: &[(u64, bool, &[u8])]) -> bool {
        let mut first = FirstPicture::default();
        for (seq, marker, payload) in packets {
            first.take(*seq, *marker, payload, SystemTime::now());
        }
        first.whole.is_some()
    }

    #[test]
    fn only_an_unbroken_idr_to_its_marker_is_a_picture() {
        assert!(whole(&[(1, false, PARAMETERS), (2, false, START), (3, true, MIDDLE)]));
        assert!(!whole(&[(1, false, PARAMETERS), (2, false, START)]), "not yet");
        assert!(!whole(&[(1, false, PARAMETERS), (3, true, MIDDLE)]), "a gap");
        assert!(!whole(&[(1, true, OTHER)]), "another picture");
        assert!(whole(&[(1, true, OTHER), (2, false, START), (3, true, MIDDLE)]));
    }
}
