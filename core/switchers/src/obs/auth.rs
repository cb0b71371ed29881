//! The answer to OBS's challenge: the password itself never travels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// `base64(sha256(base64(sha256(password + salt)) + challenge))` (obs-websocket, "Creating an authentication string").
pub fn authentication(password: &SecretString, salt: &str, challenge: &str) -> String {
    let hashed = |first: &str, second: &str| {
        STANDARD.encode(Sha256::new().chain_update(first).chain_update(second).finalize())
    };
    hashed(&hashed(password.expose_secret(), salt), challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_that_of_obs_websockets_own_rule() {
        // By Python: h = lambda a, b: b64encode(sha256((a + b).encode()).digest()).decode(); h(h(password, salt), challenge)
        let password = SecretString::from("supersecretpassword");
        let (salt, challenge) =
            ("lM1GncleQOaCu9lT1yeUZhFYnqhsLLP1G5lAGo3ixaI=", "+IxH4CnCiqpX1rM9scsNynZzbOe4KhDeYcTNS3PDaeY=");
        assert_eq!(
            authentication(&password, salt, challenge),
            "1Ct943GAT+6YQUUX47Ia/ncufilbe6+oD6lY+5kaCu4="
        );
    }
}
