//! Who is let in with a push, and as whose publisher.
//!
//! It refuses to wait for the answer: the loop goes on while admission is asked. Invariant: a stream begins only for a
//! connection that proved the passphrase of its session.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_protocol::{StreamAsk, StreamId, StreamRequest};
use returnfeed_srt::{ConnectionId, ConnectionStats, Refusal};
use tokio::task::JoinError;
use tracing::{info, warn};

use super::path::Path;
use super::publishers::Superseded;
use super::source::Source;
use super::stream::Stream;
use super::{Asked, Ingest, Open, Wish, refusal};
use crate::media::push::Push;
use crate::media::{AdmissionRefusal, Admitted};

impl Ingest {
    pub(super) fn asked(&mut self, connection: ConnectionId, peer: SocketAddr, stream_id: &str) {
        let now = Instant::now();
        let id = match StreamAsk::parse(stream_id) {
            Ok(StreamAsk::Publish(id)) => id,
            Ok(StreamAsk::Probe(probe)) => return self.probe_asked(connection, probe, peer),
            Ok(StreamAsk::Request(request)) => return self.requested(connection, request),
            Err(error) => {
                info!(%peer, %error, "an SRT caller was refused");
                return self.listener.refuse(connection, Refusal::StreamIdNotUnderstood, now);
            }
        };
        if self.publishers.supersedes(&id) {
            return self.refuse(connection, &id, AdmissionRefusal::Superseded);
        }
        self.asked.insert(connection, id.clone());
        let answer = self.parts.admission.admit(id.clone(), peer);
        self.admissions.spawn(async move { (connection, Wish::Push(id), answer.await) });
    }

    pub(super) fn decided(&mut self, decided: Result<Asked, JoinError>) {
        let (connection, id, answer) = match decided {
            Ok((connection, Wish::Push(id), answer)) => (connection, id, answer),
            Ok((connection, Wish::Measure(session), answer)) => {
                return self.probe_decided(connection, session, answer);
            }
            // The caller runs into the listener's own time limit.
            Err(error) => return warn!(%error, "admission failed"),
        };
        match answer {
            Ok(Admitted { passphrase }) => {
                if let Err(error) = self.listener.accept(connection, &passphrase, Instant::now()) {
                    warn!(session = %id.session, %error, "the session's passphrase cannot be used");
                }
            }
            Err(refusal) => self.refuse(connection, &id, refusal),
        }
    }

    fn refuse(&mut self, connection: ConnectionId, id: &StreamId, refusal: AdmissionRefusal) {
        info!(session = %id.session, layer = %id.layer, reason = %refusal, "an SRT caller was refused");
        self.asked.remove(&connection);
        self.listener.refuse(connection, refusal::code(refusal), Instant::now());
        let told = refusal::code(refusal);
        let code = refusal::admission_code(refusal);
        self.refused(id, told.status(), code, refusal.to_string(), told.to_string());
    }

    pub(super) fn connected(&mut self, connection: ConnectionId, latency: Duration) {
        if let Some(StreamRequest { session, layer }) = self.requests.enter(connection) {
            info!(%session, %layer, ?latency, "another server is sent the picture");
            return;
        }
        if self.probe_connected(connection) {
            return;
        }
        let Some(id) = self.asked.remove(&connection) else { return };
        if self.begin(Source::Call(connection), id, latency).is_err() {
            // Between the question and the proof a newer one came.
            self.listener.close(connection, Instant::now());
        }
    }

    pub(super) fn begin(
        &mut self,
        source: Source,
        id: StreamId,
        latency: Duration,
    ) -> Result<(), Superseded> {
        for old in self.publishers.enter(&id, source)? {
            info!(session = %id.session, "a newer push takes over");
            self.close(old);
            self.forget(old);
        }
        // The programme has the way for itself.
        self.end_probe(id.session);
        info!(session = %id.session, layer = %id.layer, ?latency, "a push began");
        let stream = Stream::new(id.clone());
        let path = Path::new(Instant::now());
        // Told anew with each look around.
        let push =
            Push { key: id.key, arrived: stream.arrived(), stats: ConnectionStats::default(), delay: None };
        self.parts.board.set_push(id.session, id.layer, Some(push));
        let open = Open { id, stream, path, pulled: ConnectionStats::default(), shortcomings: Vec::new() };
        self.streams.insert(source, open);
        Ok(())
    }
}
