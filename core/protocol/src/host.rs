//! What the host's page shows and does. Paths and statuses: `docs/protocol.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Bitrate, SessionId, SessionSummary, UserId};

/// Somebody with an account, as the host sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HostUser {
    /// The account.
    pub id: UserId,
    /// Its e-mail.
    pub email: String,
    /// Its name.
    pub name: String,
    /// Whether the e-mail is proven to be theirs.
    pub email_verified: bool,
    /// A host too.
    pub host: bool,
    /// Shut out by the host.
    pub disabled: bool,
    /// Signs in at the provider.
    pub elsewhere: bool,
    /// Asked for a code at each login by password.
    pub second_factor: bool,
    /// Sessions of theirs.
    #[ts(type = "number")]
    pub sessions: u64,
    /// Unix time in ms.
    #[ts(type = "number")]
    pub created_at: u64,
}

/// `PATCH /api/admin/users/{user}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HostUserPatch {
    /// Shut out, or let in again.
    #[serde(default)]
    #[ts(optional)]
    pub disabled: Option<bool>,
    /// A host, or no host any more.
    #[serde(default)]
    #[ts(optional)]
    pub host: Option<bool>,
}

/// How the server fares at this moment, and every session on it that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HostNow {
    /// Unix time in ms.
    #[ts(type = "number")]
    pub at: u64,
    /// WHEP viewer sessions, all together.
    pub viewers: u32,
    /// Sockets and event streams of pages and directors.
    #[ts(type = "number")]
    pub connected: u64,
    /// For how many days the audit is kept; 0: for ever.
    pub audit_days: u32,
    /// What the server takes of its machine; null where the system does not tell.
    pub process: Option<HostProcess>,
    /// Newest first, at most 200.
    pub sessions: Vec<HostSession>,
}

/// What the server's process takes of its machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HostProcess {
    /// Processor time since it started, in ms; two answers tell how busy it is.
    #[ts(type = "number")]
    pub cpu_ms: u64,
    /// Memory in use, in bytes.
    #[ts(type = "number")]
    pub resident_bytes: u64,
    /// Open files and sockets.
    #[ts(type = "number")]
    pub open_files: u64,
    /// How many it may have.
    #[ts(type = "number")]
    pub max_files: u64,
}

/// A session, as the host sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct HostSession {
    /// The session.
    pub session: SessionSummary,
    /// Whose: their name.
    pub by: String,
    /// WHEP viewer sessions.
    pub viewers: u32,
    /// What arrives, all layers together; null where nothing does.
    pub arriving: Option<Bitrate>,
    /// Unix time in ms.
    #[ts(type = "number")]
    pub created_at: u64,
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct AuditEntry {
    /// Its place: a greater one is later.
    pub id: String,
    /// Unix time in ms.
    #[ts(type = "number")]
    pub at: u64,
    /// Who, as they were called then; empty where nobody is known.
    pub who: String,
    /// In which session.
    pub session: Option<SessionId>,
    /// What: a stable word.
    pub what: String,
    /// More: a JSON object, without secrets.
    pub detail: String,
    /// From where.
    pub address: Option<String>,
}
