//! What each end is told at its start, checked once.

use std::time::Duration;

use sapflow_srt::crypto::{CryptoConfig, KeySize};
use secrecy::{ExposeSecret, SecretString};

/// How a [`crate::Listener`] behaves.
#[derive(Debug, Clone)]
pub struct ListenerConfig {
    /// How long a packet may be waited for; a caller that asks for more gets more.
    pub latency: Duration,
    /// Open connections and callers that wait for an answer, together.
    pub max_connections: usize,
}

impl Default for ListenerConfig {
    fn default() -> Self {
        Self { latency: Duration::from_millis(20), max_connections: 1024 }
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
    /// The machine's source of randomness failed.
    #[error("the operating system gave no random bytes for the key")]
    Random,
}

/// The secret of one connection, AES-256.
pub(crate) fn crypto(passphrase: &SecretString) -> Result<CryptoConfig, ConfigError> {
    let bytes = passphrase.expose_secret().as_bytes();
    CryptoConfig::new(bytes.to_vec(), KeySize::Aes256)
        .map_err(|_| ConfigError::Passphrase { got: bytes.len() })
}
