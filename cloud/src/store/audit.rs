//! Who did what, when, from where: kept for so many days, for the host to read.
//!
//! It refuses secrets: `detail` is written by the code that calls, from ids, words and counts. Invariant: a row stays
//! when the account, the session or the participant that it names is gone.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use returnfeed_protocol::{ParticipantId, SessionId, UserId};
use uuid::Uuid;

use super::sql::sql;
use super::{Store, StoreError};
use crate::random;

/// Something that somebody did.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who.
    pub actor: Actor,
    /// In which session, where it was in one.
    pub session: Option<SessionId>,
    /// A stable word in lower case, such as `login` or `participant.removed`.
    pub what: &'static str,
    /// More, as a JSON object; `{}` where there is no more. No secrets.
    pub detail: serde_json::Value,
    /// From where, where that is known.
    pub address: Option<IpAddr>,
}

/// Who did it.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Somebody with an account.
    User {
        /// The account.
        id: UserId,
        /// As it was called then.
        name: String,
    },
    /// Somebody in a session.
    Participant {
        /// The participant.
        id: ParticipantId,
        /// As they were called then.
        name: String,
    },
    /// Whoever may use the command line.
    CommandLine,
    /// Nobody who is known: a login that failed.
    Unknown,
}

/// An entry as it was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// UUIDv7, in the order of writing.
    pub id: String,
    /// Unix time in ms.
    pub at: u64,
    /// The account that did it.
    pub actor_user: Option<UserId>,
    /// The participant that did it.
    pub actor_participant: Option<ParticipantId>,
    /// As they were called then.
    pub actor_name: String,
    /// Where.
    pub session: Option<SessionId>,
    /// What.
    pub what: String,
    /// A JSON object.
    pub detail: String,
    /// From where.
    pub address: Option<String>,
}

/// At most so many entries at once.
const PAGE: u64 = 500;

impl Store {
    /// Writes what somebody did. What was done stands, whether or not it can be written down: a database that does not
    /// answer costs a line in the log.
    pub async fn audit(&self, entry: &Entry, now: u64) {
        if let Err(error) = self.write_audit(entry, now).await {
            tracing::error!(%error, what = entry.what, "an entry of the audit is lost");
        }
    }

    async fn write_audit(&self, entry: &Entry, now: u64) -> Result<(), StoreError> {
        let (user, participant, name) = match &entry.actor {
            Actor::User { id, name } => (Some(id.to_string()), None, name.as_str()),
            Actor::Participant { id, name } => (None, Some(id.to_string()), name.as_str()),
            Actor::CommandLine => (None, None, "command line"),
            Actor::Unknown => (None, None, ""),
        };
        let id = self.next_audit_id(now);
        sql("INSERT INTO audit (id, at, actor_user, actor_participant, actor_name, session_id, what, detail, address) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(Uuid::to_string(&id))
        .bind(now)
        .bind(user)
        .bind(participant)
        .bind(name)
        .bind(entry.session.map(|id| id.to_string()))
        .bind(entry.what)
        .bind(entry.detail.to_string())
        .bind(entry.address.map(|address| address.to_string()))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Later than every id before it: entries of one millisecond stand in the order in which they were written.
    fn next_audit_id(&self, now: u64) -> Uuid {
        let after = |last: u64| now.max(last.saturating_add(1));
        let last = self.audited.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last)));
        let (Ok(last) | Err(last)) = last;
        uuid::Builder::from_unix_timestamp_millis(after(last), &random::bytes()).into_uuid()
    }

    /// Forgets what was done before a time: entries of the audit, of sessions and of none, logins that are over and links
    /// that work no more. How many rows.
    ///
    /// # Errors
    /// When the database does not answer; what was forgotten until then stays forgotten.
    pub async fn forget_before(&self, then: u64) -> Result<u64, StoreError> {
        const EACH: [&str; 3] = [
            "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 LIMIT $2)",
            "DELETE FROM logins WHERE id IN (SELECT id FROM logins WHERE expires_at < $1 LIMIT $2)",
            "DELETE FROM one_time WHERE token_hash IN (SELECT token_hash FROM one_time WHERE expires_at < $1 LIMIT $2)",
        ];
        let mut forgotten = 0_u64;
        for each in EACH {
            loop {
                // A few at a time: whoever writes meanwhile waits for no more than these.
                let rows = sql(each).bind(then).bind(PAGE).execute(&self.write).await?;
                forgotten = forgotten.saturating_add(rows);
                if rows < PAGE {
                    break;
                }
            }
        }
        Ok(forgotten)
    }

    /// What was written, newest first: at most 500 entries older than the one named, of one session where it is named.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit_page(
        &self,
        session: Option<SessionId>,
        before: Option<&str>,
    ) -> Result<Vec<Written>, StoreError> {
        let rows =
            sql("SELECT * FROM audit WHERE ($1 IS NULL OR session_id = $1) AND ($2 IS NULL OR id < $2) \
                        ORDER BY id DESC LIMIT $3")
            .bind(session.map(|id| id.to_string()))
            .bind(before)
            .bind(PAGE)
            .fetch_all(&self.read)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Written {
                    id: row.text("id")?,
                    at: row.number("at")?,
                    actor_user: row.maybe_parsed("actor_user")?,
                    actor_participant: row.maybe_parsed("actor_participant")?,
                    actor_name: row.text("actor_name")?,
                    session: row.maybe_parsed("session_id")?,
                    what: row.text("what")?,
                    detail: row.text("detail")?,
                    address: row.maybe_text("address")?,
                })
            })
            .collect()
    }
}
