//! `POST /api/signin/desktop/login`: the desktop's own login, for its code and the verifier of its challenge.

use std::time::Instant;

use aws_lc_rs::{constant_time, digest};
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use returnfeed_protocol::{DesktopLogin, LoginResponse, RefreshBy};

use crate::api::accounts::{Caller, LoggedIn, log_in};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;

const CODE_UNKNOWN: Refusal = Refusal(403, "desktop_code_unknown");

pub(super) fn route() -> Routes {
    post(
        "/api/signin/desktop/login",
        login,
        Operation::new("The desktop's login", EVERYBODY, Answer::json::<LoginResponse>(200))
            .takes(RequestBody::json::<DesktopLogin>())
            .refuses(&[CODE_UNKNOWN, Refusal(403, "https_needed"), Refusal(429, "too_many_attempts")]),
    )
}

async fn login(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<DesktopLogin>,
) -> Result<LoggedIn, ApiProblem> {
    let address = caller.peer.throttled();
    app.throttles.sign_ins.attempt(address, Instant::now())?;
    let lent = app.signins.lent.take(&request.code).ok_or_else(unknown)?;
    if !answers(&request.verifier, &lent.challenge) {
        return Err(unknown()); // and the code is spent: whoever stole it has one try, as its owner had
    }
    let account = app.store.account(lent.user).await?.ok_or_else(unknown)?;
    app.throttles.sign_ins.forgive(&address);
    tracing::info!(account = %account.id, "logged in on a desktop");
    log_in(&app, account, &caller, RefreshBy::Body).await
}

/// RFC 7636 4.6.
fn answers(verifier: &str, challenge: &str) -> bool {
    let made = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    constant_time::verify_slices_are_equal(made.as_bytes(), challenge.as_bytes()).is_ok()
}

fn unknown() -> ApiProblem {
    let detail = "Begin the sign-in on the desktop again; its code is good once, for a minute.";
    ApiProblem::new(StatusCode::FORBIDDEN, CODE_UNKNOWN.1, "This code is not known any more", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_answers_its_challenge() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(answers("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge));
        assert!(!answers("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", challenge));
        assert!(!answers("", ""));
    }
}
