//! Who requested which stream that arrives here: other servers, whose viewers watch it there.
//!
//! It refuses to hold anything back for them: what a connection does not take is gone, and its viewers go on at the next
//! keyframe.

use std::collections::HashMap;
use std::time::Instant;

use returnfeed_protocol::{SessionId, StreamRequest};
use returnfeed_srt::ConnectionId;
use tracing::{debug, info, warn};

use super::{Ingest, refusal};
use crate::media::Admitted;

/// The requests of all sessions.
#[derive(Default)]
pub(crate) struct Requests {
    asked: HashMap<ConnectionId, StreamRequest>,
    served: HashMap<StreamRequest, Vec<ConnectionId>>,
}

impl Requests {
    /// Somebody asked, and has still to prove the passphrase.
    pub(crate) fn ask(&mut self, connection: ConnectionId, request: StreamRequest) {
        self.asked.insert(connection, request);
    }

    /// They have; what was requested, if this connection is of one who requests.
    pub(crate) fn enter(&mut self, connection: ConnectionId) -> Option<StreamRequest> {
        let request = self.asked.remove(&connection)?;
        self.served.entry(request).or_default().push(connection);
        Some(request)
    }

    /// A connection is gone; what was requested, if it was one of these.
    pub(crate) fn leave(&mut self, connection: ConnectionId) -> Option<StreamRequest> {
        if let Some(request) = self.asked.remove(&connection) {
            return Some(request);
        }
        let (request, all) = self.served.iter_mut().find(|(_, all)| all.contains(&connection))?;
        let request = *request;
        all.retain(|held| *held != connection);
        if all.is_empty() {
            self.served.remove(&request);
        }
        Some(request)
    }

    /// To whom a stream goes.
    pub(crate) fn of(&self, request: StreamRequest) -> &[ConnectionId] {
        self.served.get(&request).map(Vec::as_slice).unwrap_or_default()
    }

    /// Ends all of a session.
    pub(crate) fn end(&mut self, session: SessionId) -> Vec<ConnectionId> {
        let ended = self.served.extract_if(|request, _| request.session == session);
        ended.flat_map(|(_, connections)| connections).collect()
    }
}

impl Ingest {
    /// Another server wants what arrives here; it is sent from when it arrives.
    pub(super) fn requested(&mut self, connection: ConnectionId, request: StreamRequest) {
        let StreamRequest { session, layer } = request;
        match self.parts.admission.serve(request) {
            Ok(Admitted { passphrase }) => {
                self.requests.ask(connection, request);
                if let Err(error) = self.listener.serve(connection, &passphrase, Instant::now()) {
                    self.requests.leave(connection);
                    warn!(%session, %error, "another server cannot be served");
                }
            }
            Err(reason) => {
                info!(%session, %layer, %reason, "a request was refused");
                self.listener.refuse(connection, refusal::code(reason), Instant::now());
            }
        }
    }

    /// As it came, to every server that requested it.
    pub(super) fn hand_on(&mut self, request: StreamRequest, data: &[u8]) {
        for connection in self.requests.of(request) {
            // One that does not keep up misses it, and its viewers wait for the next keyframe.
            if let Err(refused) = self.listener.send(*connection, data, Instant::now()) {
                debug!(session = %request.session, %refused, "another server misses a message");
            }
        }
    }
}
