//! The servers under test, behind one face: started, fed with the same stream, joined, measured.

pub(crate) mod janus;
pub(crate) mod ours;
pub(crate) mod webrtcbin;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;

use crate::ledger::Ledger;
use crate::process::Process;
use crate::push::Publisher;
use crate::stream::Stream;
use crate::viewer::Watching;

/// Where everything listens.
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A server that ends when it is dropped.
pub(crate) trait Server {
    /// Its process.
    fn process(&mut self) -> &mut Process;
    /// Begins to push the stream to it.
    async fn publish(&mut self, stream: &Arc<Stream>, ledger: &Arc<Ledger>) -> anyhow::Result<Publisher>;
    /// A viewer.
    async fn join(&mut self, ledger: &Arc<Ledger>) -> anyhow::Result<Watching>;
}

/// The machine's address towards others, loopback where it has none: libnice, on which Janus stands, passes
/// loopback over.
fn own_address() -> anyhow::Result<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    // Nothing is sent: the kernel only says by which way it would be.
    let routed = socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9));
    Ok(if routed.is_ok() { socket.local_addr()?.ip() } else { LOOPBACK })
}

/// A UDP port that was free a moment ago.
fn free_udp_port() -> anyhow::Result<u16> {
    Ok(UdpSocket::bind((LOOPBACK, 0))?.local_addr()?.port())
}

/// A TCP port that was free a moment ago.
fn free_tcp_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind((LOOPBACK, 0))?.local_addr()?.port())
}

/// On loopback.
fn at(port: u16) -> SocketAddr {
    SocketAddr::new(LOOPBACK, port)
}

/// An ECDSA certificate and its key, in PEM: our viewers' DTLS has no RSA.
fn certificate(folder: &Path) -> anyhow::Result<String> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    std::fs::write(folder.join("cert.pem"), &certificate)?;
    std::fs::write(folder.join("key.pem"), &key)?;
    Ok(certificate + &key)
}
