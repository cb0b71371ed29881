//! Randomness from the system, for ids, secrets and codes.
//!
//! Invariant: nothing here is ever seeded.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Letters and digits that nobody takes for one another (Crockford's base 32: no I, L, O, U).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LEN: usize = 10;
const RECOVERY_LEN: usize = 24;

/// `N` random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}

/// `N` random bytes as text that is safe in an address.
pub fn text<const N: usize>() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<N>())
}

/// A time below this one, in whole µs, any as likely as any other.
pub fn below(most: Duration) -> Duration {
    let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX).max(1);
    // The remainder prefers the early ones by less than one in 2^64 / most.
    Duration::from_micros(u64::from_le_bytes(bytes()) % most)
}

/// A join code of 50 bits.
pub fn code() -> String {
    letters::<CODE_LEN>()
}

/// What logs in where an authenticator is lost: 120 bits, so that its plain hash tells nothing (ASVS 5.0 6.5.2).
pub fn recovery_code() -> String {
    letters::<RECOVERY_LEN>()
}

fn letters<const N: usize>() -> String {
    bytes::<N>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// The same as people read it: groups of four.
pub fn recovery_code_for_people(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// The same as somebody typed it, as it was made.
pub fn recovery_code_from_people(typed: &str) -> Option<String> {
    from_people::<RECOVERY_LEN>(typed)
}

/// A code as people read it: two groups.
pub fn code_for_people(code: &str) -> String {
    match code.split_at_checked(CODE_LEN / 2) {
        Some((left, right)) if !right.is_empty() => format!("{left}-{right}"),
        _ => code.to_owned(),
    }
}

/// A code as somebody typed it, as it was made: without spaces and hyphens, upper case, O as 0, I and L as 1.
pub fn code_from_people(typed: &str) -> Option<String> {
    from_people::<CODE_LEN>(typed)
}

fn from_people<const N: usize>(typed: &str) -> Option<String> {
    let one = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let code: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(N + 1).map(one).collect();
    let known = |letter: u8| LETTERS.contains(&letter);
    (code.len() == N && code.bytes().all(known)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_how_people_type_it() {
        for _ in 0..200 {
            let made = code();
            assert_eq!(code_from_people(&code_for_people(&made)).as_ref(), Some(&made));
            let sloppy = made.to_lowercase().replace('0', "o").replace('1', "l");
            assert_eq!(code_from_people(&format!(" {} {} ", &sloppy[..3], &sloppy[3..])), Some(made));
        }
    }

    #[test]
    fn a_recovery_code_survives_how_people_type_it_and_is_no_join_code() {
        let made = recovery_code();
        let shown = recovery_code_for_people(&made);
        assert_eq!((made.len(), shown.len(), shown.matches('-').count()), (24, 29, 5));
        assert_eq!(recovery_code_from_people(&shown.to_lowercase().replace('-', " ")), Some(made.clone()));
        assert_eq!((code_from_people(&made), recovery_code_from_people("287082")), (None, None));
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in ["", "ABC", "ABCDE-FGHJU", "ABCDEFGHJKM", "\u{ac00}\u{ac00}\u{ac00}", "ABCDE_FGHJK"] {
            assert_eq!(code_from_people(typed), None, "{typed}");
        }
    }
}
