//! What each end is told at its start, checked once.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::packet::extension::MAX_STREAM_ID;

/// How a [`crate::Listener`] behaves.
#[derive(Debug, Clone)]
pub struct ListenerConfig {
    /// The latency that callers are told. Nothing is delayed by it; a caller's sender keeps packets for at least so
    /// long.
    pub latency: Duration,
    /// How long a gap holds back what came after it, at most; a caller that asks for a longer latency gets that.
    /// [`crate::Listener::set_hold`] changes it for one connection.
    pub hold: Duration,
    /// Open connections and callers that wait for an answer, together.
    pub max_connections: usize,
}

impl Default for ListenerConfig {
    /// 400 ms of hold: four round trips of 100 ms, after which random loss of 5 % leaves nothing lost.
    fn default() -> Self {
        Self { latency: Duration::from_millis(20), hold: Duration::from_millis(400), max_connections: 1024 }
    }
}

/// How a [`crate::Caller`] behaves.
#[derive(Debug, Clone)]
pub struct CallerConfig {
    /// What the listener is asked for, at most 512 bytes; travels in clear.
    pub stream_id: String,
    /// 10 to 79 bytes; both ends hold the same. The key is always AES-256.
    pub passphrase: SecretString,
    /// How long the receiver may wait for a packet, 1 ms to 65 s; the larger one of both ends holds.
    pub latency: Duration,
}

/// A configuration that no handshake can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// SRT carries 10 to 79 bytes.
    #[error("an SRT passphrase has 10 to 79 bytes, not {got}; copy it again from the session page")]
    Passphrase {
        /// How many bytes were given.
        got: usize,
    },
    /// SRT carries 512 bytes without a NUL.
    #[error("an SRT stream id has at most 512 bytes and no NUL; copy the whole SRT address again")]
    StreamId,
    /// SRT counts it in 16 bits of milliseconds.
    #[error("the SRT latency must lie between 1 ms and 65535 ms, not {got:?}")]
    Latency {
        /// What was given.
        got: Duration,
    },
    /// Nobody can be there.
    #[error("{got} is no address that a server answers on")]
    Peer {
        /// What was given.
        got: std::net::SocketAddr,
    },
}

/// The bytes of a passphrase of the right length.
pub(crate) fn passphrase(secret: &SecretString) -> Result<&[u8], ConfigError> {
    let bytes = secret.expose_secret().as_bytes();
    if (10..=79).contains(&bytes.len()) {
        Ok(bytes)
    } else {
        Err(ConfigError::Passphrase { got: bytes.len() })
    }
}

/// A latency in the wire's unit.
pub(crate) fn latency_ms(latency: Duration) -> Result<u16, ConfigError> {
    u16::try_from(latency.as_millis()).ok().filter(|ms| *ms > 0).ok_or(ConfigError::Latency { got: latency })
}

/// A stream id that can travel.
pub(crate) fn stream_id(text: &str) -> Result<&str, ConfigError> {
    if text.len() <= MAX_STREAM_ID && !text.contains('\0') { Ok(text) } else { Err(ConfigError::StreamId) }
}
