//! Takes out of a text what is about a person or opens something, before it leaves the machine.
//!
//! Pure. It errs on the side of taking too much: e-mails, addresses of the network, whatever stands behind a name such as
//! `token`, and every long word that a machine made. What stays are words, short numbers and the ids of sessions.

use uuid::Uuid;

const GONE: &str = "[scrubbed]";
/// As long as the shortest secret that we make: a join code is six, and is caught by its name.
const LONG: usize = 16;
const NAMES: [&str; 12] = [
    "token",
    "password",
    "passphrase",
    "secret",
    "key",
    "code",
    "email",
    "name",
    "address",
    "authorization",
    "cookie",
    "ticket",
];

/// Whether a field of this name is never sent.
pub(super) fn is_private(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|private| name.contains(private))
}

/// A text without them.
pub(super) fn scrub(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut behind_a_name = false;
    for part in text.split_inclusive(is_border) {
        let word = part.trim_end_matches(is_border);
        let border = part.get(word.len()..).unwrap_or_default();
        let gone = !word.is_empty() && (behind_a_name || is_private_word(word));
        clean.push_str(if gone { GONE } else { word });
        clean.push_str(border);
        // `token=abc`, `password: "abc"`: the borders between may be several.
        behind_a_name = match (word.is_empty(), border) {
            (true, " " | "\"" | "'" | "=") => behind_a_name,
            (false, "=") => is_private(word),
            _ => false,
        };
    }
    clean
}

fn is_border(c: char) -> bool {
    c.is_whitespace() || "\"'()<>{},;=?&".contains(c)
}

fn is_private_word(word: &str) -> bool {
    let bare = word.trim_matches(['[', ']', '.', ':', '/']);
    if bare.contains('@')
        || bare.parse::<std::net::IpAddr>().is_ok()
        || bare.parse::<std::net::SocketAddr>().is_ok()
    {
        return true;
    }
    word.split(['/', ':', '.', '#']).any(is_made_by_a_machine)
}

/// Long, of the letters of base64 or hex, and of more than one kind of them; the ids of sessions and people say nothing.
fn is_made_by_a_machine(word: &str) -> bool {
    let made = word.len() >= LONG && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-+".contains(c));
    made && Uuid::try_parse(word).is_err()
        && word.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_person_and_nothing_that_opens_something_stays() {
        for (text, clean) in [
            ("the disk is full", "the disk is full"),
            ("login of ada@example.org failed", "login of [scrubbed] failed"),
            ("from 192.0.2.7:5044 and [2001:db8::7]", "from [scrubbed] and [scrubbed]"),
            ("token=abc, then", "token=[scrubbed], then"),
            ("password=\"o k\"", "password=\"[scrubbed] k\""),
            ("/camera/?ticket=x1&y=2", "/camera/?ticket=[scrubbed]&y=2"),
            ("bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMjM0In0.sig", "bearer [scrubbed]"),
            (
                "session 01890a5d-ac96-774b-bcce-b302099a8057 ended",
                "session 01890a5d-ac96-774b-bcce-b302099a8057 ended",
            ),
            ("postgres://ada:hunter2@db/shows refused", "[scrubbed] refused"),
        ] {
            assert_eq!(scrub(text), clean);
        }
        assert!(["user_email", "Token", "peer_address", "key_id"].iter().all(|name| is_private(name)));
        assert!(!is_private("session") && !is_private("seconds"));
    }
}
