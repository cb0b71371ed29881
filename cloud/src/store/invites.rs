//! Invitations into sessions, and who came by one.

use returnfeed_protocol::{CameraNumber, InviteId, InviteState, InviteTerms, Layer, Role, SessionId, UserId};

use super::sql::{Row, Transaction, sql};
use super::{Participant, Store, StoreError};

/// At most so many of one session are listed, the newest; as many may be made.
pub const INVITES_MOST: u64 = 500;

/// An invitation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteRow {
    /// Its id.
    pub id: InviteId,
    /// Into which session.
    pub session: SessionId,
    /// As what: camera or viewer.
    pub role: Role,
    /// The tally light of whoever comes by it.
    pub camera: Option<CameraNumber>,
    /// As it was made, without hyphens.
    pub code: String,
    /// For whom; may be empty.
    pub label: String,
    /// Best layer of whoever comes by it, where that is not the role's own.
    pub max_layer: Option<Layer>,
    /// What it is good for.
    pub terms: InviteTerms,
}

impl Store {
    /// Adds an invitation; `false` when the session has as many as it may.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_invite(&self, invite: &InviteRow, by: UserId, now: u64) -> Result<bool, StoreError> {
        let mut transaction = self.write.begin().await?;
        let count = sql("SELECT count(*) AS made FROM invites WHERE session_id = $1")
            .bind(invite.session.to_string())
            .fetch_one(&mut transaction)
            .await?;
        if count.number("made")? >= INVITES_MOST {
            return Ok(false);
        }
        insert(&mut transaction, invite, by, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The invitations of a session, in the order in which they were made.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invites(&self, session: SessionId) -> Result<Vec<InviteRow>, StoreError> {
        let rows = sql("SELECT * FROM invites WHERE session_id = $1 ORDER BY created_at, role, id LIMIT $2")
            .bind(session.to_string())
            .bind(INVITES_MOST)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(read).collect()
    }

    /// An invitation of a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invite(&self, session: SessionId, id: InviteId) -> Result<Option<InviteRow>, StoreError> {
        let row = sql("SELECT * FROM invites WHERE session_id = $1 AND id = $2")
            .bind(session.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The invitation that a code belongs to, whatever it is worth.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn invite_by_code(&self, code: &str) -> Result<Option<InviteRow>, StoreError> {
        let row = sql("SELECT * FROM invites WHERE code = $1").bind(code).fetch_optional(&self.read).await?;
        row.as_ref().map(read).transpose()
    }

    /// Takes an invitation back: nobody comes by it any more, who came stays. The moment of the first time counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_invite(
        &self,
        session: SessionId,
        id: InviteId,
        now: u64,
    ) -> Result<Option<InviteRow>, StoreError> {
        let row = sql("UPDATE invites SET revoked_at = coalesce(revoked_at, $1), updated_at = $1 \
                       WHERE session_id = $2 AND id = $3 RETURNING *")
        .bind(now)
        .bind(session.to_string())
        .bind(id.to_string())
        .fetch_optional(&self.write)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Lets a guest in by an invitation and counts the use, both or neither; what the invitation was worth.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn redeem(
        &self,
        invite: InviteId,
        guest: &Participant,
        now: u64,
    ) -> Result<InviteState, StoreError> {
        let mut transaction = self.write.begin().await?;
        let row = sql("SELECT * FROM invites WHERE id = $1")
            .bind(invite.to_string())
            .fetch_optional(&mut transaction)
            .await?;
        let state = match &row {
            Some(row) => terms(row)?.state(now),
            None => InviteState::Revoked, // gone between two looks
        };
        if state == InviteState::Open {
            sql("UPDATE invites SET uses = uses + 1, updated_at = $1 WHERE id = $2")
                .bind(now)
                .bind(invite.to_string())
                .execute(&mut transaction)
                .await?;
            super::participants::insert(&mut transaction, guest, now).await?;
            transaction.commit().await?;
        }
        Ok(state)
    }
}

pub(super) async fn insert(
    transaction: &mut Transaction,
    invite: &InviteRow,
    by: UserId,
    now: u64,
) -> Result<(), StoreError> {
    sql("INSERT INTO invites (id, session_id, role, camera, code, label, max_layer, max_uses, expires_at, created_by, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)")
    .bind(invite.id.to_string())
    .bind(invite.session.to_string())
    .bind(invite.role.as_str())
    .bind(invite.camera.map(|camera| u64::from(camera.get())))
    .bind(&invite.code)
    .bind(&invite.label)
    .bind(invite.max_layer.map(Layer::as_str))
    .bind(invite.terms.max_uses.map(u64::from))
    .bind(invite.terms.expires_at)
    .bind(by.to_string())
    .bind(now)
    .execute(transaction)
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<InviteRow, StoreError> {
    Ok(InviteRow {
        id: row.parsed("id")?,
        session: row.parsed("session_id")?,
        role: row.parsed("role")?,
        camera: super::participants::camera(row)?,
        code: row.text("code")?,
        label: row.text("label")?,
        max_layer: row.maybe_parsed("max_layer")?,
        terms: terms(row)?,
    })
}

fn terms(row: &Row) -> Result<InviteTerms, StoreError> {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(InviteTerms {
        uses: small(row.number("uses")?),
        max_uses: row.maybe_number("max_uses")?.map(small),
        expires_at: row.maybe_number("expires_at")?,
        revoked_at: row.maybe_number("revoked_at")?,
    })
}

/// One of the two that every session begins with: into it as this role, for anybody, until it ends.
pub(super) fn first(id: InviteId, session: SessionId, role: Role, code: &str) -> InviteRow {
    InviteRow {
        id,
        session,
        role,
        camera: None,
        code: code.to_owned(),
        label: String::new(),
        max_layer: None,
        terms: InviteTerms { uses: 0, max_uses: None, expires_at: None, revoked_at: None },
    }
}
