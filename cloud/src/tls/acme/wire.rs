//! What an authority says (RFC 8555 7.1), as far as we read it.

use serde::Deserialize;

/// Where everything is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Directory {
    pub(super) new_nonce: String,
    pub(super) new_account: String,
    pub(super) new_order: String,
}

/// How an order or an authorization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Pending,
    Ready,
    Processing,
    Valid,
    Invalid,
    Deactivated,
    Expired,
    Revoked,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Order {
    pub(super) status: Status,
    pub(super) authorizations: Vec<String>,
    pub(super) finalize: String,
    pub(super) certificate: Option<String>,
    pub(super) error: Option<Problem>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Authorization {
    pub(super) status: Status,
    pub(super) identifier: Identifier,
    pub(super) challenges: Vec<Challenge>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Identifier {
    pub(super) value: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Challenge {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) url: String,
    /// Kinds that we do not know may have none.
    #[serde(default)]
    pub(super) token: String,
    pub(super) error: Option<Problem>,
}

/// The authority's own words (RFC 7807).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) detail: Option<String>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.kind.as_deref().unwrap_or("about:blank");
        match &self.detail {
            Some(detail) => write!(f, "{detail} ({kind})"),
            None => f.write_str(kind),
        }
    }
}
