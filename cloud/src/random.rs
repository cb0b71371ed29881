//! Randomness from the system, for ids, secrets and codes.
//!
//! Invariant: nothing here is ever seeded.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Letters and digits that nobody takes for one another (Crockford's base 32: no I, L, O, U).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LEN: usize = 10;

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

/// A join code of 50 bits.
pub fn code() -> String {
    bytes::<CODE_LEN>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
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
    let one = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let code: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(CODE_LEN + 1).map(one).collect();
    let known = |letter: u8| LETTERS.contains(&letter);
    (code.len() == CODE_LEN && code.bytes().all(known)).then_some(code)
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
    fn what_is_no_code_is_none() {
        for typed in ["", "ABC", "ABCDE-FGHJU", "ABCDEFGHJKM", "\u{ac00}\u{ac00}\u{ac00}", "ABCDE_FGHJK"] {
            assert_eq!(code_from_people(typed), None, "{typed}");
        }
    }
}
