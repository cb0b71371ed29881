//! Where a push goes, the call there, and why it came to nothing.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_srt::{Caller, CallerConfig, CallerEnd, ConfigError, Seed};
use secrecy::SecretString;
use tokio::net::UdpSocket;

/// Where one layer is pushed to.
#[derive(Debug, Clone)]
pub struct PushTarget {
    /// Name or address of the server.
    pub host: String,
    /// Its SRT port.
    pub port: u16,
    /// What it is asked for.
    pub stream_id: String,
    /// AES-256 passphrase.
    pub passphrase: SecretString,
    /// Latency to negotiate.
    pub latency: Duration,
}

/// Why a push failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushFailure {
    /// The SRT connection ended or was refused.
    #[error(transparent)]
    End(#[from] CallerEnd),
    /// No connection could be tried with these words.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// This machine's network or its names.
    #[error("{0}")]
    Machine(String),
}

/// A call that was begun.
pub(super) struct Call {
    pub(super) caller: Caller,
    pub(super) socket: UdpSocket,
    pub(super) peer: SocketAddr,
}

impl PushTarget {
    pub(super) async fn call(&self) -> Result<Call, PushFailure> {
        let (socket, peer) = open(self).await.map_err(PushFailure::Machine)?;
        let config = CallerConfig {
            stream_id: self.stream_id.clone(),
            passphrase: self.passphrase.clone(),
            latency: self.latency,
        };
        let mut random = [0; 32];
        aws_lc_rs::rand::fill(&mut random).expect("the system has randomness");
        let caller = Caller::new(config, &Seed::from(random), peer, Instant::now())?;
        Ok(Call { caller, socket, peer })
    }
}

async fn open(target: &PushTarget) -> Result<(UdpSocket, SocketAddr), String> {
    let PushTarget { host, port, .. } = target;
    let peer = tokio::net::lookup_host((host.as_str(), *port))
        .await
        .map_err(|error| {
            format!("the name {host} is not known ({error}); check the network and the address")
        })?
        .next()
        .ok_or_else(|| format!("the name {host} has no address; check it"))?;
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let open = async {
        let socket = UdpSocket::bind(any).await?;
        // So that the system names the failing peer's answers to this socket alone.
        socket.connect(peer).await?;
        Ok::<_, std::io::Error>(socket)
    };
    let socket = open
        .await
        .map_err(|error| format!("{peer} cannot be reached from here ({error}); check the network"))?;
    Ok((socket, peer))
}
