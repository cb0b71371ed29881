//! Logins: one row is one login and one family of refresh tokens, of which the newest alone is good.
//!
//! It keeps hashes and no token. Invariant: once a token is used that was used before, and not just now, its whole
//! family is over (RFC 9700 4.14.2).

use returnfeed_protocol::UserId;
use uuid::Uuid;

use super::sql::{Row, Transaction, sql};
use super::{Account, Ended, Store, StoreError, Which, leaving, users};

/// A login that is not there yet.
#[derive(Debug)]
pub struct NewLogin {
    /// Its id, which access tokens carry.
    pub id: Uuid,
    /// Whose.
    pub user: UserId,
    /// SHA-256 of its first refresh token.
    pub refresh_hash: String,
    /// Unix time in ms.
    pub expires_at: u64,
    /// From where, for the person to recognise.
    pub address: String,
    /// By which browser or program, as it says itself.
    pub agent: String,
}

/// A refresh token that was shown.
#[derive(Debug)]
pub struct Shown {
    /// Which login it says to be of.
    pub login: Uuid,
    /// SHA-256 of it.
    pub hash: String,
    /// SHA-256 of the one that follows it.
    pub successor_hash: String,
}

/// How long tokens are good, in ms.
#[derive(Debug, Clone, Copy)]
pub struct Lives {
    /// A used token still gets the answer that may have been lost.
    pub grace: u64,
    /// A login that is not used.
    pub idle: u64,
    /// Any login.
    pub longest: u64,
}

/// What became of a refresh token that was shown.
#[derive(Debug)]
pub enum Refreshed {
    /// It was the newest, or the answer to it may have been lost: its successor is the newest.
    Successor(Account),
    /// It had been used before: the login is over, for whoever holds a token of it, with what it lent.
    Reused(Account, Ended),
    /// There is no such login any more.
    Over,
}

/// A login that is not over.
#[derive(Debug, Clone)]
pub struct LoginRow {
    /// Its id.
    pub id: Uuid,
    /// Unix time in ms when it began.
    pub created_at: u64,
    /// Unix time in ms of its newest token.
    pub used_at: u64,
    /// From where it began.
    pub address: String,
    /// By which browser or program, as it said itself.
    pub agent: String,
}

/// At most so many are told: whoever has more sees the newest.
const TOLD: u64 = 100;

/// How an account stands at this moment, as the bearer of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is a host's.
    pub host: bool,
    /// Unix time in ms of the login.
    pub since: u64,
    /// Whether a password alone opens the account: it has one, and no second factor.
    pub by_password_alone: bool,
}

impl Store {
    /// Adds a login.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_login(&self, login: &NewLogin, now: u64) -> Result<(), StoreError> {
        sql("INSERT INTO logins (id, user_id, refresh_hash, rotated_at, created_at, used_at, expires_at, address, agent) \
             VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7)")
        .bind(login.id.to_string())
        .bind(login.user.to_string())
        .bind(&login.refresh_hash)
        .bind(now)
        .bind(login.expires_at)
        .bind(&login.address)
        .bind(&login.agent)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Lets a refresh token be followed by its successor, once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refresh_login(
        &self,
        shown: &Shown,
        lives: Lives,
        now: u64,
    ) -> Result<Refreshed, StoreError> {
        let mut transaction = self.write.begin().await?;
        let refreshed = refresh(&mut transaction, shown, lives, now).await?;
        transaction.commit().await?;
        Ok(refreshed)
    }

    /// How the bearer of a login stands; `None` when the login is over or the account is disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing(&self, user: UserId, login: Uuid) -> Result<Option<Standing>, StoreError> {
        let row = sql("SELECT users.host AS host, users.factor_at AS factor_at, \
                       CASE WHEN users.password IS NULL THEN 0 ELSE 1 END AS has_password, \
                       logins.created_at AS since FROM logins \
                       JOIN users ON users.id = logins.user_id \
                       WHERE logins.id = $1 AND logins.user_id = $2 AND logins.revoked_at IS NULL \
                       AND users.disabled_at IS NULL")
        .bind(login.to_string())
        .bind(user.to_string())
        .fetch_optional(&self.read)
        .await?;
        let standing = |row: Row| {
            let by_password_alone = row.flag("has_password")? && row.maybe_number("factor_at")?.is_none();
            Ok(Standing { host: row.flag("host")?, since: row.number("since")?, by_password_alone })
        };
        row.map(standing).transpose()
    }

    /// The logins of an account that are not over, the one used last first; at most a hundred.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn logins_of(&self, user: UserId, now: u64) -> Result<Vec<LoginRow>, StoreError> {
        let rows = sql("SELECT id, created_at, used_at, address, agent FROM logins \
                        WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 \
                        ORDER BY used_at DESC, id DESC LIMIT $3")
        .bind(user.to_string())
        .bind(now)
        .bind(TOLD)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(LoginRow {
                    id: row.parsed("id")?,
                    created_at: row.number("created_at")?,
                    used_at: row.number("used_at")?,
                    address: row.text("address")?,
                    agent: row.text("agent")?,
                })
            })
            .collect()
    }
}

async fn refresh(
    transaction: &mut Transaction,
    shown: &Shown,
    lives: Lives,
    now: u64,
) -> Result<Refreshed, StoreError> {
    let row = sql("SELECT * FROM logins WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2")
        .bind(shown.login.to_string())
        .bind(now)
        .fetch_optional(&mut *transaction)
        .await?;
    let Some(row) = row else { return Ok(Refreshed::Over) };
    let user = users::find(row.parsed("user_id")?).fetch_one(&mut *transaction).await?;
    if user.maybe_number("disabled_at")?.is_some() {
        return Ok(Refreshed::Over);
    }
    let account = users::read(&user)?;
    let (newest, before) = (row.text("refresh_hash")?, row.maybe_text("previous_hash")?);
    if shown.hash == newest {
        let end = row.number("created_at")?.saturating_add(lives.longest);
        sql("UPDATE logins SET refresh_hash = $1, previous_hash = $2, rotated_at = $3, used_at = $3, expires_at = $4 \
             WHERE id = $5")
        .bind(&shown.successor_hash)
        .bind(&shown.hash)
        .bind(now)
        .bind(now.saturating_add(lives.idle).min(end))
        .bind(shown.login.to_string())
        .execute(transaction)
        .await?;
        return Ok(Refreshed::Successor(account));
    }
    let just_now = now.saturating_sub(row.number("rotated_at")?) <= lives.grace;
    if before.as_ref() == Some(&shown.hash) && just_now && newest == shown.successor_hash {
        return Ok(Refreshed::Successor(account));
    }
    let ended = leaving::end(transaction, account.id, Which::One(shown.login), now).await?;
    Ok(Refreshed::Reused(account, ended))
}
