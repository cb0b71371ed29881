//! Links that work once, by a host or by the command line. There is no mail server: whoever makes one hands it over.
//!
//! The token stands behind `#`, which no browser sends and no server logs; the page redeems it by POST.

use returnfeed_protocol::{OneTimeLink, UserId};

use crate::auth::hash_of;
use crate::random;
use crate::store::{Account, Kind, NewLink, Store, StoreError};

const DAY_MS: u64 = 86_400_000;

/// What a link is for, and for how long.
#[derive(Debug)]
pub struct Lasting {
    kind: Kind,
    user: Option<UserId>,
    email: Option<String>,
    lives: u64,
}

impl Lasting {
    /// A new password of this account: a day.
    pub fn reset(account: &Account) -> Self {
        Self { kind: Kind::Reset, user: Some(account.id), email: None, lives: DAY_MS }
    }

    /// Proof that this account's e-mail is read by whoever has it: three days.
    pub fn proof(account: &Account) -> Self {
        let email = Some(account.email.clone());
        Self { kind: Kind::Verify, user: Some(account.id), email, lives: 3 * DAY_MS }
    }

    /// A new account, with this e-mail where one is named: a week.
    pub fn invitation(email: Option<String>) -> Self {
        Self { kind: Kind::Register, user: None, email, lives: 7 * DAY_MS }
    }
}

/// Makes it. The token is told once and kept nowhere.
///
/// # Errors
/// When the database does not answer.
pub async fn link(
    store: &Store,
    lasting: Lasting,
    by: Option<UserId>,
    now: u64,
) -> Result<OneTimeLink, StoreError> {
    let Lasting { kind, user, email, lives } = lasting;
    let token = random::text::<32>();
    let expires_at = now.saturating_add(lives);
    let new =
        NewLink { token_hash: hash_of(token.as_bytes()), kind, user, email, created_by: by, expires_at };
    store.add_link(&new, now).await?;
    let word = match kind {
        Kind::Reset => "reset",
        Kind::Verify => "verify",
        Kind::Register => "register",
    };
    Ok(OneTimeLink { path: format!("/account/#{word}/{token}"), token, expires_at })
}
