//! A viewer's first check taken as its nomination.
//!
//! An ICE-lite agent sends no checks: that a pair is good it hears from USE-CANDIDATE alone (RFC 8445 7.3.1.5), which a
//! browser says with its *next* check on the pair. Chromium sends that one 900 ms later wherever the way takes longer
//! than its first pause of 50 ms, and until then the library behind [`super::peer`] holds the answer to the handshake
//! back. But a check that proves the password already says that the viewer is there. So the first one is handed on as
//! if it nominated, of the least priority there is: whichever pair the viewer nominates itself comes before it.
//!
//! It refuses to sign what it has not verified: what it is not sure of goes on as it came.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use aws_lc_rs::{constant_time, hmac};

use super::stun::{self, HEADER};

const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const FINGERPRINT: u16 = 0x8028;
/// An attribute's type and length.
const HEAD: usize = 4;
/// HMAC-SHA1's.
const TAG: usize = 20;
/// Of a candidate that is preferred to none (RFC 8445 5.1.2: 1 to 2^31 - 1).
const LEAST_PRIORITY: [u8; 4] = [0, 0, 0, 1];
/// RFC 8489 14.7.
const FINGERPRINT_XOR: u32 = 0x5354_554e;

/// Whether a binding request says USE-CANDIDATE itself.
pub(super) fn nominates(request: &[u8]) -> bool {
    stun::attributes(request).is_some_and(|mut all| all.any(|(kind, _)| kind == USE_CANDIDATE))
}

/// The same binding request with USE-CANDIDATE in it; nothing where it says so itself, or does not prove `password`.
pub(super) fn nominating(request: &[u8], password: &str) -> Option<Vec<u8>> {
    let mut message = request.get(..HEADER)?.to_vec();
    for (kind, value) in stun::attributes(request)? {
        match kind {
            USE_CANDIDATE => return None,
            MESSAGE_INTEGRITY => {
                let signed = request.get(..message.len())?;
                let tag = tag(&of_length(signed.to_vec(), HEAD.checked_add(TAG)?)?, password);
                constant_time::verify_slices_are_equal(tag.as_ref(), value).ok()?;
                push(&mut message, USE_CANDIDATE, &[])?;
                return finish(message, password);
            }
            PRIORITY => push(&mut message, kind, &LEAST_PRIORITY)?,
            _ => push(&mut message, kind, value)?,
        }
    }
    None
}

/// A check as it is before the viewer nominates: signed, without USE-CANDIDATE. Nothing where it says none.
#[cfg(test)]
pub(super) fn unsaid(request: &[u8], password: &str) -> Option<Vec<u8>> {
    if !nominates(request) {
        return None;
    }
    let mut message = request.get(..HEADER)?.to_vec();
    for (kind, value) in stun::attributes(request)?.take_while(|(kind, _)| *kind != MESSAGE_INTEGRITY) {
        if kind != USE_CANDIDATE {
            push(&mut message, kind, value)?;
        }
    }
    finish(message, password)
}

/// Signs a message, and puts the mark of STUN behind it (RFC 8489 14.5, 14.7).
fn finish(message: Vec<u8>, password: &str) -> Option<Vec<u8>> {
    let mut message = of_length(message, HEAD.checked_add(TAG)?)?;
    let tag = tag(&message, password);
    push(&mut message, MESSAGE_INTEGRITY, tag.as_ref())?;
    let mut message = of_length(message, HEAD.checked_add(4)?)?;
    let fingerprint = crc32fast::hash(&message) ^ FINGERPRINT_XOR;
    push(&mut message, FINGERPRINT, &fingerprint.to_be_bytes())?;
    Some(message)
}

fn tag(message: &[u8], password: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()), message)
}

/// The message with the length that it has once `more` bytes follow.
fn of_length(mut message: Vec<u8>, more: usize) -> Option<Vec<u8>> {
    let length = u16::try_from(message.len().checked_sub(HEADER)?.checked_add(more)?).ok()?;
    message.get_mut(2..4)?.copy_from_slice(&length.to_be_bytes());
    Some(message)
}

fn push(message: &mut Vec<u8>, kind: u16, value: &[u8]) -> Option<()> {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).ok()?.to_be_bytes());
    message.extend(value);
    message.resize(message.len().checked_next_multiple_of(4)?, 0);
    Some(())
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, clippy::expect_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    /// RFC 5769 2.1, its password, and with spaces for padding as it has them.
    const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
    const SAMPLE: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74\
        002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020\
        000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";

    fn sample() -> Vec<u8> {
        let digits: Vec<u8> = SAMPLE.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    #[test]
    fn the_rfcs_own_check_nominates_with_the_least_priority_and_proves_the_password_still() {
        let out = nominating(&sample(), PASSWORD).expect("it proves the password");
        let kinds: Vec<u16> = stun::attributes(&out).unwrap().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [0x8022, PRIORITY, 0x8029, 0x0006, USE_CANDIDATE, MESSAGE_INTEGRITY, FINGERPRINT]);
        let value = |wanted| stun::attributes(&out).unwrap().find(|(kind, _)| *kind == wanted).unwrap().1;
        assert_eq!(value(PRIORITY), LEAST_PRIORITY);
        assert_eq!(out[8..HEADER], sample()[8..HEADER], "the answer bears the viewer's transaction");
        assert_eq!(usize::from(u16::from_be_bytes([out[2], out[3]])), out.len() - HEADER);
        // Signed by the same rule as the sample, whose own mark this reproduces.
        let sample = sample();
        let (marked, mark) = sample.split_at(sample.len() - 8);
        assert_eq!((crc32fast::hash(marked) ^ FINGERPRINT_XOR).to_be_bytes(), mark[4..]);
        assert!(nominates(&out) && !nominates(&sample));
        assert_eq!(nominating(&out, PASSWORD), None, "it nominates by itself now");
    }

    #[test]
    fn what_is_not_proven_is_not_signed() {
        assert_eq!(nominating(&sample(), "another password"), None);
        for at in (0..sample().len() - 8).filter(|at| !(2..4).contains(at)) {
            let mut forged = sample();
            forged[at] ^= 0x01;
            assert_eq!(nominating(&forged, PASSWORD), None, "byte {at}");
        }
        for len in 0..sample().len() - 8 {
            assert_eq!(nominating(&sample()[..len], PASSWORD), None, "{len} bytes");
        }
    }
}
