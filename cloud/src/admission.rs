//! Who may push: asked by the media plane, answered by the database.
//!
//! It refuses to guess when the database does not answer. A publisher that runs is never asked again.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt as _};
use returnfeed_protocol::StreamId;

use crate::clock::Clock;
use crate::media::{Admission, AdmissionRefusal, Admitted};
use crate::sealing::Sealer;
use crate::store::{Store, StoreError};

/// The gate of the SRT port.
pub struct Gate {
    store: Store,
    sealer: Arc<Sealer>,
    clock: Clock,
}

impl Gate {
    /// A gate over this database.
    pub fn new(store: Store, sealer: Arc<Sealer>, clock: Clock) -> Self {
        Self { store, sealer, clock }
    }
}

impl Admission for Gate {
    fn admit(
        &self,
        stream: StreamId,
        _peer: SocketAddr,
    ) -> BoxFuture<'static, Result<Admitted, AdmissionRefusal>> {
        admit(self.store.clone(), Arc::clone(&self.sealer), self.clock.unix_ms(), stream).boxed()
    }
}

async fn admit(
    store: Store,
    sealer: Arc<Sealer>,
    now: u64,
    stream: StreamId,
) -> Result<Admitted, AdmissionRefusal> {
    let unavailable = |error: StoreError| {
        tracing::error!(session = %stream.session, %error, "a publish key cannot be checked");
        AdmissionRefusal::Unavailable
    };
    let session = store.session(stream.session).await.map_err(unavailable)?;
    let session = session.ok_or(AdmissionRefusal::SessionUnknown)?;
    if session.has_ended() {
        return Err(AdmissionRefusal::SessionEnded);
    }
    let key = store.publish_key(stream.key).await.map_err(unavailable)?;
    let key = key.filter(|key| key.session == stream.session).ok_or(AdmissionRefusal::KeyUnknown)?;
    if key.expires_at <= now {
        return Err(AdmissionRefusal::KeyExpired);
    }
    let passphrase = sealer.open(stream.session, &session.passphrase).map_err(|error| {
        tracing::error!(session = %stream.session, %error, "a session's passphrase does not open");
        AdmissionRefusal::Unavailable
    })?;
    Ok(Admitted { passphrase })
}
