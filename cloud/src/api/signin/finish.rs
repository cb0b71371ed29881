//! `POST /api/signin/finish`: whom the provider named becomes somebody here: logged in, joined to the local account
//! that their password opens, or new.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use returnfeed_protocol::{LoginResponse, RefreshBy, SignInFinish};
use secrecy::SecretString;
use serde_json::json;

use super::browser::{self, Browser};
use super::entry::{Entry, Facts, Refusal as NotHere, Standing, entry};
use super::offer::as_told;
use super::{Invite, SIGNIN_UNKNOWN, Waiting, unknown};
use crate::api::accounts::second_factor::{CODE_NEEDED, CODE_WRONG, passed};
use crate::api::accounts::{self, Caller};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::Verdict;
use crate::store::{Account, Registered, Subject};

const PASSWORD_NEEDED: Refusal = Refusal(403, "password_needed");
const LINKED_ALREADY: Refusal = Refusal(409, "linked_already");

pub(super) fn route() -> Routes {
    post(
        "/api/signin/finish",
        finish,
        Operation::new("Log in as whom the provider named", EVERYBODY, Answer::json::<LoginResponse>(200))
            .takes(RequestBody::json::<SignInFinish>())
            .refuses(&[
                SIGNIN_UNKNOWN,
                PASSWORD_NEEDED,
                CODE_NEEDED,
                CODE_WRONG,
                LINKED_ALREADY,
                Refusal(401, "login_failed"),
                Refusal(403, "https_needed"),
                Refusal(403, NotHere::AccountDisabled.code()),
                Refusal(403, NotHere::EmailUnverified.code()),
                Refusal(403, NotHere::NotSetUp.code()),
                Refusal(403, NotHere::RegistrationClosed.code()),
                Refusal(403, NotHere::InviteNeeded.code()),
                Refusal(429, "too_many_attempts"),
                Refusal(503, "server_busy"),
            ]),
    )
}

async fn finish(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(request): Body<SignInFinish>,
) -> Result<Response, ApiProblem> {
    let browser = Browser::of(&headers).ok_or_else(unknown)?;
    let waiting = app.signins.waiting.look(&request.waiting).filter(|waiting| browser.is(&waiting.browser));
    let account = admit(&app, &caller, &waiting.ok_or_else(unknown)?, request.password, request.code).await?;
    app.signins.waiting.take(&request.waiting).ok_or_else(unknown)?; // of two at once, one
    app.throttles.sign_ins.forgive(&caller.peer.throttled());
    tracing::info!(account = %account.id, "logged in by the provider");
    let mut answer = accounts::log_in(&app, account, &caller, RefreshBy::Cookie).await?.into_response();
    answer.headers_mut().append(header::SET_COOKIE, browser::forget());
    Ok(answer)
}

async fn admit(
    app: &App,
    caller: &Caller,
    waiting: &Waiting,
    password: Option<String>,
    code: Option<String>,
) -> Result<Account, ApiProblem> {
    let identity = &waiting.identity;
    let who = Subject { issuer: &identity.issuer, subject: &identity.subject };
    let known = app.store.account_of(who).await?;
    let email = identity.email.as_deref().unwrap_or_default();
    let now = app.clock.unix_ms();
    let invited = match &waiting.invite {
        Some(Invite(token)) => app.store.is_invited(token, email, now).await?,
        None => false,
    };
    let facts = Facts {
        known: known.as_ref().map(|known| if known.disabled { Standing::Disabled } else { Standing::Open }),
        email_verified: identity.email.is_some(),
        email_taken: app.store.is_taken(email).await?,
        set_up: !app.store.has_no_account().await?,
        registration: as_told(app.registration),
        invited,
    };
    match (entry(facts), known) {
        (Entry::LogIn, Some(known)) => Ok(known.account),
        (Entry::Prove, _) => {
            let password = password.ok_or_else(|| password_needed(email))?;
            let account = prove(app, caller, email, password.into(), code.as_deref()).await?;
            if !app.store.join_identity(&account, who, now).await? {
                return Err(linked_already());
            }
            tracing::info!(account = %account.id, "an account is joined to the provider's");
            Ok(Account { email_verified: true, ..account })
        }
        (Entry::Register, _) => {
            let name = identity.name.as_deref().or(email.split('@').next()).unwrap_or_default();
            let name: String = name.chars().take(accounts::NAME_LONGEST).collect();
            let account = accounts::new_account(now, email, &name)?;
            let account = Account { email_verified: true, has_password: false, ..account };
            let registered = match waiting.invite.as_ref().filter(|_| invited) {
                Some(Invite(token)) => app.store.register_identity(token, who, &account, now).await?,
                None if app.store.add_account_of(who, &account, now).await? => Registered::Added,
                None => Registered::Taken,
            };
            match registered {
                Registered::Added => {}
                Registered::Taken => return Err(unknown()), // somebody was faster: begin again, and it will be seen
                Registered::NotInvited => return Err(refused(NotHere::InviteNeeded)),
            }
            accounts::note(app, &account, caller, "account.registered", json!({ "invited": invited })).await;
            tracing::info!(account = %account.id, "an account is made by the provider's word");
            Ok(account)
        }
        (Entry::Refuse(why), _) => Err(refused(why)),
        (Entry::LogIn, None) => Err(unknown()),
    }
}

/// The local account, by its password; guesses are counted with those of the login.
async fn prove(
    app: &App,
    caller: &Caller,
    email: &str,
    password: SecretString,
    code: Option<&str>,
) -> Result<Account, ApiProblem> {
    let guess = accounts::guess(app, caller, email)?;
    let found = app.store.credentials(email).await?.filter(|found| !found.disabled).ok_or_else(unknown)?;
    if app.passwords.verify(&password, found.password).await? == Verdict::Wrong {
        return Err(accounts::login_failed());
    }
    guess.was_right();
    passed(app, &found.account, caller, code).await?;
    Ok(found.account)
}

fn password_needed(email: &str) -> ApiProblem {
    let detail = format!("There is an account with {email} here. Type its password once to join the two.");
    ApiProblem::new(StatusCode::FORBIDDEN, PASSWORD_NEEDED.1, "Prove that the account here is yours", detail)
}

fn linked_already() -> ApiProblem {
    let detail = "Sign in as the person that it was joined to, or with e-mail and password.";
    ApiProblem::new(
        StatusCode::CONFLICT,
        LINKED_ALREADY.1,
        "This account is joined to somebody else there",
        detail,
    )
}

fn refused(why: NotHere) -> ApiProblem {
    let (title, detail) = match why {
        NotHere::AccountDisabled => ("This account is shut", "Ask the host of this server."),
        NotHere::EmailUnverified => (
            "Your e-mail is not verified there",
            "Verify it at the provider first, or sign in with e-mail and password.",
        ),
        NotHere::NotSetUp => (
            "This server has no account yet",
            "Whoever runs it makes the first one with the setup token that it printed.",
        ),
        NotHere::RegistrationClosed => {
            ("There is no account of yours here", "Ask the host of this server to make one.")
        }
        NotHere::InviteNeeded => (
            "There is no account of yours here",
            "Open the link by which the host invited you, and sign in there. It is good once, for some days, and for its own \
             e-mail where it names one.",
        ),
    };
    ApiProblem::new(StatusCode::FORBIDDEN, why.code(), title, detail)
}
