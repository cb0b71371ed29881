//! Bodies of the HTTP API about an account's second factor. Paths and statuses: `docs/protocol.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How an account stands with its second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// It has none, and need not.
    #[default]
    Off,
    /// It has none, and this server wants one: until then some doors stay shut (403 `second_factor_missing`).
    Missing,
    /// A code is asked for at each login by password.
    On,
}

/// `POST /api/second-factor`: the secret of an authenticator, by whoever knows the password.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SecondFactorBegin {
    /// The account's.
    pub password: String,
}

/// What an authenticator keeps. Told once; it counts from its first code on.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SecondFactorSecret {
    /// 160 bits in base 32 (RFC 4648): for codes of six digits, SHA-1, 30 s (RFC 6238).
    pub secret: String,
}

/// `POST /api/second-factor/confirm`: the first code of that authenticator.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SecondFactorConfirm {
    /// Six digits.
    pub code: String,
}

/// What logs in where the authenticator is lost. Told once.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct RecoveryCodes {
    /// Each is good once, in a code's place.
    pub codes: Vec<String>,
}

/// `GET /api/second-factor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct RecoveryCodesLeft {
    /// Codes to recover by that were not used; none where there is no second factor.
    pub recovery_codes_left: u32,
}

/// `POST /api/second-factor/recovery-codes`: new ones in the place of all before.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct RecoveryCodesRenewal {
    /// The account's.
    pub password: String,
    /// Of the authenticator, or one to recover by.
    pub code: String,
}

/// `DELETE /api/second-factor`.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SecondFactorEnd {
    /// The account's.
    pub password: String,
    /// Of the authenticator, or one to recover by.
    pub code: String,
}
