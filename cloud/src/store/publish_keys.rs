//! The right to push, for a time.

use returnfeed_protocol::{Epoch, PublishKeyId, SessionId};

use super::{Store, StoreError, column, counted, parsed};
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
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let epoch: i64 = sqlx::query_scalar(
            "UPDATE sessions SET epoch_granted = epoch_granted + 1, updated_at = max(updated_at + 1, ?) \
             WHERE id = ? RETURNING epoch_granted",
        )
        .bind(column(now))
        .bind(session.to_string())
        .fetch_one(&mut *transaction)
        .await?;
        let key = grant(&mut transaction, session, now).await?;
        transaction.commit().await?;
        Ok((key, Epoch(counted(epoch))))
    }

    /// Grants a key to an encoder that is no director.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn grant_key(&self, session: SessionId, now: u64) -> Result<PublishKey, StoreError> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let key = grant(&mut transaction, session, now).await?;
        transaction.commit().await?;
        Ok(key)
    }

    /// A key by id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn publish_key(&self, id: PublishKeyId) -> Result<Option<PublishKey>, StoreError> {
        let row: Option<(String, i64)> =
            sqlx::query_as("SELECT session_id, expires_at FROM publish_keys WHERE id = ?")
                .bind(id.to_string())
                .fetch_optional(&self.read)
                .await?;
        row.map(|(session, expires_at)| {
            Ok(PublishKey { id, session: parsed(&session)?, expires_at: counted(expires_at) })
        })
        .transpose()
    }
}

/// A key that compares greater than every older one of the session, also within one millisecond or after the wall
/// clock went back: the newest takes over.
async fn grant(
    connection: &mut sqlx::SqliteConnection,
    session: SessionId,
    now: u64,
) -> Result<PublishKey, StoreError> {
    let newest: Option<String> = sqlx::query_scalar("SELECT max(id) FROM publish_keys WHERE session_id = ?")
        .bind(session.to_string())
        .fetch_one(&mut *connection)
        .await?;
    let newest = newest.as_deref().map(parsed::<PublishKeyId>).transpose()?;
    let made_ms = newest.map_or(now, |newest| now.max(unix_ms(newest) + 1));
    let key = PublishKey {
        id: PublishKeyId::from_parts(made_ms, random::bytes()),
        session,
        expires_at: now.saturating_add(LIVES_MS),
    };
    sqlx::query("INSERT INTO publish_keys (id, session_id, expires_at, created_at) VALUES (?, ?, ?, ?)")
        .bind(key.id.to_string())
        .bind(session.to_string())
        .bind(column(key.expires_at))
        .bind(column(now))
        .execute(connection)
        .await?;
    Ok(key)
}

/// When a UUIDv7 says it was made (RFC 9562 5.7: its first 48 bits).
fn unix_ms(key: PublishKeyId) -> u64 {
    key.as_uuid().as_u64_pair().0 >> 16
}
