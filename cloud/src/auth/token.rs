//! Tokens: JWTs signed with the server's own Ed25519 key (RFC 8037), told apart by `typ` (RFC 8725 3.11).
//!
//! It refuses any other algorithm, an unknown key, a missing claim and a token of the other kind. Invariant: a
//! token of one kind never opens what the other kind opens.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use returnfeed_protocol::{Layer, ParticipantId, Role, SessionId, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;

const ISSUER: &str = "returnfeed";
const ACCOUNT: Kind = Kind { typ: "account+jwt", audience: "account", lives: Duration::from_secs(600) };
const SESSION: Kind = Kind { typ: "session+jwt", audience: "session", lives: Duration::from_secs(86_400) };

struct Kind {
    typ: &'static str,
    audience: &'static str,
    lives: Duration,
}

/// Who holds an account token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountClaims {
    /// The account.
    pub user: UserId,
    /// Unix time in ms.
    pub expires_at: u64,
}

/// Who holds a session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionClaims {
    /// Who.
    pub participant: ParticipantId,
    /// In which session, and in no other.
    pub session: SessionId,
    /// As what.
    pub role: Role,
    /// Best layer when the token was made. `App::receiving` says what holds now.
    pub max_layer: Layer,
    /// Unix time in ms.
    pub expires_at: u64,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not one of ours, or not of the kind asked for.
    #[error("the token is not valid here")]
    Invalid,
    /// It was good once.
    #[error("the token has expired")]
    Expired,
}

/// The key, and the two kinds of token it signs.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    kid: String,
    clock: Clock,
}

/// The PEM is not an Ed25519 key.
#[derive(Debug, thiserror::Error)]
#[error("the token key is not an Ed25519 key in PKCS#8 PEM: {0}")]
pub struct BadKey(String);

#[derive(Serialize, Deserialize)]
struct AccountWire {
    iss: String,
    aud: String,
    sub: UserId,
    iat: u64,
    exp: u64,
}

#[derive(Serialize, Deserialize)]
struct SessionWire {
    iss: String,
    aud: String,
    sub: ParticipantId,
    iat: u64,
    exp: u64,
    sid: SessionId,
    role: Role,
    max_layer: Layer,
}

impl Tokens {
    /// From the private key in PKCS#8 PEM.
    ///
    /// # Errors
    /// When it is not an Ed25519 key.
    pub fn new(private_pem: &SecretString, clock: Clock) -> Result<Self, BadKey> {
        let pem = private_pem.expose_secret();
        let key = rcgen::KeyPair::from_pem(pem).map_err(|error| BadKey(error.to_string()))?;
        let bad = |error: jsonwebtoken::errors::Error| BadKey(error.to_string());
        let encoding = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(bad)?;
        let decoding = DecodingKey::from_ed_pem(key.public_key_pem().as_bytes()).map_err(bad)?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.public_key_raw());
        let kid = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { encoding, decoding, kid, clock })
    }

    /// A token for an account, and the seconds until it expires.
    pub fn account(&self, user: UserId) -> (SecretString, u64) {
        let (iat, exp) = self.span(&ACCOUNT);
        let claims =
            AccountWire { iss: ISSUER.to_owned(), aud: ACCOUNT.audience.to_owned(), sub: user, iat, exp };
        (self.sign(&ACCOUNT, &claims), exp - iat)
    }

    /// A token for one session, and the Unix time in ms when it expires.
    pub fn session(
        &self,
        session: SessionId,
        participant: ParticipantId,
        role: Role,
        max_layer: Layer,
    ) -> (SecretString, u64) {
        let (iat, exp) = self.span(&SESSION);
        let (iss, aud) = (ISSUER.to_owned(), SESSION.audience.to_owned());
        let claims = SessionWire { iss, aud, sub: participant, iat, exp, sid: session, role, max_layer };
        (self.sign(&SESSION, &claims), exp * 1_000)
    }

    /// Who holds this account token.
    ///
    /// # Errors
    /// When it is not a good account token of this server.
    pub fn read_account(&self, token: &str) -> Result<AccountClaims, TokenError> {
        let AccountWire { sub, exp, .. } = self.read(&ACCOUNT, token)?;
        Ok(AccountClaims { user: sub, expires_at: self.unexpired(exp)? })
    }

    /// Who holds this session token.
    ///
    /// # Errors
    /// When it is not a good session token of this server.
    pub fn read_session(&self, token: &str) -> Result<SessionClaims, TokenError> {
        let SessionWire { sub, sid, role, max_layer, exp, .. } = self.read(&SESSION, token)?;
        let expires_at = self.unexpired(exp)?;
        Ok(SessionClaims { participant: sub, session: sid, role, max_layer, expires_at })
    }

    fn span(&self, kind: &Kind) -> (u64, u64) {
        let now = self.clock.unix_ms() / 1_000;
        (now, now + kind.lives.as_secs())
    }

    fn sign(&self, kind: &Kind, claims: &impl Serialize) -> SecretString {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.typ.to_owned());
        header.kid = Some(self.kid.clone());
        encode(&header, claims, &self.encoding).expect("an Ed25519 key signs any claims").into()
    }

    fn read<T: DeserializeOwned>(&self, kind: &Kind, token: &str) -> Result<T, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.typ.as_deref() != Some(kind.typ) || header.kid.as_deref() != Some(self.kid.as_str()) {
            return Err(TokenError::Invalid);
        }
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[kind.audience]);
        rules.validate_exp = false; // by our clock, in `unexpired`
        decode(token, &self.decoding, &rules).map(|data| data.claims).map_err(|_| TokenError::Invalid)
    }

    fn unexpired(&self, exp: u64) -> Result<u64, TokenError> {
        let expires_at = exp.saturating_mul(1_000);
        if self.clock.unix_ms() < expires_at { Ok(expires_at) } else { Err(TokenError::Expired) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(clock: &Clock) -> Tokens {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        Tokens::new(&key.serialize_pem().into(), clock.clone()).unwrap()
    }

    fn session_token(tokens: &Tokens) -> SecretString {
        let session = SessionId::from_parts(1, [1; 10]);
        tokens.session(session, ParticipantId::from_parts(2, [2; 10]), Role::Camera, Layer::High).0
    }

    #[test]
    fn a_session_token_says_who_where_and_as_what() {
        let tokens = tokens(&Clock::default());
        let claims = tokens.read_session(session_token(&tokens).expose_secret()).unwrap();
        assert_eq!(claims.session, SessionId::from_parts(1, [1; 10]));
        assert_eq!(claims.participant, ParticipantId::from_parts(2, [2; 10]));
        assert_eq!((claims.role, claims.max_layer), (Role::Camera, Layer::High));
    }

    #[test]
    fn a_token_of_one_kind_does_not_open_what_the_other_opens() {
        let tokens = tokens(&Clock::default());
        let (account, _) = tokens.account(UserId::from_parts(1, [1; 10]));
        assert_eq!(tokens.read_session(account.expose_secret()), Err(TokenError::Invalid));
        assert_eq!(tokens.read_account(session_token(&tokens).expose_secret()), Err(TokenError::Invalid));
    }

    #[test]
    fn a_session_token_lives_a_day_and_an_account_token_ten_minutes() {
        let clock = Clock::default();
        let tokens = tokens(&clock);
        let (account, lives) = tokens.account(UserId::from_parts(1, [1; 10]));
        let session = session_token(&tokens);
        assert_eq!(lives, 600);
        clock.advance(Duration::from_secs(601));
        assert_eq!(tokens.read_account(account.expose_secret()), Err(TokenError::Expired));
        assert!(tokens.read_session(session.expose_secret()).is_ok());
        clock.advance(Duration::from_secs(86_400));
        assert_eq!(tokens.read_session(session.expose_secret()), Err(TokenError::Expired));
    }

    #[test]
    fn another_servers_key_and_a_changed_claim_are_refused() {
        let (ours, theirs) = (tokens(&Clock::default()), tokens(&Clock::default()));
        let token = session_token(&theirs);
        assert_eq!(ours.read_session(token.expose_secret()), Err(TokenError::Invalid));

        let token = session_token(&ours).expose_secret().to_owned();
        let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let claims = String::from_utf8(engine.decode(&parts[1]).unwrap()).unwrap();
        parts[1] = engine.encode(claims.replace("camera", "director"));
        assert_eq!(ours.read_session(&parts.join(".")), Err(TokenError::Invalid));
        assert!(ours.read_session(&token).is_ok());
    }

    #[test]
    fn nonsense_is_refused() {
        let tokens = tokens(&Clock::default());
        for nonsense in ["", ".", "a.b.c", "\u{ac00}", "eyJhbGciOiJub25lIn0.e30."] {
            assert_eq!(tokens.read_session(nonsense), Err(TokenError::Invalid), "{nonsense}");
        }
    }
}
