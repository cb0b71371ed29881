//! Signing in at an OpenID provider, and lending that login to the desktop. Paths and statuses: `docs/protocol.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Registration;

/// `GET /api/signin`: how one becomes somebody on this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SignInOffer {
    /// Whether there is an account at all; until then the setup token makes the first one.
    pub set_up: bool,
    /// Who may make an account.
    pub registration: Registration,
    /// Where else one can sign in; null: nowhere.
    pub provider: Option<SignInProvider>,
}

/// A provider to sign in at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SignInProvider {
    /// What people call it: `Google`.
    pub name: String,
    /// Where the pages must be open for it: `https://live.example.org`.
    pub origin: String,
}

/// `POST /api/signin/provider`: to the provider, to sign in there.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SignInBegin {
    /// From the host's link, for whoever has no account yet on a server where one is invited.
    #[serde(default)]
    #[ts(optional)]
    pub invite: Option<String>,
}

/// Answer to `POST /api/signin/provider`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SignInAddress {
    /// Where the browser goes.
    pub address: String,
}

/// `POST /api/signin/finish`: whom the provider named becomes somebody here.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SignInFinish {
    /// From the fragment of the page that the provider led back to.
    pub waiting: String,
    /// Of the local account with the same e-mail, where the refusal `password_needed` asked for it.
    #[serde(default)]
    #[ts(optional)]
    pub password: Option<String>,
    /// Of that account's second factor, where the refusal `code_needed` asked for it.
    #[serde(default)]
    #[ts(optional)]
    pub code: Option<String>,
}

/// `POST /api/signin/desktop`: a code for the desktop that asks by this challenge.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct DesktopRequest {
    /// PKCE, S256 (RFC 7636 4.2).
    pub challenge: String,
}

/// Answer to it.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct DesktopCode {
    /// Good once, for a minute.
    pub code: String,
}

/// `POST /api/signin/desktop/login`: the desktop's login for its code.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct DesktopLogin {
    /// As it came to 127.0.0.1.
    pub code: String,
    /// Of the challenge.
    pub verifier: String,
}
