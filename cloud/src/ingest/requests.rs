//! Who requested which stream that arrives here: other servers, whose viewers watch it there.
//!
//! Pure: it knows the connections, the loop sends. It refuses to hold anything back for them: what a connection does not
//! take is gone, and its viewers go on at the next keyframe.

use std::collections::HashMap;

use returnfeed_protocol::{SessionId, StreamRequest};
use returnfeed_srt::ConnectionId;

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
