//! Who asks, as far as a login keeps it: from where, and by which browser or program.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::listen::Peer;

const AGENT_LONGEST: usize = 200;

/// Where a request that is about passwords or tokens comes from. It refuses what comes in the clear from another
/// machine: a password would be read on the way.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The other end.
    pub peer: Peer,
    /// `User-Agent`, as far as it is kept.
    pub agent: String,
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let peer = Peer::from_request_parts(parts, app).await?;
        if !peer.secure && !peer.address.is_loopback() {
            return Err(https_needed());
        }
        let agent =
            parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self { peer, agent: agent.chars().take(AGENT_LONGEST).collect() })
    }
}

fn https_needed() -> ApiProblem {
    let detail = "Open the server by its https:// address: in the clear, a password is read on the way.";
    ApiProblem::new(StatusCode::FORBIDDEN, "https_needed", "This is done over HTTPS alone", detail)
}
