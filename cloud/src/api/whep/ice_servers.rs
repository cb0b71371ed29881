//! STUN and TURN servers, as a viewer session's `Link` headers name them (draft-ietf-wish-whep 4.7).
//!
//! TURN is opened by credentials that expire (draft-uberti-behave-turn-rest-00, coturn's `use-auth-secret`): nobody
//! is told the secret. Invariant: they name the participant, so that a relay's log says who used it.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use returnfeed_protocol::ParticipantId;
use secrecy::{ExposeSecret as _, SecretString};

/// Longer than a show, shorter than a session token.
const LIVES: Duration = Duration::from_secs(8 * 3_600);

/// The servers that players are told.
#[derive(Debug, Clone, Default)]
pub struct IceServers {
    /// `stun:` addresses (RFC 7064).
    pub stun: Vec<String>,
    /// `turn:` and `turns:` addresses (RFC 7065).
    pub turn: Vec<String>,
    /// Shared with the TURN servers; without it they are not named.
    pub turn_secret: Option<SecretString>,
}

impl IceServers {
    /// One `Link` for each server, for this participant.
    pub(super) fn links(&self, participant: ParticipantId, now_ms: u64) -> Vec<String> {
        let stun = self.stun.iter().map(|url| format!("<{url}>; rel=\"ice-server\""));
        let turn = self.turn_secret.iter().flat_map(|secret| {
            let expires = (now_ms / 1_000).saturating_add(LIVES.as_secs());
            let username = format!("{expires}:{participant}");
            let credential = credential(secret, &username);
            self.turn.iter().map(move |url| {
                format!(
                    "<{url}>; rel=\"ice-server\"; username=\"{username}\"; credential=\"{credential}\"; \
                     credential-type=\"password\""
                )
            })
        });
        stun.chain(turn).collect()
    }
}

/// The password that a TURN server expects of this name.
fn credential(secret: &SecretString, username: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose_secret().as_bytes());
    STANDARD.encode(hmac::sign(&key, username.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_one_that_coturn_computes() {
        // printf 1700000000:ada | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(credential(&"north".into(), "1700000000:ada"), "ndZ88ryT1whVxdkcRLepT9D1MpM=");
    }

    #[test]
    fn turn_is_named_with_credentials_that_expire_and_only_with_a_secret() {
        let mut servers = IceServers {
            stun: vec!["stun:stun.example.org".to_owned()],
            turn: vec!["turn:turn.example.org?transport=tcp".to_owned()],
            turn_secret: None,
        };
        let participant = ParticipantId::from_parts(1, [1; 10]);
        let links = servers.links(participant, 1_700_000_000_000);
        assert_eq!(links, ["<stun:stun.example.org>; rel=\"ice-server\""]);
        servers.turn_secret = Some("north".into());
        let [_, turn] = <[String; 2]>::try_from(servers.links(participant, 1_700_000_000_000)).unwrap();
        let username = format!("{}:{participant}", 1_700_000_000 + LIVES.as_secs());
        assert!(turn.contains(&format!("username=\"{username}\"")), "{turn}");
        assert!(
            turn.contains(&format!("credential=\"{}\"", credential(&"north".into(), &username))),
            "{turn}"
        );
        assert!(turn.ends_with("credential-type=\"password\""), "{turn}");
        assert!(!turn.contains("north"), "the secret stays here");
    }
}
