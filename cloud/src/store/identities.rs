//! People who sign in at a provider: keyed by its issuer and its id of them, and by nothing else.

use super::sql::{On, sql};
use super::users::read;
use super::{Account, Store, StoreError};

/// Whose identity it is, and whether they may come in.
#[derive(Debug, Clone)]
pub struct Known {
    /// Whose.
    pub account: Account,
    /// The host has shut them out.
    pub disabled: bool,
}

/// An identity on its way to an account.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// Its id of the person.
    pub subject: &'a str,
}

impl Store {
    /// The account of an identity.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account_of(&self, who: Subject<'_>) -> Result<Option<Known>, StoreError> {
        let row = sql("SELECT * FROM users WHERE google_issuer = $1 AND google_id = $2")
            .bind(who.issuer)
            .bind(who.subject)
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            Ok(Known { account: read(&row)?, disabled: row.maybe_number("disabled_at")?.is_some() })
        })
        .transpose()
    }

    /// Whether an e-mail has an account, shut or open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_taken(&self, email: &str) -> Result<bool, StoreError> {
        let row = sql("SELECT id FROM users WHERE email = $1").bind(email.to_lowercase());
        Ok(row.fetch_optional(&self.read).await?.is_some())
    }

    /// Adds an account for an identity whose e-mail the provider has verified, never as a host's; `false` when the
    /// e-mail or the identity has an account already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_account_of(
        &self,
        who: Subject<'_>,
        account: &Account,
        now: u64,
    ) -> Result<bool, StoreError> {
        insert(&self.write, who, account, now).await
    }

    /// Remembers that an account and an identity with the same e-mail, verified by the provider, are one; `false` when
    /// the account is joined to another identity already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn join_identity(
        &self,
        account: &Account,
        who: Subject<'_>,
        now: u64,
    ) -> Result<bool, StoreError> {
        let joined =
            sql("UPDATE users SET google_issuer = $1, google_id = $2, email_verified = 1, updated_at = $3 \
                          WHERE id = $4 AND google_id IS NULL")
            .bind(who.issuer)
            .bind(who.subject)
            .bind(now)
            .bind(account.id.to_string())
            .execute(&self.write)
            .await?;
        Ok(joined == 1)
    }
}

/// Adds an account of an identity; `false` when the e-mail or the identity has one already.
pub(super) async fn insert(
    on: impl Into<On<'_>>,
    who: Subject<'_>,
    account: &Account,
    now: u64,
) -> Result<bool, StoreError> {
    let added = sql("INSERT INTO users \
                     (id, email, google_issuer, google_id, name, email_verified, host, created_at, updated_at) \
                     VALUES ($1, $2, $3, $4, $5, 1, 0, $6, $6) ON CONFLICT DO NOTHING")
    .bind(account.id.to_string())
    .bind(account.email.to_lowercase())
    .bind(who.issuer)
    .bind(who.subject)
    .bind(&account.name)
    .bind(now)
    .execute(on)
    .await?;
    Ok(added == 1)
}
