//! Logins that end, with what they lent: whoever an account was in a session by such a login is nobody there any more.
//!
//! Invariant: a login and what it lent end in one transaction. The rows that are told are closed by whoever asked: after
//! the commit nothing new is opened by them.

use returnfeed_protocol::{ParticipantId, SessionId, UserId};
use uuid::Uuid;

use super::sql::{Transaction, sql};
use super::{Store, StoreError};

/// Which logins of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(Uuid),
    /// Each but this one.
    AllBut(Uuid),
    /// Each, and what the command line lent in the account's name.
    All,
}

/// What is over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// How many logins.
    pub logins: u64,
    /// Who the account was by them, and where: their sockets and pictures are to be closed.
    pub lent: Vec<(SessionId, ParticipantId)>,
}

impl Store {
    /// Ends logins of an account.
    ///
    /// # Errors
    /// When the database does not answer; then nothing is ended.
    pub async fn end_logins(&self, user: UserId, which: Which, now: u64) -> Result<Ended, StoreError> {
        let mut transaction = self.write.begin().await?;
        let ended = end(&mut transaction, user, which, now).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}

/// No login is named so, and nothing was lent by it.
const NONE: &str = "-";

/// The same, as a part of something greater.
pub(super) async fn end(
    transaction: &mut Transaction,
    user: UserId,
    which: Which,
    now: u64,
) -> Result<Ended, StoreError> {
    let (logins, lent, named) = match which {
        Which::One(login) => (
            "UPDATE logins SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL AND id = $3",
            "UPDATE session_participants SET user_id = NULL, left_at = $1, updated_at = $1 \
             WHERE user_id = $2 AND left_at IS NULL AND login_id = $3 RETURNING id, session_id",
            login.to_string(),
        ),
        Which::AllBut(_) | Which::All => (
            "UPDATE logins SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL AND id <> $3",
            "UPDATE session_participants SET user_id = NULL, left_at = $1, updated_at = $1 \
             WHERE user_id = $2 AND left_at IS NULL AND login_id <> $3 RETURNING id, session_id",
            if let Which::AllBut(kept) = which { kept.to_string() } else { NONE.to_owned() },
        ),
    };
    let bound = |text| sql(text).bind(now).bind(user.to_string()).bind(&named);
    let logins = bound(logins).execute(&mut *transaction).await?;
    let rows = bound(lent).fetch_all(transaction).await?;
    let who = |row: &super::sql::Row| Ok((row.parsed("session_id")?, row.parsed("id")?));
    Ok(Ended { logins, lent: rows.iter().map(who).collect::<Result<_, StoreError>>()? })
}
