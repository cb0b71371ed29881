//! That somebody is who they say, before something is done that cannot be undone; and what guesses cost.

use std::net::IpAddr;
use std::time::Instant;

use axum::http::StatusCode;

use super::Caller;
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::{AccountClaims, Verdict, standing};
use crate::store::{Account, Credentials};

/// How old a login may be that stands for a password, where the account has none.
const FRESH_MS: u64 = 600_000;

/// A password that is tried: it counts as a failure until it is known to be right.
pub(in crate::api) struct Guess<'a> {
    app: &'a App,
    address: IpAddr,
    email: [u8; 32],
}

/// Counts a try, by address and by account.
///
/// # Errors
/// When it comes too early after those before it.
pub(in crate::api) fn guess<'a>(app: &'a App, caller: &Caller, email: &str) -> Result<Guess<'a>, ApiProblem> {
    let guess = Guess { app, address: caller.peer.throttled(), email: counted(email) };
    let now = Instant::now();
    app.throttles.by_account.attempt(guess.email, now)?;
    app.throttles.by_address.attempt(guess.address, now)?;
    Ok(guess)
}

impl Guess<'_> {
    /// It was no guess.
    pub(in crate::api) fn was_right(self) {
        self.app.throttles.by_address.forgive(&self.address);
        self.app.throttles.by_account.forget(&self.email);
    }
}

/// The account of a bearer who has shown the password again; where the account has none, a login of the last ten
/// minutes stands for it.
///
/// # Errors
/// `password_wrong`, `login_too_old`, or too many tries.
pub(super) async fn proven(
    app: &App,
    claims: AccountClaims,
    caller: &Caller,
    password: Option<String>,
) -> Result<Account, ApiProblem> {
    let found = app.store.credentials_of(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    let Credentials { account, password: hash, .. } = found;
    if hash.is_none() {
        let since = standing(app, claims).await?.since;
        let fresh = app.clock.unix_ms().saturating_sub(since) <= FRESH_MS;
        return if fresh { Ok(account) } else { Err(too_old()) };
    }
    let guess = guess(app, caller, &account.email)?;
    if app.passwords.verify(&password.unwrap_or_default().into(), hash).await? == Verdict::Wrong {
        return Err(wrong());
    }
    guess.was_right();
    Ok(account)
}

/// An e-mail as it is counted: a bounded key, whatever was sent.
fn counted(email: &str) -> [u8; 32] {
    let digest =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, email.trim().to_lowercase().as_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(digest.as_ref());
    key
}

fn wrong() -> ApiProblem {
    let detail = "Type the password that you log in with.";
    ApiProblem::new(StatusCode::FORBIDDEN, "password_wrong", "The password is wrong", detail)
}

fn too_old() -> ApiProblem {
    let detail = "Sign in again, then do it within ten minutes.";
    ApiProblem::new(StatusCode::FORBIDDEN, "login_too_old", "You signed in too long ago for this", detail)
}
