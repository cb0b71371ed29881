//! Sessions, their codes, their passphrase and the count of their director's runs.

use returnfeed_protocol::{
    Epoch, Layer, Role, SessionId, SessionPatch, SessionState, SessionSummary, UserId,
};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, column, counted, parsed};

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
    /// Joins as camera operator.
    pub camera_code: String,
    /// Joins as viewer.
    pub viewer_code: String,
    /// Of SRT.
    pub passphrase: SecretString,
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
    /// Joins as camera operator.
    pub camera_code: String,
    /// Joins as viewer.
    pub viewer_code: String,
    /// Of SRT.
    pub passphrase: SecretString,
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
    /// It is over, and stays so.
    Ended,
}

impl SessionRow {
    /// Best layer that a participant of this role may have now.
    pub fn max_layer(&self, role: Role) -> Layer {
        match role {
            Role::Director | Role::Camera => Layer::High,
            Role::Viewer => self.public_layer,
        }
    }

    /// Whether it is over.
    pub fn has_ended(&self) -> bool {
        self.summary.state == SessionState::Ended
    }
}

impl Store {
    /// Adds a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_session(&self, session: &NewSession, now: u64) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sessions (id, name, created_by, state, public_layer, camera_code, viewer_code, passphrase, \
             created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9)",
        )
        .bind(session.id.to_string())
        .bind(&session.name)
        .bind(session.created_by.to_string())
        .bind(session.state.as_str())
        .bind(session.public_layer.as_str())
        .bind(&session.camera_code)
        .bind(&session.viewer_code)
        .bind(session.passphrase.expose_secret())
        .bind(column(now))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The session of an id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, id: SessionId) -> Result<Option<SessionRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM sessions WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The session that a join code belongs to, and as what it lets in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session_by_code(&self, code: &str) -> Result<Option<(SessionRow, Role)>, StoreError> {
        let row = sqlx::query("SELECT * FROM sessions WHERE camera_code = ?1 OR viewer_code = ?1")
            .bind(code)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref()
            .map(|row| {
                let session = read(row)?;
                let role = if session.camera_code == code { Role::Camera } else { Role::Viewer };
                Ok((session, role))
            })
            .transpose()
    }

    /// The sessions that somebody made, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<SessionRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM sessions WHERE created_by = ? ORDER BY created_at DESC, id DESC LIMIT 500",
        )
        .bind(user.to_string())
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Changes what the patch names, unless the session is over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_session(
        &self,
        id: SessionId,
        patch: &SessionPatch,
        now: u64,
    ) -> Result<Changed, StoreError> {
        let row = sqlx::query(
            "UPDATE sessions SET state = coalesce(?, state), public_layer = coalesce(?, public_layer), \
             updated_at = max(updated_at + 1, ?) WHERE id = ? AND state <> 'ended' RETURNING *",
        )
        .bind(patch.state.map(SessionState::as_str))
        .bind(patch.public_layer.map(Layer::as_str))
        .bind(column(now))
        .bind(id.to_string())
        .fetch_optional(&self.write)
        .await?;
        match row {
            Some(row) => Ok(Changed::To(read(&row)?)),
            None if self.session(id).await?.is_some() => Ok(Changed::Ended),
            None => Ok(Changed::Unknown),
        }
    }

    /// Remembers that a run said hello, so that a restarted relay still refuses an older one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn raise_epoch_heard(&self, id: SessionId, epoch: Epoch) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET epoch_heard = max(epoch_heard, ?) WHERE id = ?")
            .bind(column(epoch.0))
            .bind(id.to_string())
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

fn read(row: &SqliteRow) -> Result<SessionRow, StoreError> {
    let text = |name| row.try_get::<String, &str>(name);
    Ok(SessionRow {
        summary: SessionSummary {
            id: parsed(&text("id")?)?,
            name: text("name")?,
            state: parsed(&text("state")?)?,
        },
        created_by: parsed(&text("created_by")?)?,
        public_layer: parsed(&text("public_layer")?)?,
        camera_code: text("camera_code")?,
        viewer_code: text("viewer_code")?,
        passphrase: text("passphrase")?.into(),
        epoch_granted: Epoch(counted(row.try_get("epoch_granted")?)),
        epoch_heard: Epoch(counted(row.try_get("epoch_heard")?)),
        updated_at: counted(row.try_get("updated_at")?),
    })
}
