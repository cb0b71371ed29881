//! Words between servers that share a PostgreSQL: `LISTEN` and `NOTIFY`.
//!
//! It refuses a file: nobody else has it open. Invariant: a notice is whole or is not heard.

use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};

use super::QUEUE;
use super::error::StoreError;
use super::url::DatabaseUrl;

const CHANNEL: &str = "returnfeed";
/// PostgreSQL takes less than 8,000 bytes a notice (its manual, NOTIFY).
pub const LONGEST_NOTICE: usize = 7_900;

/// What comes of listening.
pub enum Noticed {
    /// Somebody's words, or our own.
    Text(String),
    /// The connection was lost and is there again: what was said meanwhile was not heard.
    Gap,
}

/// The way out. It has a connection of its own: what waits to be said delays nothing that is heard.
pub struct Sayer(PgPool);

/// The way in.
pub struct Hearer {
    options: PgConnectOptions,
    listener: Option<PgListener>,
}

/// Begins to listen.
///
/// # Errors
/// When the server cannot be reached; [`StoreError::NoNotices`] for a file.
pub async fn notices(url: &DatabaseUrl) -> Result<(Sayer, Hearer), StoreError> {
    let DatabaseUrl::Postgres(options) = url else { return Err(StoreError::NoNotices) };
    let options = (**options).clone().application_name("returnfeed-cloud bus");
    let out = one_connection().connect_with(options.clone()).await.map_err(StoreError::of_server)?;
    let listener = Some(listen(&options).await?);
    Ok((Sayer(out), Hearer { options, listener }))
}

fn one_connection() -> PgPoolOptions {
    PgPoolOptions::new().max_connections(1).acquire_timeout(QUEUE)
}

async fn listen(options: &PgConnectOptions) -> Result<PgListener, StoreError> {
    let pool = one_connection().connect_with(options.clone()).await.map_err(StoreError::of_server)?;
    let mut listener = PgListener::connect_with(&pool).await.map_err(StoreError::of_server)?;
    listener.listen(CHANNEL).await.map_err(StoreError::of_server)?;
    Ok(listener)
}

impl Sayer {
    /// Says at most [`LONGEST_NOTICE`] bytes to everybody who listens.
    ///
    /// # Errors
    /// When the server did not take it.
    pub async fn say(&self, text: &str) -> Result<(), StoreError> {
        let notify = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(text);
        notify.execute(&self.0).await.map_err(StoreError::of_server)?;
        Ok(())
    }
}

impl Hearer {
    /// What is heard next.
    ///
    /// # Errors
    /// When the server is away; the next call tries to reach it again.
    pub async fn hear(&mut self) -> Result<Noticed, StoreError> {
        let Some(listener) = &mut self.listener else {
            self.listener = Some(listen(&self.options).await?);
            return Ok(Noticed::Gap);
        };
        match listener.try_recv().await {
            Ok(Some(notice)) => Ok(Noticed::Text(notice.payload().to_owned())),
            Ok(None) => Ok(Noticed::Gap),
            Err(error) => {
                // The library mends some losses by itself; a new connection mends all.
                self.listener = None;
                Err(StoreError::of_server(error))
            }
        }
    }
}
