//! The right to push, for a time.

use returnfeed_protocol::{Epoch, PublishKeyId, SessionId};

use super::sql::{Transaction, sql};
use super::{Store, StoreError};
use crate::random;

const LIVES_MS: u64 = 24 * 3_600_000;

/// A key as it was granted.
#[derive(Debug, Clone, Copy)]
pub struct PublishKey {
    /// Its id.
    pub id: PublishKeyId,
    /// Whose.
    pub session: SessionId,
    /// Unix time in ms after which no new connection may use it.
    pub expires_at: u64,
}

impl Store {
    /// Grants a key together with a new run of the director.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn grant_run(&self, session: SessionId, now: u64) -> Result<(PublishKey, Epoch), StoreError> {
        let mut transaction = self.write.begin().await?;
        let run = sql("UPDATE sessions SET epoch_granted = epoch_granted + 1, \
                       updated_at = CASE WHEN updated_at < $1 THEN $1 ELSE updated_at + 1 END \
                       WHERE id = $2 RETURNING epoch_granted")
        .bind(now)
        .bind(session.to_string())
        .fetch_one(&mut transaction)
        .await?;
        let key = grant(&mut transaction, session, now).await?;
        transaction.commit().await?;
        Ok((key, Epoch(run.number("epoch_granted")?)))
    }

    /// Grants a key to an encoder that is no director.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn grant_key(&self, session: SessionId, now: u64) -> Result<PublishKey, StoreError> {
        let mut transaction = self.write.begin().await?;
        let key = grant(&mut transaction, session, now).await?;
        transaction.commit().await?;
        Ok(key)
    }

    /// A key by id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn publish_key(&self, id: PublishKeyId) -> Result<Option<PublishKey>, StoreError> {
        let row = sql("SELECT session_id, expires_at FROM publish_keys WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            Ok(PublishKey { id, session: row.parsed("session_id")?, expires_at: row.number("expires_at")? })
        })
        .transpose()
    }
}

/// A key that compares greater than every older one of the session, also within one millisecond or after the wall
/// clock went back: the newest takes over.
async fn grant(
    transaction: &mut Transaction,
    session: SessionId,
    now: u64,
) -> Result<PublishKey, StoreError> {
    let newest = sql("SELECT max(id) AS newest FROM publish_keys WHERE session_id = $1")
        .bind(session.to_string())
        .fetch_one(&mut *transaction)
        .await?
        .maybe_parsed("newest")?;
    let made_ms = newest.map_or(now, |newest| now.max(unix_ms(newest) + 1));
    let key = PublishKey {
        id: PublishKeyId::from_parts(made_ms, random::bytes()),
        session,
        expires_at: now.saturating_add(LIVES_MS),
    };
    sql("INSERT INTO publish_keys (id, session_id, expires_at, created_at) VALUES ($1, $2, $3, $4)")
        .bind(key.id.to_string())
        .bind(session.to_string())
        .bind(key.expires_at)
        .bind(now)
        .execute(transaction)
        .await?;
    Ok(key)
}

/// When a UUIDv7 says it was made (RFC 9562 5.7: its first 48 bits).
fn unix_ms(key: PublishKeyId) -> u64 {
    key.as_uuid().as_u64_pair().0 >> 16
}
