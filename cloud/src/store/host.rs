//! What the host looks at: every account, every session that runs, and what was done.

use returnfeed_protocol::{AuditEntry, HostUser, SessionState, SessionSummary, UserId};

use super::sql::{Row, sql};
use super::{Ended, Store, StoreError, Which, leaving};

/// A session and whose it is.
#[derive(Debug, Clone)]
pub struct Running {
    /// The session.
    pub summary: SessionSummary,
    /// Their name.
    pub by: String,
    /// Unix time in ms.
    pub created_at: u64,
}

/// Which entries of the audit.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Older than this one.
    pub before: Option<String>,
    /// Of this word, or of the words that begin with it and a dot.
    pub what: Option<String>,
    /// By whoever had this in their name.
    pub who: Option<String>,
}

/// At most so many at once.
const SESSIONS: u64 = 200;
const USERS: u64 = 200;
const ENTRIES: u64 = 100;

impl Store {
    /// Every account that has this in its name or e-mail, the oldest first; at most two hundred.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn accounts_like(&self, who: &str) -> Result<Vec<HostUser>, StoreError> {
        let rows = sql(
            "SELECT users.*, (SELECT COUNT(*) FROM sessions WHERE created_by = users.id) AS made FROM users \
                        WHERE lower(name) LIKE $1 ESCAPE '!' OR email LIKE $1 ESCAPE '!' \
                        ORDER BY created_at, id LIMIT $2",
        )
        .bind(format!("%{}%", literal(&who.to_lowercase())))
        .bind(USERS)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(user).collect()
    }

    /// Shuts an account out, with every login of it, or lets it in again; what that ended. `None` where there is no such
    /// account, or it is a host's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shut_account(&self, id: UserId, shut: bool, now: u64) -> Result<Option<Ended>, StoreError> {
        let mut transaction = self.write.begin().await?;
        let changed = sql("UPDATE users SET disabled_at = $1, updated_at = $2 WHERE id = $3 AND host = 0")
            .bind(shut.then_some(now))
            .bind(now)
            .bind(id.to_string())
            .execute(&mut transaction)
            .await?;
        if changed == 0 {
            return Ok(None);
        }
        let ended =
            if shut { leaving::end(&mut transaction, id, Which::All, now).await? } else { Ended::default() };
        transaction.commit().await?;
        Ok(Some(ended))
    }

    /// Every session that has not ended, the newest first; at most two hundred.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn running_sessions(&self) -> Result<Vec<Running>, StoreError> {
        let rows = sql("SELECT sessions.id AS id, sessions.name AS name, state, users.name AS by_name, \
                        sessions.created_at AS created_at FROM sessions JOIN users ON users.id = created_by \
                        WHERE state <> $1 ORDER BY sessions.created_at DESC, sessions.id DESC LIMIT $2")
        .bind(SessionState::Ended.as_str())
        .bind(SESSIONS)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                let (id, name, state) = (row.parsed("id")?, row.text("name")?, row.parsed("state")?);
                let summary = SessionSummary { id, name, state };
                Ok(Running { summary, by: row.text("by_name")?, created_at: row.number("created_at")? })
            })
            .collect()
    }

    /// What was done, the newest first; at most a hundred entries.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_search(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let AuditFilter { before, what, who } = filter;
        let rows = sql("SELECT * FROM audit WHERE (CAST($1 AS TEXT) IS NULL OR id < $1) \
                        AND (CAST($2 AS TEXT) IS NULL OR what = $2 OR what LIKE $3 ESCAPE '!') \
                        AND (CAST($4 AS TEXT) IS NULL OR lower(actor_name) LIKE $4 ESCAPE '!') ORDER BY id DESC LIMIT $5")
        .bind(before.as_deref())
        .bind(what.as_deref())
        .bind(what.as_deref().map(|what| format!("{}.%", literal(what))))
        .bind(who.as_deref().map(|who| format!("%{}%", literal(&who.to_lowercase()))))
        .bind(ENTRIES)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(entry).collect()
    }
}

/// A text in which `LIKE` finds nothing but itself.
fn literal(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

fn user(row: &Row) -> Result<HostUser, StoreError> {
    Ok(HostUser {
        id: row.parsed("id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        email_verified: row.flag("email_verified")?,
        host: row.flag("host")?,
        disabled: row.maybe_number("disabled_at")?.is_some(),
        elsewhere: row.maybe_text("google_id")?.is_some(),
        second_factor: row.maybe_number("factor_at")?.is_some(),
        sessions: row.number("made")?,
        created_at: row.number("created_at")?,
    })
}

fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: row.text("id")?,
        at: row.number("at")?,
        who: row.text("actor_name")?,
        session: row.maybe_parsed("session_id")?,
        what: row.text("what")?,
        detail: row.text("detail")?,
        address: row.maybe_text("address")?,
    })
}
