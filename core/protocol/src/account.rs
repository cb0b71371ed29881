//! Bodies of the HTTP API about accounts and logins. Paths and statuses: `docs/protocol.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a refresh token goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefreshBy {
    /// Into the answer: for a program that keeps it in the system's keyring.
    #[default]
    Body,
    /// Into a cookie that no script can read: for a page.
    Cookie,
}

/// `POST /api/register`: a new account.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct RegisterRequest {
    /// What they log in with.
    pub email: String,
    /// 8 to 128 characters.
    pub password: String,
    /// Shown to others.
    pub name: String,
    /// The token of an invitation, where the server asks for one.
    #[serde(default)]
    #[ts(optional)]
    pub invite: Option<String>,
    /// Where the refresh token goes.
    #[serde(default)]
    #[ts(optional, as = "Option<RefreshBy>")]
    pub refresh: RefreshBy,
}

/// `POST /api/refresh`: the next access token, and the next refresh token.
#[derive(Clone, Default, Serialize, Deserialize, TS, JsonSchema)]
pub struct RefreshRequest {
    /// Absent where it is in the cookie.
    #[serde(default)]
    #[ts(optional)]
    pub refresh_token: Option<String>,
}

/// `POST /api/password`: another password, by whoever knows the one before.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct PasswordChange {
    /// The one before.
    pub current: String,
    /// 8 to 128 characters.
    pub password: String,
}

/// `POST /api/password/reset`: another password, by a link that works once.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct PasswordReset {
    /// Of the link.
    pub token: String,
    /// 8 to 128 characters.
    pub password: String,
}

/// `POST /api/email/verify`: an e-mail is proven, by a link that works once.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct EmailProof {
    /// Of the link.
    pub token: String,
}

/// A login that is not over, as its account sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LoginSummary {
    /// Its id.
    pub id: String,
    /// Unix time in ms when it began.
    #[ts(type = "number")]
    pub created_at: u64,
    /// Unix time in ms of its newest token.
    #[ts(type = "number")]
    pub used_at: u64,
    /// From where it began.
    pub address: String,
    /// By which browser or program, as it said itself.
    pub agent: String,
    /// The one that asks.
    pub current: bool,
}

/// `DELETE /api/account`.
#[derive(Clone, Default, Serialize, Deserialize, TS, JsonSchema)]
pub struct AccountDeletion {
    /// Absent where the account has none, because it signs in elsewhere.
    #[serde(default)]
    #[ts(optional)]
    pub password: Option<String>,
}

/// `POST /api/account-invites`: lets somebody register.
#[derive(Clone, Default, Serialize, Deserialize, TS, JsonSchema)]
pub struct CreateAccountInvite {
    /// For this e-mail alone; for whoever has the link when absent.
    #[serde(default)]
    #[ts(optional)]
    pub email: Option<String>,
}

/// A link that works once. The token stands behind `#`, which no browser sends.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct OneTimeLink {
    /// Goes into `invite` or `token`.
    pub token: String,
    /// The page and the token.
    pub path: String,
    /// Unix time in ms.
    #[ts(type = "number")]
    pub expires_at: u64,
}
