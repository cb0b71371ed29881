//! One-time codes by time (RFC 6238 over RFC 4226): six digits by HMAC-SHA-1, a new one each 30 s, as every
//! authenticator makes them.
//!
//! It refuses to know which codes were taken already: whoever stores the step of a code does. Invariant: a code is of one
//! step, and the steps before and after the present one are taken too, for clocks that differ.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};

use crate::random;

/// RFC 4226 4, R6: 160 bits.
const LEN: usize = 20;
const STEP_MS: u64 = 30_000;
/// RFC 6238 5.2 recommends one step for the network and the person.
const APART: u64 = 1;
const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;
/// RFC 4648 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an authenticator and this server share.
pub struct FactorSecret([u8; LEN]);

impl FactorSecret {
    /// A new one.
    pub fn random() -> Self {
        Self(random::bytes())
    }

    /// As it was sealed; `None` where that is none.
    pub fn from_text(text: &SecretString) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text.expose_secret()).ok()?.try_into().ok().map(Self)
    }

    /// As it is sealed.
    pub fn text(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.0).into()
    }

    /// As an authenticator takes it, typed or from a QR code.
    pub fn for_people(&self) -> String {
        base32(&self.0)
    }

    /// The step of a code that somebody typed, where it is one of now.
    pub fn step_of(&self, typed: &str, now_ms: u64) -> Option<u64> {
        let typed: String = typed.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
        let now = now_ms / STEP_MS;
        let is = |step: &u64| {
            let code = format!("{:0DIGITS$}", self.code(*step));
            constant_time::verify_slices_are_equal(code.as_bytes(), typed.as_bytes()).is_ok()
        };
        (now.saturating_sub(APART)..=now.saturating_add(APART)).find(is)
    }

    /// RFC 4226 5.3.
    fn code(&self, step: u64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let offset = tag.as_ref().last().map_or(0, |last| usize::from(last & 0xf));
        let four = tag.as_ref().get(offset..).and_then(|rest| rest.first_chunk());
        four.map_or(0, |four| u32::from_be_bytes(*four) & 0x7fff_ffff) % CODES
    }
}

fn base32(bytes: &[u8; LEN]) -> String {
    bytes
        .chunks(5)
        .flat_map(|five| {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).rev().map(move |letter| char::from(BASE32[usize::from((bits >> (5 * letter)) as u8 & 31)]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of RFC 6238 appendix B.
    const RFC: FactorSecret = FactorSecret(*b"12345678901234567890");
    const SECOND: u64 = 1_000;

    #[test]
    fn the_codes_of_rfc_6238_appendix_b_are_made() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(RFC.step_of(code, seconds * SECOND), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_a_step_apart_and_no_more() {
        let at = |seconds: u64| RFC.step_of("287082", seconds * SECOND); // the code of 30 s to 60 s
        for seconds in [0, 29, 30, 59, 60, 89] {
            assert_eq!(at(seconds), Some(1), "{seconds}");
        }
        for seconds in [90, 120, 1_111_111_109] {
            assert_eq!(at(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn a_code_survives_how_people_type_it_and_nothing_else_does() {
        assert_eq!(RFC.step_of(" 287 082 ", 59 * SECOND), Some(1));
        for typed in ["", "28708", "2870820", "287083", "２８７０８２", "287082x", "-287082", "0287082"]
        {
            assert_eq!(RFC.step_of(typed, 59 * SECOND), None, "{typed}");
        }
    }

    #[test]
    fn a_secret_reads_back_and_is_shown_in_base_32() {
        assert_eq!(RFC.for_people(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let secret = FactorSecret::random();
        assert_eq!(FactorSecret::from_text(&secret.text()).unwrap().0, secret.0);
        assert!(FactorSecret::from_text(&"c2hvcnQ".into()).is_none());
    }
}
