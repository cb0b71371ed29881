//! People with an account, and their logins.

mod caller;
mod cookie;
mod delete;
mod invite;
mod link;
mod logged_in;
mod login;
mod logins;
mod logout;
mod password;
mod proof;
mod refresh;
mod register;
mod reset;
pub(super) mod second_factor;
mod setup;
mod show;
mod verify;

use returnfeed_protocol::{AccountSummary, SecondFactor, UserId};

use super::problem::ApiProblem;
use super::routes::{ACCOUNTS, Refusal, Routes, Verdict, Who};
use crate::app::App;
use crate::auth::About;
use crate::random;
use crate::store::Account;

pub use caller::Caller;
pub(super) use delete::last_host;
pub use link::{Lasting, link};
pub(super) use logged_in::note;
pub use logged_in::{LoggedIn, log_in};
pub(super) use login::failed as login_failed;
pub(super) use proof::guess;
use proof::proven;

/// Longest e-mail address that can be delivered to (RFC 3696 erratum 1690).
const EMAIL_LONGEST: usize = 254;
pub(super) const NAME_LONGEST: usize = 80;

const NOT_THE_HOST: Verdict = Verdict::Refused(Refusal(403, "not_the_host"));
/// The hosts of the server.
pub const HOSTS: Who = Who { creator: NOT_THE_HOST, stranger: NOT_THE_HOST, ..ACCOUNTS };

pub(super) fn routes() -> Routes {
    Routes::new()
        .merge(setup::route())
        .merge(register::route())
        .merge(login::route())
        .merge(refresh::route())
        .merge(logout::routes())
        .merge(password::route())
        .merge(logins::routes())
        .merge(reset::routes())
        .merge(verify::routes())
        .merge(invite::route())
        .merge(show::route())
        .merge(delete::route())
        .merge(second_factor::routes())
}

/// An account that is not there yet, with a password.
///
/// # Errors
/// Says which field is wrong.
pub fn new_account(app_now: u64, email: &str, name: &str) -> Result<Account, ApiProblem> {
    let email = as_email(email)?;
    let name = super::body::name("The name", name, NAME_LONGEST)?;
    if name.is_empty() {
        return Err(ApiProblem::invalid("The name must not be empty."));
    }
    let id = UserId::from_parts(app_now, random::bytes());
    Ok(Account {
        id,
        email,
        name,
        email_verified: false,
        has_password: true,
        host: false,
        second_factor: false,
    })
}

/// What is easily guessed of whom an account is.
pub(crate) fn about(account: &Account) -> About<'_> {
    About { email: &account.email, name: &account.name }
}

/// An e-mail as the database has it.
fn as_email(text: &str) -> Result<String, ApiProblem> {
    let email = super::body::name("The e-mail", text, EMAIL_LONGEST)?.to_lowercase();
    let looks_right =
        email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    if !looks_right || email.contains(char::is_whitespace) {
        return Err(ApiProblem::invalid("The e-mail must look like name@example.org."));
    }
    Ok(email)
}

fn summary(app: &App, account: Account) -> AccountSummary {
    let Account { id, email, name, email_verified, has_password, host, second_factor: on } = account;
    let second_factor = match on {
        true => SecondFactor::On,
        false if has_password && app.second_factor.wants(host) => SecondFactor::Missing,
        false => SecondFactor::Off,
    };
    AccountSummary { id, email, name, email_verified, has_password, host, second_factor }
}
