//! People with an account.

mod login;
mod setup;
mod show;

use returnfeed_protocol::{AccountSummary, LoginResponse};
use secrecy::ExposeSecret as _;

use super::problem::ApiProblem;
use super::routes::Routes;
use crate::app::App;
use crate::store::Account;

/// Longest e-mail address that can be delivered to (RFC 3696 erratum 1690).
const EMAIL_LONGEST: usize = 254;
const NAME_LONGEST: usize = 80;

pub(super) fn routes() -> Routes {
    Routes::new().merge(setup::route()).merge(login::route()).merge(show::route())
}

/// An account that is not there yet.
///
/// # Errors
/// Says which field is wrong.
pub fn new_account(app_now: u64, email: &str, name: &str) -> Result<Account, ApiProblem> {
    let email = super::body::name("The e-mail", email, EMAIL_LONGEST)?.to_lowercase();
    let looks_right =
        email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    if !looks_right || email.contains(char::is_whitespace) {
        return Err(ApiProblem::invalid("The e-mail must look like name@example.org."));
    }
    let name = super::body::name("The name", name, NAME_LONGEST)?;
    if name.is_empty() {
        return Err(ApiProblem::invalid("The name must not be empty."));
    }
    let id = returnfeed_protocol::UserId::from_parts(app_now, crate::random::bytes());
    Ok(Account { id, email, name })
}

fn summary(account: Account) -> AccountSummary {
    AccountSummary { id: account.id, email: account.email, name: account.name }
}

fn logged_in(app: &App, account: Account) -> LoginResponse {
    let (token, expires_in) = app.tokens.account(account.id);
    LoginResponse { access_token: token.expose_secret().to_owned(), expires_in, account: summary(account) }
}
