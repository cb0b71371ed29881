//! Whether somebody may hear us: a session token that the cloud gave, judged without the cloud. Pure.
//!
//! Refuses every algorithm but the keys' own (RFC 8725 3.1), a token of another kind, session or role. Limit: who was
//! taken out of the session is not known here until their token expires.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use returnfeed_protocol::{ParticipantId, Problem, PublicKeys, Role, SessionId};
use serde::Deserialize;

/// As the cloud marks session tokens.
const TYPE: &str = "session+jwt";
const ISSUER: &str = "returnfeed";
const AUDIENCE: &str = "session";

/// Whose pass it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guest {
    pub(super) participant: ParticipantId,
    /// Unix time in seconds.
    pub(super) expires: u64,
}

/// Why it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPass {
    #[error("Scan the code on the director's screen: this page was opened without a pass.")]
    Missing,
    #[error(
        "This pass was not given by the server of this show. Scan the code on the director's screen again."
    )]
    Forged,
    #[error("This pass was good for a day. Scan the code on the director's screen again.")]
    Expired,
    #[error("This pass is of another show. Scan the code on the director's screen.")]
    OtherSession,
    #[error("This pass is not a camera operator's. Scan the code on the director's screen.")]
    NotACamera,
    #[error(
        "The director's program has not met its server yet and cannot tell whose passes are good. Ask the director."
    )]
    NoKeys,
}

impl NoPass {
    pub(super) fn problem(self) -> Problem {
        let (status, code, title) = match self {
            Self::Missing => (401, "token_missing", "No pass"),
            Self::Forged => (401, "token_invalid", "Not a pass of this show"),
            Self::Expired => (401, "token_expired", "The pass has expired"),
            Self::OtherSession => (403, "other_session", "A pass of another show"),
            Self::NotACamera => (403, "not_a_camera", "Not a camera operator's pass"),
            Self::NoKeys => (503, "keys_unknown", "Passes cannot be judged yet"),
        };
        Problem { status, code: code.to_owned(), title: title.to_owned(), detail: self.to_string() }
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: ParticipantId,
    sid: SessionId,
    role: Role,
    exp: u64,
}

/// Reads a pass at `now`, Unix time in seconds.
pub(super) fn read(token: &str, keys: &PublicKeys, session: SessionId, now: u64) -> Result<Guest, NoPass> {
    if token.is_empty() {
        return Err(NoPass::Missing);
    }
    if keys.keys.is_empty() {
        return Err(NoPass::NoKeys);
    }
    let header = decode_header(token).map_err(|_| NoPass::Forged)?;
    let named = header.kid.filter(|_| header.typ.as_deref() == Some(TYPE)).ok_or(NoPass::Forged)?;
    let key = keys.keys.iter().find(|key| key.kid == named).ok_or(NoPass::Forged)?;
    let key = DecodingKey::from_ed_components(&key.x).map_err(|_| NoPass::Forged)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.validate_exp = false; // by the clock that is given, below
    let Claims { sub: participant, sid, role, exp: expires } =
        decode(token, &key, &rules).map_err(|_| NoPass::Forged)?.claims;
    match role {
        _ if sid != session => Err(NoPass::OtherSession),
        Role::Viewer | Role::Director => Err(NoPass::NotACamera),
        Role::Camera if now >= expires => Err(NoPass::Expired),
        Role::Camera => Ok(Guest { participant, expires }),
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use returnfeed_protocol::PublicKey;
    use serde_json::{Value, json};

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn session(n: u8) -> SessionId {
        SessionId::from_parts(u64::from(n), [n; 10])
    }

    /// A server's key and its public half.
    fn server(seed: u8) -> (Ed25519KeyPair, PublicKey) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        (pair, PublicKey::ed25519(format!("key {seed}"), x))
    }

    fn token(pair: &Ed25519KeyPair, header: &Value, change: &[(&str, Value)]) -> String {
        let mut claims = json!({
            "iss": "returnfeed", "aud": "session", "sub": ParticipantId::from_parts(7, [7; 10]), "iat": NOW - 60,
            "exp": NOW + 60, "sid": session(1), "role": "camera", "max_layer": "high",
        });
        for (name, value) in change {
            claims[*name] = value.clone();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }

    #[test]
    fn a_camera_operator_of_this_show_is_let_in_and_nobody_else() {
        let ((ours, public), (theirs, _)) = (server(1), server(2));
        let keys = PublicKeys { keys: vec![public] };
        let header = json!({ "alg": "EdDSA", "typ": "session+jwt", "kid": "key 1" });
        let read = |token: &str| super::read(token, &keys, session(1), NOW);
        let good = token(&ours, &header, &[]);
        let guest = read(&good).unwrap();
        assert_eq!(guest, Guest { participant: ParticipantId::from_parts(7, [7; 10]), expires: NOW + 60 });

        assert_eq!(read(""), Err(NoPass::Missing));
        assert_eq!(read("nonsense"), Err(NoPass::Forged));
        assert_eq!(read(&token(&theirs, &header, &[])), Err(NoPass::Forged), "signed by another");
        let (start, end) = good.split_at(good.len() / 2);
        assert_eq!(read(&format!("{start}{}", end.replacen(['a', 'e', 'i'], "x", 1))), Err(NoPass::Forged));
        for (name, value) in [("kid", json!("key 2")), ("typ", json!("account+jwt")), ("alg", json!("none"))]
        {
            let mut other = header.clone();
            other[name] = value;
            assert_eq!(read(&token(&ours, &other, &[])), Err(NoPass::Forged), "{name}");
        }
        assert_eq!(read(&token(&ours, &header, &[("aud", json!("whep"))])), Err(NoPass::Forged));
        assert_eq!(read(&token(&ours, &header, &[("exp", json!(NOW))])), Err(NoPass::Expired));
        assert_eq!(read(&token(&ours, &header, &[("sid", json!(session(2)))])), Err(NoPass::OtherSession));
        assert_eq!(read(&token(&ours, &header, &[("role", json!("viewer"))])), Err(NoPass::NotACamera));
        assert_eq!(
            super::read(&good, &PublicKeys::default(), session(1), NOW),
            Err(NoPass::NoKeys),
            "nobody is let in unjudged"
        );
    }
}
