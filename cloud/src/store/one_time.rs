//! Links that work once: a new password, an e-mail that is proven, an invitation to register.
//!
//! It keeps the hash of a token and not the token. Invariant: what a link does and the link's end are one transaction.

use returnfeed_protocol::UserId;
use secrecy::{ExposeSecret as _, SecretString};

use super::sql::{Row, Statement, Transaction, sql};
use super::{Account, Ended, Store, StoreError, Subject, Which, identities, leaving, users};

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new password of one account.
    Reset,
    /// Proof that an account's e-mail is read by who has it.
    Verify,
    /// A new account.
    Register,
}

/// A link that is not there yet.
#[derive(Debug)]
pub struct NewLink {
    /// SHA-256 of its token.
    pub token_hash: String,
    /// What it is good for.
    pub kind: Kind,
    /// Of which account, for a reset and a proof.
    pub user: Option<UserId>,
    /// For which e-mail alone, where it is for one.
    pub email: Option<String>,
    /// By which host; `None`: by the command line.
    pub created_by: Option<UserId>,
    /// Unix time in ms.
    pub expires_at: u64,
}

/// What became of a registration by invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The account is there, and the invitation is spent.
    Added,
    /// The e-mail has an account; the invitation is still good.
    Taken,
    /// The invitation is unknown, spent, too old, or for another e-mail.
    NotInvited,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Verify => "verify",
            Self::Register => "register",
        }
    }
}

impl Store {
    /// Adds a link. Another one for the same thing and account is over with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_link(&self, link: &NewLink, now: u64) -> Result<(), StoreError> {
        let mut transaction = self.write.begin().await?;
        if let Some(user) = link.user {
            end_others(&mut transaction, link.kind, user, now).await?;
        }
        sql("INSERT INTO one_time (token_hash, kind, user_id, email, created_by, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(&link.token_hash)
        .bind(link.kind.as_str())
        .bind(link.user.map(|user| user.to_string()))
        .bind(link.email.as_deref())
        .bind(link.created_by.map(|user| user.to_string()))
        .bind(now)
        .bind(link.expires_at)
        .execute(&mut transaction)
        .await?;
        transaction.commit().await
    }

    /// Whether a link is still good, before work is spent on it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_link(&self, token_hash: &str, kind: Kind, now: u64) -> Result<bool, StoreError> {
        Ok(good(token_hash, kind, now).fetch_optional(&self.read).await?.is_some())
    }

    /// The account that a link is for, where the link is still good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account_of_link(
        &self,
        token_hash: &str,
        kind: Kind,
        now: u64,
    ) -> Result<Option<Account>, StoreError> {
        let Some(row) = good(token_hash, kind, now).fetch_optional(&self.read).await? else {
            return Ok(None);
        };
        match row.maybe_parsed("user_id")? {
            Some(user) => self.account(user).await,
            None => Ok(None),
        }
    }

    /// Whether this is the token of an invitation that is still good, and for this e-mail.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_invited(&self, token_hash: &str, email: &str, now: u64) -> Result<bool, StoreError> {
        let row = good(token_hash, Kind::Register, now).fetch_optional(&self.read).await?;
        row.map_or(Ok(false), |row| is_for(&row, email))
    }

    /// Spends a reset link: the account has this password, and every login of it is over. `None`: no such link.
    /// What the logins lent is told.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reset_password(
        &self,
        token_hash: &str,
        password: &SecretString,
        now: u64,
    ) -> Result<Option<(Account, Ended)>, StoreError> {
        let mut transaction = self.write.begin().await?;
        let Some(row) = spend(&mut transaction, token_hash, Kind::Reset, now).await? else { return Ok(None) };
        let user: UserId = row.parsed("user_id")?;
        users::set_password(user, password.expose_secret(), now).execute(&mut transaction).await?;
        let ended = leaving::end(&mut transaction, user, Which::All, now).await?;
        let account = users::find(user).fetch_optional(&mut transaction).await?;
        transaction.commit().await?;
        account.map(|row| Ok((users::read(&row)?, ended))).transpose()
    }

    /// Spends a proof: the account's e-mail is proven. `None`: no such link, or the account has another e-mail by now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify_email(&self, token_hash: &str, now: u64) -> Result<Option<Account>, StoreError> {
        let mut transaction = self.write.begin().await?;
        let Some(row) = spend(&mut transaction, token_hash, Kind::Verify, now).await? else {
            return Ok(None);
        };
        let user: UserId = row.parsed("user_id")?;
        let proven = sql("UPDATE users SET email_verified = 1, \
             updated_at = CASE WHEN updated_at < $1 THEN $1 ELSE updated_at + 1 END WHERE id = $2 AND email = $3")
        .bind(now)
        .bind(user.to_string())
        .bind(row.maybe_text("email")?)
        .execute(&mut transaction)
        .await?;
        let account = users::find(user).fetch_optional(&mut transaction).await?;
        transaction.commit().await?;
        account.filter(|_| proven == 1).as_ref().map(users::read).transpose()
    }

    /// Spends an invitation: the account is there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn register(
        &self,
        token_hash: &str,
        account: &Account,
        password: &SecretString,
        now: u64,
    ) -> Result<Registered, StoreError> {
        let mut transaction = self.write.begin().await?;
        let Some(row) = spend(&mut transaction, token_hash, Kind::Register, now).await? else {
            return Ok(Registered::NotInvited);
        };
        if !is_for(&row, &account.email)? {
            return Ok(Registered::NotInvited); // what is not committed is undone
        }
        match users::insert(&mut transaction, account, password, now).await? {
            false => Ok(Registered::Taken),
            true => {
                transaction.commit().await?;
                Ok(Registered::Added)
            }
        }
    }

    /// The same for somebody whose e-mail the provider has verified.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn register_identity(
        &self,
        token_hash: &str,
        who: Subject<'_>,
        account: &Account,
        now: u64,
    ) -> Result<Registered, StoreError> {
        let mut transaction = self.write.begin().await?;
        let Some(row) = spend(&mut transaction, token_hash, Kind::Register, now).await? else {
            return Ok(Registered::NotInvited);
        };
        if !is_for(&row, &account.email)? {
            return Ok(Registered::NotInvited);
        }
        if !identities::insert(&mut transaction, who, account, now).await? {
            return Ok(Registered::Taken);
        }
        transaction.commit().await?;
        Ok(Registered::Added)
    }
}

/// The row of a link that is still good.
fn good(token_hash: &str, kind: Kind, now: u64) -> Statement {
    sql("SELECT user_id, email FROM one_time WHERE token_hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3")
        .bind(token_hash)
        .bind(kind.as_str())
        .bind(now)
}

/// Whether a link is for whoever has this e-mail.
fn is_for(row: &Row, email: &str) -> Result<bool, StoreError> {
    Ok(row.maybe_text("email")?.is_none_or(|invited| invited == email.to_lowercase()))
}

async fn spend(
    transaction: &mut Transaction,
    token_hash: &str,
    kind: Kind,
    now: u64,
) -> Result<Option<Row>, StoreError> {
    sql("UPDATE one_time SET used_at = $1 WHERE token_hash = $2 AND kind = $3 AND used_at IS NULL AND expires_at > $1 \
         RETURNING user_id, email")
    .bind(now)
    .bind(token_hash)
    .bind(kind.as_str())
    .fetch_optional(transaction)
    .await
}

async fn end_others(
    transaction: &mut Transaction,
    kind: Kind,
    user: UserId,
    now: u64,
) -> Result<(), StoreError> {
    sql("UPDATE one_time SET used_at = $1 WHERE kind = $2 AND user_id = $3 AND used_at IS NULL")
        .bind(now)
        .bind(kind.as_str())
        .bind(user.to_string())
        .execute(transaction)
        .await?;
    Ok(())
}
