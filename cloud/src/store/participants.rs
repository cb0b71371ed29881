//! Who is in a session, with or without an account, under which name and camera number.

use returnfeed_protocol::{
    CameraNumber, InviteId, Layer, ParticipantId, ParticipantPatch, Role, SessionId, UserId,
};
use uuid::Uuid;

use super::sql::{Row, Transaction, sql};
use super::{Store, StoreError};

/// At most so many of one session are listed, the newest.
const LISTED: u64 = 2_000;

/// A person in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub id: ParticipantId,
    /// Where.
    pub session: SessionId,
    /// As what.
    pub role: Role,
    /// Shown to the director; may be empty.
    pub name: String,
    /// The tally light they follow.
    pub camera: Option<CameraNumber>,
    /// By which invitation they came, where it was one.
    pub invite: Option<InviteId>,
    /// Best layer that their invitation gives, where that is not the role's own.
    pub max_layer: Option<Layer>,
    /// Unix time in ms.
    pub joined_at: u64,
    /// Whether the director has taken them out: their token is worth nothing.
    pub removed: bool,
    /// Unix time in ms of the newest change, and more where it would not rise: of two looks the later one.
    pub updated_at: u64,
}

impl Participant {
    /// Somebody who is not there yet, without a number.
    pub fn new(id: ParticipantId, session: SessionId, role: Role, name: String, now: u64) -> Self {
        let (camera, invite, max_layer) = (None, None, None);
        let (joined_at, removed, updated_at) = (now, false, now);
        Self { id, session, role, name, camera, invite, max_layer, joined_at, removed, updated_at }
    }
}

impl Store {
    /// Adds somebody with an account, by one of its logins or by the command line, or finds them: by the same login
    /// they keep the id that they had in the session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_member(
        &self,
        member: &Participant,
        user: UserId,
        login: Option<Uuid>,
        now: u64,
    ) -> Result<ParticipantId, StoreError> {
        sql("INSERT INTO session_participants (id, session_id, user_id, login_id, role, name, joined_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
             ON CONFLICT (session_id, user_id, login_id) WHERE user_id IS NOT NULL \
             DO UPDATE SET role = excluded.role, name = excluded.name, \
             updated_at = CASE WHEN session_participants.updated_at < excluded.updated_at \
             THEN excluded.updated_at ELSE session_participants.updated_at + 1 END \
             RETURNING id")
        .bind(member.id.to_string())
        .bind(member.session.to_string())
        .bind(user.to_string())
        .bind(login.map_or_else(String::new, |login| login.to_string()))
        .bind(member.role.as_str())
        .bind(&member.name)
        .bind(now)
        .fetch_one(&self.write)
        .await?
        .parsed("id")
    }

    /// A participant by id, also one who was taken out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn participant(&self, id: ParticipantId) -> Result<Option<Participant>, StoreError> {
        let row = sql("SELECT * FROM session_participants WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Who is in a session, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn participants(&self, session: SessionId) -> Result<Vec<Participant>, StoreError> {
        let rows = sql("SELECT * FROM session_participants WHERE session_id = $1 AND left_at IS NULL \
                        ORDER BY joined_at DESC, id DESC LIMIT $2")
        .bind(session.to_string())
        .bind(LISTED)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Who has a camera number, in the order in which they came.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn holders(
        &self,
        session: SessionId,
        camera: CameraNumber,
    ) -> Result<Vec<Participant>, StoreError> {
        let rows = sql("SELECT * FROM session_participants WHERE session_id = $1 AND camera = $2 \
                        AND left_at IS NULL ORDER BY joined_at, id")
        .bind(session.to_string())
        .bind(u64::from(camera.get()))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Changes what the patch names of somebody in this session; `None` when they are not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_participant(
        &self,
        session: SessionId,
        id: ParticipantId,
        patch: &ParticipantPatch,
        now: u64,
    ) -> Result<Option<Participant>, StoreError> {
        let mut transaction = self.write.begin().await?;
        let changed = change(&mut transaction, session, id, patch, now).await?;
        transaction.commit().await?;
        Ok(changed)
    }

    /// Gives somebody a camera number, and takes it from others, all or nothing. They as they are now, who it was taken
    /// from behind them; nobody when the first is not in this session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hand_over(
        &self,
        session: SessionId,
        to: ParticipantId,
        camera: CameraNumber,
        from: &[ParticipantId],
        now: u64,
    ) -> Result<Vec<Participant>, StoreError> {
        let number = |camera| ParticipantPatch { camera: Some(camera), ..ParticipantPatch::default() };
        let mut transaction = self.write.begin().await?;
        let Some(first) = change(&mut transaction, session, to, &number(Some(camera)), now).await? else {
            return Ok(Vec::new());
        };
        let mut changed = vec![first];
        for loser in from {
            changed.extend(change(&mut transaction, session, *loser, &number(None), now).await?);
        }
        transaction.commit().await?;
        Ok(changed)
    }

    /// Gives each of two the other's camera number; both as they are now, or `None` when one is not in this session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn swap_cameras(
        &self,
        session: SessionId,
        [one, other]: [ParticipantId; 2],
        now: u64,
    ) -> Result<Option<[Participant; 2]>, StoreError> {
        let same = ParticipantPatch::default();
        let mut transaction = self.write.begin().await?;
        let before = (
            change(&mut transaction, session, one, &same, now).await?,
            change(&mut transaction, session, other, &same, now).await?,
        );
        let (Some(first), Some(second)) = before else { return Ok(None) };
        let number = |camera| ParticipantPatch { camera: Some(camera), ..ParticipantPatch::default() };
        let after = (
            change(&mut transaction, session, one, &number(second.camera), now).await?,
            change(&mut transaction, session, other, &number(first.camera), now).await?,
        );
        let (Some(first), Some(second)) = after else { return Ok(None) };
        transaction.commit().await?;
        Ok(Some([first, second]))
    }

    /// Takes somebody out of a session, with their camera number; `None` when they are not in it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_participant(
        &self,
        session: SessionId,
        id: ParticipantId,
        now: u64,
    ) -> Result<Option<Participant>, StoreError> {
        let row = sql("UPDATE session_participants SET left_at = $1, camera = NULL, \
                       updated_at = CASE WHEN updated_at < $1 THEN $1 ELSE updated_at + 1 END \
                       WHERE session_id = $2 AND id = $3 AND left_at IS NULL RETURNING *")
        .bind(now)
        .bind(session.to_string())
        .bind(id.to_string())
        .fetch_optional(&self.write)
        .await?;
        row.as_ref().map(read).transpose()
    }
}

/// Adds somebody without an account.
pub(super) async fn insert(
    transaction: &mut Transaction,
    guest: &Participant,
    now: u64,
) -> Result<(), StoreError> {
    sql("INSERT INTO session_participants (id, session_id, role, name, invite_id, max_layer, joined_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)")
    .bind(guest.id.to_string())
    .bind(guest.session.to_string())
    .bind(guest.role.as_str())
    .bind(&guest.name)
    .bind(guest.invite.map(|invite| invite.to_string()))
    .bind(guest.max_layer.map(Layer::as_str))
    .bind(now)
    .execute(transaction)
    .await?;
    Ok(())
}

async fn change(
    transaction: &mut Transaction,
    session: SessionId,
    id: ParticipantId,
    patch: &ParticipantPatch,
    now: u64,
) -> Result<Option<Participant>, StoreError> {
    let row = sql("UPDATE session_participants SET name = coalesce($1, name), \
                   camera = CASE WHEN $2 = 1 THEN $3 ELSE camera END, \
                   updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at + 1 END \
                   WHERE session_id = $5 AND id = $6 AND left_at IS NULL RETURNING *")
    .bind(patch.name.as_deref())
    .bind(patch.camera.is_some())
    .bind(patch.camera.flatten().map(|camera| u64::from(camera.get())))
    .bind(now)
    .bind(session.to_string())
    .bind(id.to_string())
    .fetch_optional(transaction)
    .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Participant, StoreError> {
    Ok(Participant {
        id: row.parsed("id")?,
        session: row.parsed("session_id")?,
        role: row.parsed("role")?,
        name: row.text("name")?,
        camera: camera(row)?,
        invite: row.maybe_parsed("invite_id")?,
        max_layer: row.maybe_parsed("max_layer")?,
        joined_at: row.number("joined_at")?,
        removed: row.maybe_number("left_at")?.is_some(),
        updated_at: row.number("updated_at")?,
    })
}

/// The camera number of a row, where it has one.
pub(super) fn camera(row: &Row) -> Result<Option<CameraNumber>, StoreError> {
    let number = row.maybe_number("camera")?;
    let damaged = |number: u64| StoreError::Damaged { found: format!("camera {number}") };
    number
        .map(|number| {
            u16::try_from(number).ok().and_then(|small| small.try_into().ok()).ok_or_else(|| damaged(number))
        })
        .transpose()
}
