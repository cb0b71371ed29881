//! Shows, the directors' documents, and their last versions.
//!
//! A show is its owner's alone: every question names the account, and another's show is not there. A save, deletion or
//! restoration is conditional on where the show stands, looked at inside the transaction that writes.

use returnfeed_protocol::{ShowDigest, ShowEntry, ShowHistory, ShowId, ShowPast, UserId};

use super::sql::{Row, Transaction, sql};
use super::{Store, StoreError};

/// How many versions of a show are kept.
pub const VERSIONS_KEPT: u64 = 50;
/// How many shows an account may have.
pub const SHOWS_MOST: u64 = 200;
/// How many deleted shows of an account are remembered, so that every machine hears of the deletion.
const DELETED_KEPT: u64 = 200;

/// Where a show must stand for a change to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// It is not there, or deleted (`If-None-Match: *`).
    Absent,
    /// It is there (`If-Match: *`).
    Present,
    /// It is there with one of these entity tags.
    Matches(Vec<String>),
}

/// A text to save, checked.
#[derive(Debug, Clone)]
pub struct ShowText {
    /// Byte for byte as it came.
    pub text: String,
    /// Of the text.
    pub digest: ShowDigest,
    /// The show's name in it.
    pub name: String,
    /// What the machine calls itself.
    pub machine: String,
}

/// What became of a change.
#[derive(Debug)]
pub enum ShowChanged {
    /// It stands so now.
    To(ShowEntry),
    /// It stood elsewhere, and stays so; `None`: it is not there.
    No(Option<ShowEntry>),
    /// There is no such show of this account, or no such version of it.
    Unknown,
    /// The account has as many as it may have.
    TooMany,
}

/// What to change.
enum Change<'a> {
    Save(&'a ShowText),
    Delete,
    Restore(u64, &'a str),
}

impl Precondition {
    fn holds(&self, now: Option<&ShowEntry>) -> bool {
        let etag = now.and_then(|entry| entry.etag.as_ref());
        match (self, etag) {
            (Self::Absent, etag) => etag.is_none(),
            (Self::Present, etag) => etag.is_some(),
            (Self::Matches(tags), Some(etag)) => tags.contains(etag),
            (Self::Matches(_), None) => false,
        }
    }
}

impl Store {
    /// The account's shows, those that it deleted too, by their names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shows_of(&self, user: UserId) -> Result<Vec<ShowEntry>, StoreError> {
        let rows =
            sql("SELECT id, name, version, digest, deleted_at, updated_at FROM shows WHERE user_id = $1 \
                        ORDER BY name, id")
            .bind(user.to_string())
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(entry).collect()
    }

    /// A show and its text; `None` where it is deleted, or not this account's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn show(&self, user: UserId, id: ShowId) -> Result<Option<(ShowEntry, String)>, StoreError> {
        let row = sql("SELECT * FROM shows WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL")
            .bind(id.to_string())
            .bind(user.to_string())
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(|row| Ok((entry(row)?, row.text("document")?))).transpose()
    }

    /// Whether a show of this id is another account's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn show_is_of_another(&self, user: UserId, id: ShowId) -> Result<bool, StoreError> {
        let row = sql("SELECT user_id FROM shows WHERE id = $1 AND user_id <> $2")
            .bind(id.to_string())
            .bind(user.to_string())
            .fetch_optional(&self.read)
            .await?;
        Ok(row.is_some())
    }

    /// Where a show stands and its versions, the newest first; also of a deleted one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn show_history(&self, user: UserId, id: ShowId) -> Result<Option<ShowHistory>, StoreError> {
        let now = sql("SELECT id, name, version, digest, deleted_at, updated_at FROM shows \
                       WHERE id = $1 AND user_id = $2")
        .bind(id.to_string())
        .bind(user.to_string())
        .fetch_optional(&self.read)
        .await?;
        let Some(now) = now else { return Ok(None) };
        let rows =
            sql("SELECT version, digest, name, machine, saved_at FROM show_versions WHERE show_id = $1 \
                        ORDER BY version DESC LIMIT $2")
            .bind(id.to_string())
            .bind(VERSIONS_KEPT)
            .fetch_all(&self.read)
            .await?;
        Ok(Some(ShowHistory {
            now: entry(&now)?,
            versions: rows.iter().map(past).collect::<Result<_, _>>()?,
        }))
    }

    /// The text of one version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn show_version(
        &self,
        user: UserId,
        id: ShowId,
        version: u64,
    ) -> Result<Option<(ShowPast, String)>, StoreError> {
        let row =
            sql("SELECT show_versions.* FROM show_versions JOIN shows ON shows.id = show_versions.show_id \
                       WHERE show_id = $1 AND user_id = $2 AND show_versions.version = $3")
            .bind(id.to_string())
            .bind(user.to_string())
            .bind(version)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(|row| Ok((past(row)?, row.text("document")?))).transpose()
    }

    /// Saves a text as the next version, where the show stands as it must.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_show(
        &self,
        user: UserId,
        id: ShowId,
        text: &ShowText,
        only: &Precondition,
        now: u64,
    ) -> Result<ShowChanged, StoreError> {
        self.change_show(user, id, Change::Save(text), only, now).await
    }

    /// Deletes a show, where it stands as it must; its versions stay.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_show(
        &self,
        user: UserId,
        id: ShowId,
        only: &Precondition,
        now: u64,
    ) -> Result<ShowChanged, StoreError> {
        self.change_show(user, id, Change::Delete, only, now).await
    }

    /// Saves the text of an earlier version as the next, where the show stands as it must.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn restore_show(
        &self,
        user: UserId,
        id: ShowId,
        (version, machine): (u64, &str),
        only: &Precondition,
        now: u64,
    ) -> Result<ShowChanged, StoreError> {
        self.change_show(user, id, Change::Restore(version, machine), only, now).await
    }

    async fn change_show(
        &self,
        user: UserId,
        id: ShowId,
        change: Change<'_>,
        only: &Precondition,
        now: u64,
    ) -> Result<ShowChanged, StoreError> {
        let mut transaction = self.write.begin().await?;
        let row = sql("SELECT * FROM shows WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut transaction)
            .await?;
        if let Some(row) = &row
            && row.parsed::<UserId>("user_id")? != user
        {
            return Ok(ShowChanged::Unknown);
        }
        let stands = row.as_ref().map(entry).transpose()?;
        if stands.is_none() && !matches!(change, Change::Save(_)) {
            return Ok(ShowChanged::Unknown);
        }
        if !only.holds(stands.as_ref()) {
            return Ok(ShowChanged::No(stands));
        }
        let text = match change {
            Change::Save(text) => Some(text.clone()),
            Change::Delete => None,
            Change::Restore(version, machine) => match earlier(&mut transaction, id, version, machine).await?
            {
                Some(text) => Some(text),
                None => return Ok(ShowChanged::Unknown),
            },
        };
        let is_new = stands.as_ref().is_none_or(|entry| entry.digest.is_none());
        if is_new && text.is_some() && count(&mut transaction, user).await? >= SHOWS_MOST {
            return Ok(ShowChanged::TooMany);
        }
        let version = stands.as_ref().map_or(0, |entry| entry.version).saturating_add(1);
        match &text {
            Some(text) => put(&mut transaction, user, id, version, text, now).await?,
            None => bury(&mut transaction, user, id, version, now).await?,
        }
        let name = text.as_ref().map(|text| text.name.clone()).or(stands.map(|entry| entry.name));
        let digest = text.map(|text| text.digest);
        transaction.commit().await?;
        Ok(ShowChanged::To(ShowEntry {
            id,
            name: name.unwrap_or_default(),
            version,
            digest,
            etag: digest.map(|digest| digest.etag(version)),
            updated_at: now,
        }))
    }
}

async fn earlier(
    transaction: &mut Transaction,
    id: ShowId,
    version: u64,
    machine: &str,
) -> Result<Option<ShowText>, StoreError> {
    let row = sql("SELECT * FROM show_versions WHERE show_id = $1 AND version = $2")
        .bind(id.to_string())
        .bind(version)
        .fetch_optional(transaction)
        .await?;
    let read = |row: &Row| {
        Ok(ShowText {
            text: row.text("document")?,
            digest: row.parsed("digest")?,
            name: row.text("name")?,
            machine: machine.to_owned(),
        })
    };
    row.as_ref().map(read).transpose()
}

async fn count(transaction: &mut Transaction, user: UserId) -> Result<u64, StoreError> {
    sql("SELECT count(*) AS shows FROM shows WHERE user_id = $1 AND deleted_at IS NULL")
        .bind(user.to_string())
        .fetch_one(transaction)
        .await?
        .number("shows")
}

async fn put(
    transaction: &mut Transaction,
    user: UserId,
    id: ShowId,
    version: u64,
    text: &ShowText,
    now: u64,
) -> Result<(), StoreError> {
    sql("INSERT INTO shows (id, user_id, name, version, document, digest, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
         version = excluded.version, document = excluded.document, digest = excluded.digest, \
         updated_at = excluded.updated_at, deleted_at = NULL")
    .bind(id.to_string())
    .bind(user.to_string())
    .bind(&text.name)
    .bind(version)
    .bind(&text.text)
    .bind(text.digest.to_string())
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    sql("INSERT INTO show_versions (show_id, version, document, digest, name, machine, saved_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
    .bind(id.to_string())
    .bind(version)
    .bind(&text.text)
    .bind(text.digest.to_string())
    .bind(&text.name)
    .bind(&text.machine)
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    sql("DELETE FROM show_versions WHERE show_id = $1 AND version NOT IN \
         (SELECT version FROM show_versions WHERE show_id = $1 ORDER BY version DESC LIMIT $2)")
    .bind(id.to_string())
    .bind(VERSIONS_KEPT)
    .execute(transaction)
    .await?;
    Ok(())
}

/// Marks it deleted; those that were deleted longest ago are forgotten with their versions.
async fn bury(
    transaction: &mut Transaction,
    user: UserId,
    id: ShowId,
    version: u64,
    now: u64,
) -> Result<(), StoreError> {
    sql("UPDATE shows SET version = $1, deleted_at = $2, updated_at = $2 WHERE id = $3")
        .bind(version)
        .bind(now)
        .bind(id.to_string())
        .execute(&mut *transaction)
        .await?;
    sql("DELETE FROM shows WHERE user_id = $1 AND deleted_at IS NOT NULL AND id NOT IN \
         (SELECT id FROM shows WHERE user_id = $1 AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC LIMIT $2)")
    .bind(user.to_string())
    .bind(DELETED_KEPT)
    .execute(transaction)
    .await?;
    Ok(())
}

fn entry(row: &Row) -> Result<ShowEntry, StoreError> {
    let version = row.number("version")?;
    let digest: Option<ShowDigest> = match row.maybe_number("deleted_at")? {
        Some(_) => None,
        None => Some(row.parsed("digest")?),
    };
    Ok(ShowEntry {
        id: row.parsed("id")?,
        name: row.text("name")?,
        version,
        digest,
        etag: digest.map(|digest| digest.etag(version)),
        updated_at: row.number("updated_at")?,
    })
}

fn past(row: &Row) -> Result<ShowPast, StoreError> {
    Ok(ShowPast {
        version: row.number("version")?,
        digest: row.parsed("digest")?,
        name: row.text("name")?,
        machine: row.text("machine")?,
        saved_at: row.number("saved_at")?,
    })
}
