//! Bodies of the HTTP API. Paths and statuses: `docs/protocol.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    CameraNumber, Layer, ParticipantId, RefreshBy, Role, SecondFactor, SessionId, SessionState, UserId,
};

/// `POST /api/setup`: the first account of a new server.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SetupRequest {
    /// Printed by the server on its first start, good once.
    pub setup_token: String,
    /// Becomes the first account's e-mail.
    pub email: String,
    /// 8 to 128 characters.
    pub password: String,
    /// Shown to others.
    pub name: String,
    /// Where the refresh token goes.
    #[serde(default)]
    #[ts(optional, as = "Option<RefreshBy>")]
    pub refresh: RefreshBy,
}

/// `POST /api/login`.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct LoginRequest {
    /// As registered.
    pub email: String,
    /// As chosen.
    pub password: String,
    /// Of the second factor, where the refusal `code_needed` asked for it: six digits, or a code to recover by.
    #[serde(default)]
    #[ts(optional)]
    pub code: Option<String>,
    /// Where the refresh token goes.
    #[serde(default)]
    #[ts(optional, as = "Option<RefreshBy>")]
    pub refresh: RefreshBy,
}

/// Who is logged in.
#[derive(Debug, Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct AccountSummary {
    /// The account.
    pub id: UserId,
    /// Its e-mail.
    pub email: String,
    /// Its name.
    pub name: String,
    /// Whether the e-mail is proven to be theirs.
    #[serde(default)]
    pub email_verified: bool,
    /// Whether it has a password here; where it has none, it signs in at the provider alone.
    #[serde(default)]
    pub has_password: bool,
    /// Whether it is a host's: sees every session, user and entry of the audit.
    #[serde(default)]
    pub host: bool,
    /// How it stands with its second factor.
    #[serde(default)]
    pub second_factor: SecondFactor,
}

/// Answer to whatever logs somebody in: `POST /api/login`, `/api/setup`, `/api/register`, `/api/refresh`.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct LoginResponse {
    /// A JWT for `Authorization: Bearer`.
    pub access_token: String,
    /// Seconds until it expires.
    #[ts(type = "number")]
    pub expires_in: u64,
    /// Good once, for `POST /api/refresh`; absent where it is in the cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refresh_token: Option<String>,
    /// Who.
    pub account: AccountSummary,
}

/// `POST /api/sessions`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct CreateSession {
    /// 1 to 120 characters.
    pub name: String,
    /// Best layer for those who come by the public viewer link; `low` unless said.
    #[serde(default)]
    #[ts(optional)]
    pub public_layer: Option<Layer>,
}

/// A session as everybody in it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SessionSummary {
    /// The session.
    pub id: SessionId,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: SessionState,
}

/// A session as its creator sees it.
#[derive(Debug, Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SessionCreated {
    /// The session.
    pub session: SessionSummary,
    /// Of its first invitation, for camera operators; whether it still lets anybody in, its invitations say.
    pub camera_code: String,
    /// Of its first invitation for viewers.
    pub viewer_code: String,
    /// Best layer for those who come by the public viewer link.
    pub public_layer: Layer,
}

/// `PATCH /api/sessions/{id}`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, JsonSchema)]
pub struct SessionPatch {
    /// New name, 1 to 120 characters.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// New state.
    #[serde(default)]
    #[ts(optional)]
    pub state: Option<SessionState>,
    /// New best layer for those who come by the public viewer link.
    #[serde(default)]
    #[ts(optional)]
    pub public_layer: Option<Layer>,
}

/// `POST /api/join`: into a session by an invitation, without an account.
#[derive(Debug, Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct JoinRequest {
    /// Of a link; spaces, hyphens and case do not matter.
    pub code: String,
    /// Shown to the director; may be empty.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
}

/// Answer to `POST /api/join` and to `POST /api/sessions/{id}/direct`.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct JoinResponse {
    /// A JWT for this session alone; 24 h or until the session ends.
    pub token: String,
    /// Unix time in ms when the token expires.
    #[ts(type = "number")]
    pub expires_at: u64,
    /// Who the bearer is now.
    pub participant: ParticipantId,
    /// As what.
    pub role: Role,
    /// Best layer that the server will give this participant.
    pub max_layer: Layer,
    /// As they are called; may be empty.
    #[serde(default)]
    pub name: String,
    /// The tally light they follow.
    #[serde(default)]
    pub camera: Option<CameraNumber>,
    /// The only tally light that their link is for, where it is for one.
    #[serde(default)]
    pub offered: Option<CameraNumber>,
    /// Where.
    pub session: SessionSummary,
}

/// Answer to `POST /api/sessions/{id}/streams`: what a WHEP player needs beside its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct StreamGrant {
    /// Where to POST the offer; an absolute path of the server that answered.
    pub whep_url: String,
    /// Best layer that the server will give this participant.
    pub max_layer: Layer,
    /// Unix time in ms when the right to the picture ends.
    #[ts(type = "number")]
    pub expires_at: u64,
}

/// `POST {viewer session}/layer` (draft-ietf-wish-whep, extension `urn:ietf:params:whep:ext:core:layer`).
#[derive(Debug, Clone, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LayerRequest {
    /// Index of the video section in the SDP; the only video there is when absent.
    #[serde(default)]
    #[ts(optional)]
    pub media_id: Option<String>,
    /// Which layer; the server's own choice when absent. Text, so that an unknown one is refused by its own code.
    #[serde(default, alias = "encodingId")]
    #[ts(optional)]
    pub rid: Option<String>,
}
