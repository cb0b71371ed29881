//! People with an account.

use returnfeed_protocol::{SessionId, UserId};
use secrecy::{ExposeSecret as _, SecretString};

use super::sql::{On, Row, Statement, sql};
use super::{Store, StoreError};

/// An account, without its password.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// Lower case.
    pub email: String,
    /// Shown to others.
    pub name: String,
    /// Whether the e-mail is proven to be theirs.
    pub email_verified: bool,
    /// Whether it has a password, or signs in elsewhere alone.
    pub has_password: bool,
    /// Whether it is a host's.
    pub host: bool,
    /// Whether a login by password asks for a code too.
    pub second_factor: bool,
}

/// What a login is checked against.
#[derive(Debug)]
pub struct Credentials {
    /// Whose.
    pub account: Account,
    /// bcrypt; absent where somebody signs in elsewhere.
    pub password: Option<SecretString>,
    /// Whether a host has closed it.
    pub disabled: bool,
}

/// What became of a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deleted {
    /// The account is gone, and these sessions of it.
    With(Vec<SessionId>),
    /// It is the last host's: nobody could look after the server.
    LastHost,
    /// There was none.
    Unknown,
}

/// What became of making an account a host's, or no host's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostSet {
    /// It is so.
    Done,
    /// It is the last host's: nobody could look after the server.
    LastHost,
    /// There is none, or it is shut: a host is shut out by nobody, so nobody could open it again.
    Unknown,
}

impl Store {
    /// Whether nobody has an account yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_no_account(&self) -> Result<bool, StoreError> {
        Ok(sql("SELECT id FROM users LIMIT 1").fetch_optional(&self.read).await?.is_none())
    }

    /// Adds an account; `None` when its e-mail has one already. The first account of all is the host's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_account(
        &self,
        account: &Account,
        password: &SecretString,
        now: u64,
    ) -> Result<Option<Account>, StoreError> {
        let mut transaction = self.write.begin().await?;
        let first = sql("SELECT id FROM users LIMIT 1").fetch_optional(&mut transaction).await?.is_none();
        let account = Account { host: account.host || first, ..account.clone() };
        let added = insert(&mut transaction, &account, password, now).await?;
        transaction.commit().await?;
        Ok(added.then_some(account))
    }

    /// Adds the very first account, the host's; `None` when there is one already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_first_account(
        &self,
        account: &Account,
        password: &SecretString,
        now: u64,
    ) -> Result<Option<Account>, StoreError> {
        let mut transaction = self.write.begin().await?;
        let others = sql("SELECT id FROM users LIMIT 1").fetch_optional(&mut transaction).await?;
        let account = Account { host: true, ..account.clone() };
        let added = others.is_none() && insert(&mut transaction, &account, password, now).await?;
        transaction.commit().await?;
        Ok(added.then_some(account))
    }

    /// The account of an e-mail, and what its login is checked against.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let row = sql("SELECT * FROM users WHERE email = $1")
            .bind(email.to_lowercase())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(credentials).transpose()
    }

    /// The account of an id, and what its password is checked against.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        let row = find(id).fetch_optional(&self.read).await?;
        row.as_ref().map(credentials).transpose()
    }

    /// The account of an id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        let row = find(id).fetch_optional(&self.read).await?;
        row.as_ref().map(read).transpose()
    }

    /// Whether this is the account of a host.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_host(&self, id: UserId) -> Result<bool, StoreError> {
        let row = sql("SELECT host FROM users WHERE id = $1 AND disabled_at IS NULL")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.map_or(Ok(false), |row| row.flag("host"))
    }

    /// Whether nobody could look after the server without this account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_last_host(&self, id: UserId) -> Result<bool, StoreError> {
        Ok(self.is_host(id).await? && !has_other_host(&self.read, id).await?)
    }

    /// Another password.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_password(&self, id: UserId, hash: &SecretString, now: u64) -> Result<(), StoreError> {
        set_password(id, hash.expose_secret(), now).execute(&self.write).await?;
        Ok(())
    }

    /// The same password, hashed at another cost; not where it was changed meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rehash_password(
        &self,
        id: UserId,
        before: &SecretString,
        hash: &SecretString,
    ) -> Result<(), StoreError> {
        sql("UPDATE users SET password = $1 WHERE id = $2 AND password = $3")
            .bind(hash.expose_secret())
            .bind(id.to_string())
            .bind(before.expose_secret())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Makes an account a host's, or no host's any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_host(&self, id: UserId, host: bool, now: u64) -> Result<HostSet, StoreError> {
        let mut transaction = self.write.begin().await?;
        if !host && !has_other_host(&mut transaction, id).await? {
            return Ok(HostSet::LastHost);
        }
        let changed = sql("UPDATE users SET host = $1, updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END \
             WHERE id = $3 AND disabled_at IS NULL")
        .bind(host)
        .bind(now)
        .bind(id.to_string())
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(if changed == 1 { HostSet::Done } else { HostSet::Unknown })
    }

    /// Deletes an account with all that is its own: sessions, shows, logins, invitations. What it did in sessions of
    /// others stays there without it, and the audit stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_account(&self, id: UserId) -> Result<Deleted, StoreError> {
        let mut transaction = self.write.begin().await?;
        let Some(row) = find(id).fetch_optional(&mut transaction).await? else { return Ok(Deleted::Unknown) };
        if row.flag("host")? && !has_other_host(&mut transaction, id).await? {
            return Ok(Deleted::LastHost);
        }
        let user = id.to_string();
        let sessions = sql("SELECT id FROM sessions WHERE created_by = $1")
            .bind(&user)
            .fetch_all(&mut transaction)
            .await?;
        // What belongs to a session goes before it; what is not named here is deleted with its owner by the tables.
        for statement in [
            "DELETE FROM publish_keys WHERE session_id IN (SELECT id FROM sessions WHERE created_by = $1)",
            "DELETE FROM session_participants WHERE session_id IN (SELECT id FROM sessions WHERE created_by = $1)",
            "DELETE FROM sessions WHERE created_by = $1",
            "UPDATE session_participants SET user_id = NULL WHERE user_id = $1",
            "DELETE FROM users WHERE id = $1",
        ] {
            sql(statement).bind(&user).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        sessions.iter().map(|row| row.parsed("id")).collect::<Result<_, _>>().map(Deleted::With)
    }
}

async fn has_other_host(on: impl Into<On<'_>>, id: UserId) -> Result<bool, StoreError> {
    let other = sql("SELECT id FROM users WHERE host = 1 AND disabled_at IS NULL AND id <> $1 LIMIT 1");
    Ok(other.bind(id.to_string()).fetch_optional(on).await?.is_some())
}

/// The row of an id.
pub(super) fn find(id: UserId) -> Statement {
    sql("SELECT * FROM users WHERE id = $1").bind(id.to_string())
}

/// Adds an account; `false` when its e-mail has one already.
pub(super) async fn insert(
    on: impl Into<On<'_>>,
    account: &Account,
    password: &SecretString,
    now: u64,
) -> Result<bool, StoreError> {
    let added =
        sql("INSERT INTO users (id, email, password, name, email_verified, host, created_at, updated_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (email) DO NOTHING")
        .bind(account.id.to_string())
        .bind(account.email.to_lowercase())
        .bind(password.expose_secret())
        .bind(&account.name)
        .bind(account.email_verified)
        .bind(account.host)
        .bind(now)
        .execute(on)
        .await?;
    Ok(added == 1)
}

pub(super) fn set_password(id: UserId, hash: &str, now: u64) -> Statement {
    sql("UPDATE users SET password = $1, updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END \
         WHERE id = $3")
    .bind(hash)
    .bind(now)
    .bind(id.to_string())
}

/// An account out of its row.
pub(super) fn read(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.parsed("id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        email_verified: row.flag("email_verified")?,
        has_password: row.maybe_text("password")?.is_some(),
        host: row.flag("host")?,
        second_factor: row.maybe_number("factor_at")?.is_some(),
    })
}

fn credentials(row: &Row) -> Result<Credentials, StoreError> {
    Ok(Credentials {
        account: read(row)?,
        password: row.maybe_text("password")?.map(SecretString::from),
        disabled: row.maybe_number("disabled_at")?.is_some(),
    })
}
