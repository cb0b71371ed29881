//! Sessions, their codes, their passphrase and the count of their director's runs.

use returnfeed_protocol::{
    Epoch, InviteId, Layer, Role, SessionId, SessionPatch, SessionState, SessionSummary, UserId,
};

use super::sql::{Row, sql};
use super::{Store, StoreError, invites};
use crate::random;
use crate::sealing::Sealed;

/// A session that is not there yet.
#[derive(Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Its name.
    pub name: String,
    /// Whose.
    pub created_by: UserId,
    /// Where it begins.
    pub state: SessionState,
    /// Best layer for those who come by the public viewer link.
    pub public_layer: Layer,
    /// Of its first invitation, for camera operators.
    pub camera_code: String,
    /// Of its first invitation for viewers.
    pub viewer_code: String,
    /// Of SRT, as it stands in the database.
    pub passphrase: Sealed,
}

/// A session as it stands.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// As everybody in it sees it.
    pub summary: SessionSummary,
    /// Whose.
    pub created_by: UserId,
    /// Best layer for those who come by the public viewer link.
    pub public_layer: Layer,
    /// Of its first invitation, for camera operators; whether it still lets anybody in, its invitations say.
    pub camera_code: String,
    /// Of its first invitation for viewers.
    pub viewer_code: String,
    /// Of SRT, as it stands in the database.
    pub passphrase: Sealed,
    /// The newest run that was granted.
    pub epoch_granted: Epoch,
    /// The newest run that said hello.
    pub epoch_heard: Epoch,
    /// Unix time in ms; each change makes it greater, also when the wall clock goes back.
    pub updated_at: u64,
}

/// What became of a change.
#[derive(Debug)]
pub enum Changed {
    /// As it is now.
    To(SessionRow),
    /// There is no such session.
    Unknown,
    /// It is over, and is opened again before anything else.
    Ended,
}

impl SessionRow {
    /// Best layer that a participant of this role may have now; `invited` is what their invitation says of it.
    pub fn max_layer(&self, role: Role, invited: Option<Layer>) -> Layer {
        invited.unwrap_or(match role {
            Role::Director | Role::Camera => Layer::High,
            Role::Viewer => self.public_layer,
        })
    }

    /// Whether it is over.
    pub fn has_ended(&self) -> bool {
        self.summary.state == SessionState::Ended
    }
}

impl Store {
    /// Adds a session with its first two invitations.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_session(&self, session: &NewSession, now: u64) -> Result<(), StoreError> {
        let mut transaction = self.write.begin().await?;
        sql("INSERT INTO sessions (id, name, created_by, state, public_layer, camera_code, viewer_code, passphrase, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)")
        .bind(session.id.to_string())
        .bind(&session.name)
        .bind(session.created_by.to_string())
        .bind(session.state.as_str())
        .bind(session.public_layer.as_str())
        .bind(&session.camera_code)
        .bind(&session.viewer_code)
        .bind(session.passphrase.as_str())
        .bind(now)
        .execute(&mut transaction)
        .await?;
        for (role, code) in [(Role::Camera, &session.camera_code), (Role::Viewer, &session.viewer_code)] {
            let id = InviteId::from_parts(now, random::bytes());
            let invite = invites::first(id, session.id, role, code);
            invites::insert(&mut transaction, &invite, session.created_by, now).await?;
        }
        transaction.commit().await
    }

    /// The session of an id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, id: SessionId) -> Result<Option<SessionRow>, StoreError> {
        let row = sql("SELECT * FROM sessions WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The sessions that somebody made, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<SessionRow>, StoreError> {
        let rows =
            sql("SELECT * FROM sessions WHERE created_by = $1 ORDER BY created_at DESC, id DESC LIMIT 500")
                .bind(user.to_string())
                .fetch_all(&self.read)
                .await?;
        rows.iter().map(read).collect()
    }

    /// Changes what the patch names, where [`SessionState::can_become`] allows it. The publish keys of a session that
    /// ends are worth nothing any more: what was over does not push again by itself when it is opened again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_session(
        &self,
        id: SessionId,
        patch: &SessionPatch,
        now: u64,
    ) -> Result<Changed, StoreError> {
        let mut transaction = self.write.begin().await?;
        let found = sql("SELECT state FROM sessions WHERE id = $1").bind(id.to_string());
        let Some(found) = found.fetch_optional(&mut transaction).await? else { return Ok(Changed::Unknown) };
        let from: SessionState = found.parsed("state")?;
        let to = patch.state.unwrap_or(from);
        let renamed_after_its_end = from == SessionState::Ended && patch.state.is_none();
        if !from.can_become(to) || renamed_after_its_end {
            return Ok(Changed::Ended);
        }
        if to == SessionState::Ended {
            sql("UPDATE publish_keys SET expires_at = $1 WHERE session_id = $2 AND expires_at > $1")
                .bind(now)
                .bind(id.to_string())
                .execute(&mut transaction)
                .await?;
        }
        let row = sql("UPDATE sessions SET name = coalesce($1, name), state = $2, \
                       public_layer = coalesce($3, public_layer), \
                       updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at + 1 END \
                       WHERE id = $5 RETURNING *")
        .bind(patch.name.as_deref())
        .bind(to.as_str())
        .bind(patch.public_layer.map(Layer::as_str))
        .bind(now)
        .bind(id.to_string())
        .fetch_one(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(Changed::To(read(&row)?))
    }

    /// Gives a session another passphrase.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_passphrase(
        &self,
        id: SessionId,
        passphrase: &Sealed,
        now: u64,
    ) -> Result<(), StoreError> {
        sql("UPDATE sessions SET passphrase = $1, \
             updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END WHERE id = $3")
        .bind(passphrase.as_str())
        .bind(now)
        .bind(id.to_string())
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Puts the same passphrase, sealed anew, in the place of what was read; not where it has changed since.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reseal(&self, id: SessionId, was: &Sealed, now_is: &Sealed) -> Result<(), StoreError> {
        sql("UPDATE sessions SET passphrase = $1 WHERE id = $2 AND passphrase = $3")
            .bind(now_is.as_str())
            .bind(id.to_string())
            .bind(was.as_str())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Every session's passphrase.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn passphrases(&self) -> Result<Vec<(SessionId, Sealed)>, StoreError> {
        let rows = sql("SELECT id, passphrase FROM sessions").fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok((row.parsed("id")?, Sealed::from_column(row.text("passphrase")?)))).collect()
    }

    /// Remembers that a run said hello, so that a restarted relay still refuses an older one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn raise_epoch_heard(&self, id: SessionId, epoch: Epoch) -> Result<(), StoreError> {
        sql("UPDATE sessions SET epoch_heard = $1 WHERE id = $2 AND epoch_heard < $1")
            .bind(epoch.0)
            .bind(id.to_string())
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        summary: SessionSummary {
            id: row.parsed("id")?,
            name: row.text("name")?,
            state: row.parsed("state")?,
        },
        created_by: row.parsed("created_by")?,
        public_layer: row.parsed("public_layer")?,
        camera_code: row.text("camera_code")?,
        viewer_code: row.text("viewer_code")?,
        passphrase: Sealed::from_column(row.text("passphrase")?),
        epoch_granted: Epoch(row.number("epoch_granted")?),
        epoch_heard: Epoch(row.number("epoch_heard")?),
        updated_at: row.number("updated_at")?,
    })
}
