//! Signing in at an OpenID provider, and lending a login to the desktop.
//!
//! The provider leads the browser back to `callback`, which learns who it is and leaves that in `waiting`; the page then
//! asks `finish` to make it somebody here, in the way of every other call. It refuses to give a token in a redirect.
//! Invariant: what waits is worth something only to the browser that asked.

mod begin;
mod browser;
mod callback;
mod desktop;
mod desktop_login;
mod entry;
mod finish;
mod offer;

use std::time::Duration;

use axum::http::StatusCode;
use returnfeed_protocol::UserId;

use self::browser::Browser;
use super::problem::ApiProblem;
use super::routes::{Refusal, Routes};
use crate::auth::oidc::{Awaited, Identity, OidcError, OidcPlace, Once, Provider};
use crate::clock::Clock;

/// What is remembered of those who are signing in.
pub struct SignIns {
    provider: Option<Provider>,
    asked: Once<Asked>,
    waiting: Once<Waiting>,
    lent: Once<Lent>,
}

/// Somebody was sent to the provider; by the state that comes back.
struct Asked {
    awaited: Awaited,
    browser: Browser,
    invite: Option<Invite>,
}

/// The hash of an invitation's token, which the person came with.
#[derive(Clone)]
struct Invite(String);

/// The provider has said who it is.
#[derive(Clone)]
struct Waiting {
    identity: Identity,
    browser: Browser,
    invite: Option<Invite>,
}

/// A login that a desktop may fetch.
struct Lent {
    user: UserId,
    challenge: String,
}

/// An answer is waited for so long; then it must be finished within as long again.
const ANSWERED: Duration = Duration::from_secs(browser::LIVES_S);
/// The desktop asks within milliseconds (RFC 6749 4.1.2 allows ten minutes).
const LENT: Duration = Duration::from_secs(60);

pub(super) fn routes() -> Routes {
    Routes::new()
        .merge(offer::route())
        .merge(begin::route())
        .merge(callback::route())
        .merge(finish::route())
        .merge(desktop::route())
        .merge(desktop_login::route())
}

impl SignIns {
    /// Nobody is signing in yet.
    ///
    /// # Errors
    /// When the system's certificate authorities cannot be used.
    pub fn new(place: Option<OidcPlace>, clock: &Clock) -> Result<Self, String> {
        Ok(Self {
            provider: place.map(|place| Provider::new(place, clock.clone())).transpose()?,
            asked: Once::new(ANSWERED, clock.clone()),
            waiting: Once::new(ANSWERED, clock.clone()),
            lent: Once::new(LENT, clock.clone()),
        })
    }

    fn provider(&self) -> Result<&Provider, ApiProblem> {
        self.provider.as_ref().ok_or_else(|| {
            let detail = "Sign in with e-mail and password; the host has named no provider (oidc_client_id).";
            ApiProblem::new(
                StatusCode::NOT_FOUND,
                NO_PROVIDER.1,
                "There is no sign-in by a provider here",
                detail,
            )
        })
    }
}

const NO_PROVIDER: Refusal = Refusal(404, "no_provider");
const SIGNIN_UNKNOWN: Refusal = Refusal(403, "signin_unknown");

/// Not this browser's, used before, or too old.
fn unknown() -> ApiProblem {
    let detail =
        "Begin again on the sign-in page. Ten minutes are given for it, in one browser that takes cookies.";
    ApiProblem::new(StatusCode::FORBIDDEN, SIGNIN_UNKNOWN.1, "This sign-in is not known any more", detail)
}

/// The stable code of what the provider did; the log has the rest.
fn code_of(error: &OidcError) -> &'static str {
    match error {
        OidcError::Unreachable(_) => "provider_unreachable",
        OidcError::CodeRefused(_) => "provider_refused",
        OidcError::OtherTime(_) => "provider_clock",
        OidcError::NotBelieved(_) => "provider_not_believed",
    }
}
