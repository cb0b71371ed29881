//! People with an account.

use returnfeed_protocol::UserId;
use secrecy::SecretString;

use super::{Store, StoreError, column, parsed};

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
        let found: i64 =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)").fetch_one(&self.read).await?;
        Ok(found == 0)
    }

    /// Adds an account; `false` when its e-mail has one already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_account(
        &self,
        account: &Account,
        password: &SecretString,
        now: u64,
    ) -> Result<bool, StoreError> {
        let statement = "INSERT INTO users (id, email, password, name, created_at, updated_at) \
                         VALUES (?, ?, ?, ?, ?5, ?5)";
        self.insert_account(statement, account, password, now).await
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
        let statement = "INSERT INTO users (id, email, password, name, created_at, updated_at) \
                         SELECT ?, ?, ?, ?, ?5, ?5 WHERE NOT EXISTS (SELECT 1 FROM users)";
        self.insert_account(statement, account, password, now).await
    }

    /// The account of an e-mail, and what its login is checked against.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let row: Option<(String, String, String, Option<String>)> =
            sqlx::query_as("SELECT id, email, name, password FROM users WHERE email = ?")
                .bind(email.to_lowercase())
                .fetch_optional(&self.read)
                .await?;
        row.map(|(id, email, name, password)| {
            let account = Account { id: parsed(&id)?, email, name };
            Ok(Credentials { account, password: password.map(SecretString::from) })
        })
        .transpose()
    }

    /// The account of an id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        let row: Option<(String, String)> = sqlx::query_as("SELECT email, name FROM users WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        Ok(row.map(|(email, name)| Account { id, email, name }))
    }

    /// The host's account: the first there was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn host(&self) -> Result<Option<UserId>, StoreError> {
        let first: Option<String> =
            sqlx::query_scalar("SELECT id FROM users ORDER BY created_at, id LIMIT 1")
                .fetch_optional(&self.read)
                .await?;
        first.as_deref().map(parsed).transpose()
    }

    async fn insert_account(
        &self,
        statement: &'static str,
        account: &Account,
        password: &SecretString,
        now: u64,
    ) -> Result<bool, StoreError> {
        use secrecy::ExposeSecret as _;
        let inserted = sqlx::query(statement)
            .bind(account.id.to_string())
            .bind(account.email.to_lowercase())
            .bind(password.expose_secret())
            .bind(&account.name)
            .bind(column(now))
            .execute(&self.write)
            .await;
        match inserted {
            Ok(done) => Ok(done.rows_affected() == 1),
            Err(error) if StoreError::is_duplicate(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
