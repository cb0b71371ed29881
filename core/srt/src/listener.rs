//! The receiving end: every publisher of a server on one UDP port.
//!
//! A caller that passed the handshake's cookie is announced as `Asked` and answered by [`Listener::accept`] or
//! [`Listener::refuse`] whenever the application knows, up to five seconds later: nothing here waits for it.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sapflow_srt as inner;
use secrecy::SecretString;

use crate::allowance::Allowance;
use crate::{ConfigError, ListenerConfig, Reason, Refusal, Transmit, config};

/// Handshake datagrams answered a second, all addresses together. An answer is no longer than its question.
const HANDSHAKES_PER_SECOND: u32 = 1000;
/// Packets held behind a gap: 400 ms of a 20 Mbit/s stream, and a bound for who sends nonsense.
const BUFFER_PACKETS: usize = 2048;

/// One connection; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(u32);

/// What the application learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenerEvent {
    /// Somebody wants to push. Answer with [`Listener::accept`] or [`Listener::refuse`].
    Asked {
        /// To answer with.
        connection: ConnectionId,
        /// Who.
        peer: SocketAddr,
        /// What they ask for: their words, not to be trusted.
        stream_id: String,
    },
    /// An accepted caller knew the passphrase; messages follow.
    Connected {
        /// Which.
        connection: ConnectionId,
        /// The latency both ends agreed on.
        latency: Duration,
    },
    /// One message, whole and in order.
    Message {
        /// From whom.
        connection: ConnectionId,
        /// What.
        data: Bytes,
    },
    /// It ended, other than by [`Listener::close`] or [`Listener::refuse`].
    Closed {
        /// Which.
        connection: ConnectionId,
        /// Why.
        reason: CloseReason,
    },
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// The caller said goodbye.
    #[error("the encoder ended its push")]
    PeerClosed,
    /// Nothing came for five seconds.
    #[error("nothing came from the encoder for five seconds")]
    PeerGone,
    /// Accepted, but its key material does not open with the passphrase, or is not AES-256.
    #[error("the encoder's passphrase is wrong or its key length is not 32 (AES-256)")]
    WrongKey,
    /// Neither accepted nor refused in time.
    #[error("the server did not decide in time whether to accept the push")]
    NotAnswered,
}

/// Counters of a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionStats {
    /// Packets received, each copy.
    pub received_packets: u64,
    /// Payload bytes in them.
    pub received_bytes: u64,
    /// Packets found missing.
    pub lost_packets: u64,
    /// Missing packets that never came in time.
    pub dropped_packets: u64,
    /// Packets that could not be decrypted.
    pub undecryptable_packets: u64,
}

/// A caller that waits for an answer.
struct Asked {
    peer: SocketAddr,
    stream_id: String,
    at: Instant,
}

/// Every publisher on one port.
pub struct Listener {
    inner: inner::Listener,
    asked: HashMap<ConnectionId, Asked>,
    events: VecDeque<ListenerEvent>,
    /// Questions of one address.
    questions: Allowance<IpAddr>,
    /// Refusals of one address for one stream id.
    refusals: Allowance<(IpAddr, String)>,
    ignored: u64,
}

impl Listener {
    /// A listener without connections. The handshake's cookies are keyed by the process's own randomness.
    pub fn new(config: ListenerConfig, now: Instant) -> Self {
        // Never accepts anybody (see `accept`): it only makes the first answer name AES-256, so that callers
        // that leave the key length open take it.
        let advertised =
            inner::crypto::CryptoConfig::new(b"advertises AES-256".to_vec(), inner::crypto::KeySize::Aes256);
        let inner = inner::Listener::new(
            inner::Config {
                latency: config.latency,
                max_connections: config.max_connections,
                handshakes_per_second: HANDSHAKES_PER_SECOND,
                buffer_packets: BUFFER_PACKETS,
                crypto: advertised.ok(),
                require_encryption: true,
                ..inner::Config::default()
            },
            now,
        );
        Self {
            inner,
            asked: HashMap::new(),
            events: VecDeque::new(),
            questions: Allowance::new(60, Duration::from_millis(100)),
            refusals: Allowance::new(5, Duration::from_secs(2)),
            ignored: 0,
        }
    }

    /// A datagram arrived from `from`. Nonsense costs its sender alone.
    pub fn handle_datagram(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        self.inner.handle_datagram(now, from, data);
        self.drain(now);
    }

    /// The time asked for by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.inner.handle_timeout(now);
        self.drain(now);
    }

    /// Takes a caller that [`ListenerEvent::Asked`], if it proves to know `passphrase`: `Connected` follows, or
    /// `Closed`. Derives a key (under a millisecond of one core).
    ///
    /// # Errors
    /// When `passphrase` is none; the caller is refused as [`Refusal::Unavailable`] then.
    pub fn accept(
        &mut self,
        connection: ConnectionId,
        passphrase: &SecretString,
        now: Instant,
    ) -> Result<(), ConfigError> {
        let id = inner::ConnId(connection.0);
        let crypto = match config::crypto(passphrase) {
            Ok(crypto) => crypto,
            Err(error) => {
                self.refuse(connection, Refusal::Unavailable, now);
                return Err(error);
            }
        };
        let Some(Asked { peer, stream_id, at }) = self.asked.remove(&connection) else { return Ok(()) };
        // As of the moment they asked: the sender's clock is set against this one, and a decision that took
        // 50 ms would be added to the delay of every packet.
        if self.inner.accept_with_crypto(id, at, Some(crypto)) {
            let latency = self.inner.latency(id).unwrap_or_default();
            self.events.push_back(ListenerEvent::Connected { connection, latency });
        } else {
            self.refusals.take((peer.ip(), stream_id), now);
            self.events.push_back(ListenerEvent::Closed { connection, reason: CloseReason::WrongKey });
        }
        self.drain(now);
        Ok(())
    }

    /// Turns away a caller that [`ListenerEvent::Asked`], with the reason on the wire.
    pub fn refuse(&mut self, connection: ConnectionId, refusal: Refusal, now: Instant) {
        if let Some(Asked { peer, stream_id, .. }) = self.asked.remove(&connection) {
            self.refusals.take((peer.ip(), stream_id), now);
        }
        self.inner.reject(inner::ConnId(connection.0), inner::RejectCode(refusal.code()));
    }

    /// Ends a connection; the caller is told, no event follows.
    pub fn close(&mut self, connection: ConnectionId, now: Instant) {
        self.asked.remove(&connection);
        self.inner.close(inner::ConnId(connection.0), now);
    }

    /// When to call [`Self::handle_timeout`], and why; `None` without connections.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        self.inner.poll_timeout().map(|at| (at, Reason::Connection))
    }

    /// The next datagram to put on the wire.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.inner.poll_transmit().map(|(to, data)| Transmit { to, data: data.into() })
    }

    /// What happened.
    pub fn poll_event(&mut self) -> Option<ListenerEvent> {
        self.events.pop_front()
    }

    /// Counters of an open connection.
    pub fn stats(&self, connection: ConnectionId) -> Option<ConnectionStats> {
        let stats = self.inner.connection_stats(inner::ConnId(connection.0))?;
        Some(ConnectionStats {
            received_packets: stats.received,
            received_bytes: stats.received_bytes,
            lost_packets: stats.lost,
            dropped_packets: stats.dropped,
            undecryptable_packets: stats.encrypted,
        })
    }

    /// Callers left without an answer because they had asked or been refused too often.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    fn drain(&mut self, now: Instant) {
        while let Some(event) = self.inner.poll_event() {
            match event {
                inner::Event::Connect { id, peer, stream_id } => self.asked(id, peer, &stream_id, now),
                inner::Event::Data { id, payload } => self.events.push_back(ListenerEvent::Message {
                    connection: ConnectionId(id.0),
                    data: payload.into(),
                }),
                inner::Event::Closed { id, reason, .. } => {
                    let connection = ConnectionId(id.0);
                    self.asked.remove(&connection);
                    let reason = match reason {
                        Some(inner::CloseReason::Shutdown) => CloseReason::PeerClosed,
                        Some(inner::CloseReason::Timeout) => CloseReason::PeerGone,
                        None => CloseReason::NotAnswered,
                    };
                    self.events.push_back(ListenerEvent::Closed { connection, reason });
                }
            }
        }
    }

    fn asked(&mut self, id: inner::ConnId, peer: SocketAddr, stream_id: &[u8], now: Instant) {
        let stream_id = String::from_utf8_lossy(stream_id).into_owned();
        let key = (peer.ip(), stream_id);
        if !self.refusals.has(&key, now) || !self.questions.take(peer.ip(), now) {
            self.ignored += 1;
            self.inner.close(id, now);
            return;
        }
        let connection = ConnectionId(id.0);
        let (_, stream_id) = key;
        self.asked.insert(connection, Asked { peer, stream_id: stream_id.clone(), at: now });
        self.events.push_back(ListenerEvent::Asked { connection, peer, stream_id });
    }
}
