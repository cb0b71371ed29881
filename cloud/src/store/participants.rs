//! Who is in a session, with or without an account.

use returnfeed_protocol::{ParticipantId, Role, SessionId, UserId};

use super::sql::sql;
use super::{Store, StoreError};

/// A person in a session.
#[derive(Debug, Clone)]
pub struct Participant {
    /// Who.
    pub id: ParticipantId,
    /// Where.
    pub session: SessionId,
    /// As what.
    pub role: Role,
    /// Shown to the director; may be empty.
    pub name: String,
}

impl Store {
    /// Adds somebody without an account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_guest(&self, guest: &Participant, now: u64) -> Result<(), StoreError> {
        sql("INSERT INTO session_participants (id, session_id, role, name, joined_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $5)")
        .bind(guest.id.to_string())
        .bind(guest.session.to_string())
        .bind(guest.role.as_str())
        .bind(&guest.name)
        .bind(now)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Adds somebody with an account, or finds them: they keep the id that they had in the session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_member(
        &self,
        member: &Participant,
        user: UserId,
        now: u64,
    ) -> Result<ParticipantId, StoreError> {
        sql("INSERT INTO session_participants (id, session_id, user_id, role, name, joined_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6) \
             ON CONFLICT (session_id, user_id) WHERE user_id IS NOT NULL \
             DO UPDATE SET role = excluded.role, name = excluded.name, updated_at = excluded.updated_at \
             RETURNING id")
        .bind(member.id.to_string())
        .bind(member.session.to_string())
        .bind(user.to_string())
        .bind(member.role.as_str())
        .bind(&member.name)
        .bind(now)
        .fetch_one(&self.write)
        .await?
        .parsed("id")
    }

    /// A participant by id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn participant(&self, id: ParticipantId) -> Result<Option<Participant>, StoreError> {
        let row = sql("SELECT session_id, role, name FROM session_participants WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            let (session, role) = (row.parsed("session_id")?, row.parsed("role")?);
            Ok(Participant { id, session, role, name: row.text("name")? })
        })
        .transpose()
    }
}
