//! Whether the code is right that somebody shows beside a password which is.
//!
//! It refuses to be asked before the password: who does not know that cannot make its owner wait. Invariant: a code that
//! was taken is worth nothing to whoever read it over a shoulder.

use std::time::Instant;

use axum::http::StatusCode;
use returnfeed_protocol::UserId;
use serde_json::json;

use crate::api::accounts::{Caller, note};
use crate::api::problem::ApiProblem;
use crate::api::routes::Refusal;
use crate::app::App;
use crate::auth::{FactorSecret, hash_of};
use crate::random;
use crate::sealing::{Row, Sealed};
use crate::store::Account;

pub(in crate::api) const CODE_NEEDED: Refusal = Refusal(403, "code_needed");
pub(in crate::api) const CODE_WRONG: Refusal = Refusal(403, "code_wrong");

/// What a code was.
enum Code {
    Authenticator,
    Recovery,
    Wrong,
}

/// Lets by who shows the second factor of this account, or has none to show.
///
/// # Errors
/// `code_needed` where none was shown, `code_wrong`, or too many tries.
pub(in crate::api) async fn passed(
    app: &App,
    account: &Account,
    caller: &Caller,
    code: Option<&str>,
) -> Result<(), ApiProblem> {
    if !account.second_factor {
        return Ok(());
    }
    let code = code.map(str::trim).filter(|code| !code.is_empty()).ok_or_else(needed)?;
    app.throttles.by_code.attempt(account.id, Instant::now())?;
    match take(app, account.id, code).await? {
        Code::Authenticator => {}
        Code::Recovery => note(app, account, caller, "second_factor.recovered", json!({})).await,
        Code::Wrong => {
            note(app, account, caller, "second_factor.failed", json!({})).await;
            return Err(wrong());
        }
    }
    app.throttles.by_code.forget(&account.id);
    Ok(())
}

async fn take(app: &App, user: UserId, code: &str) -> Result<Code, ApiProblem> {
    let now = app.clock.unix_ms();
    if let Some(recovery) = random::recovery_code_from_people(code) {
        let taken = app.store.take_recovery_code(user, &hash_of(recovery.as_bytes()), now).await?;
        return Ok(if taken { Code::Recovery } else { Code::Wrong });
    }
    let Some(factor) = app.store.second_factor(user).await? else { return Ok(Code::Wrong) };
    match opened(app, user, &factor.secret)?.step_of(code, now) {
        Some(step) if app.store.take_step(user, step).await? => Ok(Code::Authenticator),
        Some(_) | None => Ok(Code::Wrong),
    }
}

/// The secret of an account's authenticator.
///
/// # Errors
/// When it does not open: the log says why.
pub(super) fn opened(app: &App, user: UserId, sealed: &Sealed) -> Result<FactorSecret, ApiProblem> {
    let text = app.sealer.open(Row::SecondFactor(user), sealed).map_err(|error| {
        tracing::error!(account = %user, %error, "the secret of a second factor does not open");
        ApiProblem::internal()
    })?;
    FactorSecret::from_text(&text).ok_or_else(|| {
        tracing::error!(account = %user, "the secret of a second factor is none");
        ApiProblem::internal()
    })
}

fn needed() -> ApiProblem {
    let detail = "Type the six digits of your authenticator, or a code to recover by. A program that does not ask for them \
                  signs in by the browser.";
    ApiProblem::new(StatusCode::FORBIDDEN, CODE_NEEDED.1, "This account asks for a code too", detail)
}

pub(super) fn wrong() -> ApiProblem {
    let detail = "Each code is good once and for some 30 seconds: wait for the next one. If none is taken, the clock of the \
                  device that makes them may be wrong.";
    ApiProblem::new(StatusCode::FORBIDDEN, CODE_WRONG.1, "The code is wrong, or was used", detail)
}
