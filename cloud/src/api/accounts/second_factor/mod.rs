//! The second factor of an account: codes of an authenticator, beside the password that it logs in with.
//!
//! It refuses to stand beside the provider's word: whoever signs in there has the provider's second factor. Invariant: it
//! counts from the first code on that was shown, so nobody is locked out by a picture that was never scanned.

mod begin;
mod check;
mod confirm;
mod end;
mod left;
mod recovery;
mod renew;

use axum::http::StatusCode;

use crate::api::problem::ApiProblem;
use crate::api::routes::{Refusal, Routes};

pub(in crate::api) use check::{CODE_NEEDED, CODE_WRONG, passed};

const ON_ALREADY: Refusal = Refusal(409, "second_factor_on");
const NOT_BEGUN: Refusal = Refusal(409, "second_factor_not_begun");
const ELSEWHERE: Refusal = Refusal(409, "second_factor_elsewhere");
pub(in crate::api) const NONE: Refusal = Refusal(409, "second_factor_off");

/// Of who shows password and code.
const PROOF: [Refusal; 8] = [
    CODE_NEEDED,
    CODE_WRONG,
    NONE,
    Refusal(403, "https_needed"),
    Refusal(403, "login_too_old"),
    Refusal(403, "password_wrong"),
    Refusal(429, "too_many_attempts"),
    Refusal(503, "server_busy"),
];

pub(super) fn routes() -> Routes {
    begin::route().merge(confirm::route()).merge(end::route()).merge(left::route()).merge(renew::route())
}

fn on_already() -> ApiProblem {
    let detail = "Take the one away first that this account has; then begin again.";
    ApiProblem::new(StatusCode::CONFLICT, ON_ALREADY.1, "This account has a second factor already", detail)
}

pub(in crate::api) fn none() -> ApiProblem {
    let detail = "There is nothing to take away. Look at the account again.";
    ApiProblem::new(StatusCode::CONFLICT, NONE.1, "This account has no second factor", detail)
}
