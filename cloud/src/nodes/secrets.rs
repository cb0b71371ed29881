//! What servers of the same sessions prove to each other when one fetches a session's picture from another.
//!
//! Made of the pepper, which they share and nobody else has: no director and no encoder can request what it pushed, and a
//! database that is away keeps no viewer waiting.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use returnfeed_protocol::SessionId;
use secrecy::{ExposeSecret as _, SecretString};

/// Makes the passphrase of each session's requests.
#[derive(Clone)]
pub struct PullSecrets(hmac::Key);

impl PullSecrets {
    /// From the pepper of the data directory.
    pub fn new(pepper: &SecretString) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, pepper.expose_secret().as_bytes()))
    }

    /// Of the requests of one session.
    pub fn passphrase(&self, session: SessionId) -> SecretString {
        let tag = hmac::sign(&self.0, format!("returnfeed srt request 1 {session}").as_bytes());
        let mut text = String::with_capacity(64);
        for byte in tag.as_ref() {
            let _ = write!(text, "{byte:02x}"); // a String takes everything
        }
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_one_pepper_agree_and_each_session_has_its_own() {
        let (ours, theirs) = (PullSecrets::new(&"pepper".into()), PullSecrets::new(&"salt".into()));
        let session = |n| SessionId::from_parts(n, [1; 10]);
        let of = |secrets: &PullSecrets, n| secrets.passphrase(session(n)).expose_secret().to_owned();
        assert_eq!(of(&ours, 1), of(&PullSecrets::new(&"pepper".into()), 1));
        assert_ne!(of(&ours, 1), of(&ours, 2));
        assert_ne!(of(&ours, 1), of(&theirs, 1));
        assert_eq!(of(&ours, 1).len(), 64);
    }
}
