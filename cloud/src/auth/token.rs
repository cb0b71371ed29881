//! Tokens: JWTs signed with the server's own Ed25519 key (RFC 8037), told apart by `typ` (RFC 8725 3.11).
//!
//! It refuses any other algorithm, an unknown key, a missing claim and a token of the other kind. Invariant: a
//! token of one kind never opens what the other kind opens.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use returnfeed_protocol::{Layer, ParticipantId, PublicKeys, Role, SessionId, UserId};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BadKey, Keys};
use crate::clock::Clock;

const ISSUER: &str = "returnfeed";
const ACCOUNT: Kind = Kind { typ: "account+jwt", audience: "account", lives: Duration::from_secs(600) };
const SESSION: Kind = Kind { typ: "session+jwt", audience: "session", lives: Duration::from_secs(86_400) };

/// For whoever another of our servers sends here: to one request, which follows at once.
const PASS: Kind = Kind { typ: "whep-pass+jwt", audience: "whep", lives: Duration::from_secs(30) };

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
    /// The login that it is of.
    pub login: Uuid,
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

/// The keys, and the three kinds of token that the newest signs.
pub struct Tokens {
    keys: RwLock<Arc<Keys>>,
    clock: Clock,
}

#[derive(Serialize, Deserialize)]
struct AccountWire {
    iss: String,
    aud: String,
    sub: UserId,
    login: Uuid,
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

#[derive(Serialize, Deserialize)]
struct PassWire {
    #[serde(flatten)]
    session: SessionWire,
    /// When the session token expires, Unix time in ms.
    until: u64,
}

impl Tokens {
    /// From the private key in PKCS#8 PEM, with none before it.
    ///
    /// # Errors
    /// When it is not an Ed25519 key.
    pub fn new(private_pem: &SecretString, clock: Clock) -> Result<Self, BadKey> {
        Ok(Self::with_keys(Keys::new(private_pem, &[])?, clock))
    }

    /// With all of them.
    pub fn with_keys(keys: Keys, clock: Clock) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), clock }
    }

    /// From now on signs with these, and takes no others.
    pub fn set_keys(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// What others verify our tokens with.
    pub fn public_keys(&self) -> PublicKeys {
        self.keys().public()
    }

    /// A token for a login of an account, and the seconds until it expires.
    pub fn account(&self, user: UserId, login: Uuid) -> (SecretString, u64) {
        let (iat, exp) = self.span(&ACCOUNT);
        let (iss, aud) = (ISSUER.to_owned(), ACCOUNT.audience.to_owned());
        (self.sign(&ACCOUNT, &AccountWire { iss, aud, sub: user, login, iat, exp }), exp - iat)
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
        let AccountWire { sub, login, exp, .. } = self.read(&ACCOUNT, token)?;
        Ok(AccountClaims { user: sub, login, expires_at: self.unexpired(exp)? })
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

    /// What opens the same door at another server of ours, within 30 s, for whoever holds this session token: browsers do
    /// not take it along when they are sent elsewhere (Fetch, 4.4 step 13).
    pub fn pass(&self, holder: &SessionClaims) -> SecretString {
        let (iat, exp) = self.span(&PASS);
        let (iss, aud) = (ISSUER.to_owned(), PASS.audience.to_owned());
        let SessionClaims { participant: sub, session: sid, role, max_layer, expires_at: until } = *holder;
        self.sign(
            &PASS,
            &PassWire { session: SessionWire { iss, aud, sub, iat, exp, sid, role, max_layer }, until },
        )
    }

    /// Who was sent here with this pass.
    ///
    /// # Errors
    /// When it is not a good pass of one of our servers.
    pub fn read_pass(&self, pass: &str) -> Result<SessionClaims, TokenError> {
        let PassWire { session: SessionWire { sub, sid, role, max_layer, exp, .. }, until } =
            self.read(&PASS, pass)?;
        self.unexpired(exp)?;
        Ok(SessionClaims { participant: sub, session: sid, role, max_layer, expires_at: until })
    }

    fn span(&self, kind: &Kind) -> (u64, u64) {
        let now = self.clock.unix_ms() / 1_000;
        (now, now + kind.lives.as_secs())
    }

    fn sign(&self, kind: &Kind, claims: &impl Serialize) -> SecretString {
        let key = &self.keys().newest;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.typ.to_owned());
        header.kid = Some(key.kid.clone());
        encode(&header, claims, &key.encoding).expect("an Ed25519 key signs any claims").into()
    }

    fn read<T: DeserializeOwned>(&self, kind: &Kind, token: &str) -> Result<T, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.typ.as_deref() != Some(kind.typ) {
            return Err(TokenError::Invalid);
        }
        let keys = self.keys();
        let key = header.kid.as_deref().and_then(|kid| keys.of(kid)).ok_or(TokenError::Invalid)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[kind.audience]);
        rules.validate_exp = false; // by our clock, in `unexpired`
        decode(token, &key.decoding, &rules).map(|data| data.claims).map_err(|_| TokenError::Invalid)
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn unexpired(&self, exp: u64) -> Result<u64, TokenError> {
        let expires_at = exp.saturating_mul(1_000);
        if self.clock.unix_ms() < expires_at { Ok(expires_at) } else { Err(TokenError::Expired) }
    }
}

#[cfg(test)]
mod tests;
