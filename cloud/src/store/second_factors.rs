//! Second factors: an account's sealed secret, the step of the newest code that was taken, and its codes to recover by.
//!
//! It keeps the hash of a code to recover by and not the code. Invariant: a code of either kind is taken once, whoever
//! else shows it at the same moment, at this server or another.

use returnfeed_protocol::UserId;
use uuid::Uuid;

use super::sql::{Transaction, sql};
use super::{Ended, Store, StoreError, Which, leaving};
use crate::sealing::Sealed;

/// A secret, and whether codes of it are asked for.
#[derive(Debug, Clone)]
pub struct FactorRow {
    /// Of the authenticator.
    pub secret: Sealed,
    /// Its first code was shown.
    pub is_on: bool,
}

/// The first code of an authenticator, and what comes with it.
#[derive(Debug)]
pub struct FirstCode<'a> {
    /// The secret that it is of, as it stands.
    pub secret: &'a Sealed,
    /// Its step.
    pub step: u64,
    /// SHA-256 of each code to recover by.
    pub recovery: &'a [String],
    /// The one login that stays.
    pub login: Uuid,
}

impl Store {
    /// An account's second factor, begun or on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn second_factor(&self, user: UserId) -> Result<Option<FactorRow>, StoreError> {
        let row = sql("SELECT factor_secret, factor_at FROM users WHERE id = $1")
            .bind(user.to_string())
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let is_on = row.maybe_number("factor_at")?.is_some();
        let secret = row.maybe_text("factor_secret")?.map(Sealed::from_column);
        Ok(secret.map(|secret| FactorRow { secret, is_on }))
    }

    /// Begins one, in the place of one that was begun before; `false` where one is on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_second_factor(&self, user: UserId, secret: &Sealed) -> Result<bool, StoreError> {
        let begun =
            sql("UPDATE users SET factor_secret = $1, factor_step = 0 WHERE id = $2 AND factor_at IS NULL")
                .bind(secret.as_str())
                .bind(user.to_string())
                .execute(&self.write)
                .await?;
        Ok(begun == 1)
    }

    /// It is on from now on, and every other login is over; what they lent is told. `None` where that secret was not the
    /// one begun, or one is on already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn confirm_second_factor(
        &self,
        user: UserId,
        first: &FirstCode<'_>,
        now: u64,
    ) -> Result<Option<Ended>, StoreError> {
        let mut transaction = self.write.begin().await?;
        let on = sql("UPDATE users SET factor_at = $1, factor_step = $2 \
             WHERE id = $3 AND factor_secret = $4 AND factor_at IS NULL")
        .bind(now)
        .bind(first.step)
        .bind(user.to_string())
        .bind(first.secret.as_str())
        .execute(&mut transaction)
        .await?;
        if on == 0 {
            return Ok(None);
        }
        replace_recovery(&mut transaction, user, first.recovery).await?;
        let ended = leaving::end(&mut transaction, user, Which::AllBut(first.login), now).await?;
        transaction.commit().await?;
        Ok(Some(ended))
    }

    /// Takes a code of this step; `false` where it, or one after it, was taken before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_step(&self, user: UserId, step: u64) -> Result<bool, StoreError> {
        let taken = sql("UPDATE users SET factor_step = $1 \
             WHERE id = $2 AND factor_at IS NOT NULL AND factor_step < $1")
        .bind(step)
        .bind(user.to_string())
        .execute(&self.write)
        .await?;
        Ok(taken == 1)
    }

    /// Takes a code to recover by; `false` where there is no such one, or it was taken before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_recovery_code(&self, user: UserId, hash: &str, now: u64) -> Result<bool, StoreError> {
        let taken = sql("UPDATE recovery_codes SET used_at = $1 \
             WHERE user_id = $2 AND code_hash = $3 AND used_at IS NULL")
        .bind(now)
        .bind(user.to_string())
        .bind(hash)
        .execute(&self.write)
        .await?;
        Ok(taken == 1)
    }

    /// How many codes to recover by were not taken yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn recovery_codes_left(&self, user: UserId) -> Result<u32, StoreError> {
        let left = sql("SELECT code_hash FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL")
            .bind(user.to_string())
            .fetch_all(&self.read)
            .await?;
        Ok(u32::try_from(left.len()).unwrap_or(u32::MAX))
    }

    /// These are its codes to recover by from now on; `false` where it has no second factor.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew_recovery_codes(&self, user: UserId, hashes: &[String]) -> Result<bool, StoreError> {
        let mut transaction = self.write.begin().await?;
        // Changes nothing, and holds the row: whoever takes the second factor away meanwhile waits, and takes these too.
        let on = sql("UPDATE users SET factor_step = factor_step WHERE id = $1 AND factor_at IS NOT NULL")
            .bind(user.to_string())
            .execute(&mut transaction)
            .await?;
        if on == 0 {
            return Ok(false);
        }
        replace_recovery(&mut transaction, user, hashes).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The account has none any more; `false` where it had none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_second_factor(&self, user: UserId) -> Result<bool, StoreError> {
        let mut transaction = self.write.begin().await?;
        let ended = sql("UPDATE users SET factor_secret = NULL, factor_at = NULL, factor_step = 0 \
             WHERE id = $1 AND factor_at IS NOT NULL")
        .bind(user.to_string())
        .execute(&mut transaction)
        .await?;
        forget_recovery(&mut transaction, user).await?;
        transaction.commit().await?;
        Ok(ended == 1)
    }

    /// Every secret.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn factor_secrets(&self) -> Result<Vec<(UserId, Sealed)>, StoreError> {
        let rows = sql("SELECT id, factor_secret FROM users WHERE factor_secret IS NOT NULL")
            .fetch_all(&self.read)
            .await?;
        let one =
            |row: &super::sql::Row| Ok((row.parsed("id")?, Sealed::from_column(row.text("factor_secret")?)));
        rows.iter().map(one).collect()
    }

    /// The same secret, sealed anew; not where it was changed meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reseal_factor(
        &self,
        user: UserId,
        before: &Sealed,
        after: &Sealed,
    ) -> Result<(), StoreError> {
        sql("UPDATE users SET factor_secret = $1 WHERE id = $2 AND factor_secret = $3")
            .bind(after.as_str())
            .bind(user.to_string())
            .bind(before.as_str())
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

async fn replace_recovery(
    transaction: &mut Transaction,
    user: UserId,
    hashes: &[String],
) -> Result<(), StoreError> {
    forget_recovery(transaction, user).await?;
    for hash in hashes {
        sql("INSERT INTO recovery_codes (code_hash, user_id) VALUES ($1, $2)")
            .bind(hash)
            .bind(user.to_string())
            .execute(&mut *transaction)
            .await?;
    }
    Ok(())
}

async fn forget_recovery(transaction: &mut Transaction, user: UserId) -> Result<(), StoreError> {
    sql("DELETE FROM recovery_codes WHERE user_id = $1").bind(user.to_string()).execute(transaction).await?;
    Ok(())
}
