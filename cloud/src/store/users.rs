//! People with an account.

use returnfeed_protocol::UserId;
use secrecy::{ExposeSecret as _, SecretString};

use super::sql::{On, Row, sql};
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
}

/// What a login is checked against.
#[derive(Debug)]
pub struct Credentials {
    /// Whose.
    pub account: Account,
    /// bcrypt; absent where somebody signs in elsewhere.
    pub password: Option<SecretString>,
}

impl Store {
    /// Whether nobody has an account yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_no_account(&self) -> Result<bool, StoreError> {
        Ok(sql("SELECT id FROM users LIMIT 1").fetch_optional(&self.read).await?.is_none())
    }

    /// Adds an account; `false` when its e-mail has one already. The first account of all is the host's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_account(
        &self,
        account: &Account,
        password: &SecretString,
        now: u64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.write.begin().await?;
        let others = sql("SELECT id FROM users LIMIT 1").fetch_optional(&mut transaction).await?;
        let added = insert(&mut transaction, account, password, others.is_none(), now).await?;
        transaction.commit().await?;
        Ok(added)
    }

    /// Adds the very first account; `false` when there is one already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_first_account(
        &self,
        account: &Account,
        password: &SecretString,
        now: u64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.write.begin().await?;
        let others = sql("SELECT id FROM users LIMIT 1").fetch_optional(&mut transaction).await?;
        let added = others.is_none() && insert(&mut transaction, account, password, true, now).await?;
        transaction.commit().await?;
        Ok(added)
    }

    /// The account of an e-mail, and what its login is checked against.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let row = sql("SELECT id, email, name, password FROM users WHERE email = $1")
            .bind(email.to_lowercase())
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            let password = row.maybe_text("password")?.map(SecretString::from);
            Ok(Credentials { account: read(&row)?, password })
        })
        .transpose()
    }

    /// The account of an id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        let row = sql("SELECT id, email, name FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
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
}

async fn insert(
    on: impl Into<On<'_>>,
    account: &Account,
    password: &SecretString,
    host: bool,
    now: u64,
) -> Result<bool, StoreError> {
    let added = sql("INSERT INTO users (id, email, password, name, host, created_at, updated_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (email) DO NOTHING")
    .bind(account.id.to_string())
    .bind(account.email.to_lowercase())
    .bind(password.expose_secret())
    .bind(&account.name)
    .bind(host)
    .bind(now)
    .execute(on)
    .await?;
    Ok(added == 1)
}

fn read(row: &Row) -> Result<Account, StoreError> {
    Ok(Account { id: row.parsed("id")?, email: row.text("email")?, name: row.text("name")? })
}
