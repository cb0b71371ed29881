//! Who may push, as the database has it, and who may be sent what is pushed: other servers of the same secrets.
//!
//! It refuses to guess when the database does not answer. A publisher that runs is never asked again.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt as _};
use returnfeed_protocol::{StreamId, StreamRequest};

use crate::clock::Clock;
use crate::media::{Admission, AdmissionRefusal, Admitted};
use crate::nodes::{PullSecrets, Role};
use crate::sealing::Sealer;
use crate::store::{Store, StoreError};

/// The gate of the SRT port.
pub struct Gate {
    store: Store,
    sealer: Arc<Sealer>,
    clock: Clock,
    pulls: Option<PullSecrets>,
    takes_pushes: bool,
}

impl Gate {
    /// A gate over this database, for pushes alone.
    pub fn new(store: Store, sealer: Arc<Sealer>, clock: Clock) -> Self {
        Self { store, sealer, clock, pulls: None, takes_pushes: true }
    }

    /// Among other servers: those that fetch what is pushed here, or those that it is fetched from.
    #[must_use]
    pub fn among(self, role: Role, pulls: PullSecrets) -> Self {
        match role {
            Role::All | Role::Origin => Self { pulls: Some(pulls), ..self },
            Role::Edge => Self { takes_pushes: false, ..self },
        }
    }
}

impl Admission for Gate {
    fn admit(
        &self,
        stream: StreamId,
        _peer: SocketAddr,
    ) -> BoxFuture<'static, Result<Admitted, AdmissionRefusal>> {
        if !self.takes_pushes {
            return std::future::ready(Err(AdmissionRefusal::Edge)).boxed();
        }
        admit(self.store.clone(), Arc::clone(&self.sealer), self.clock.unix_ms(), stream).boxed()
    }

    fn serve(&self, request: StreamRequest) -> Result<Admitted, AdmissionRefusal> {
        let pulls = self.pulls.as_ref().ok_or(AdmissionRefusal::Edge)?;
        Ok(Admitted { passphrase: pulls.passphrase(request.session) })
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
