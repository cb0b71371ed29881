//! Datagrams on their way out, many in one system call.
//!
//! Bounded: a socket that stays full for [`PATIENCE`] loses the rest of the batch, which the viewers ask for
//! again; a destination that cannot be reached loses its own.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use str0m::net::DatagramSend;

use super::socket::{Path, Socket, Transport};
use crate::metrics::DROPPED_DATAGRAMS;

/// How long a full socket is waited for: less than the time to the next frame.
const PATIENCE: Duration = Duration::from_millis(5);

/// What is to be sent.
#[derive(Default)]
pub(super) struct Batch {
    datagrams: Vec<(Path, DatagramSend)>,
    streamed: Vec<(SocketAddr, DatagramSend)>,
}

impl Batch {
    pub(super) fn push(&mut self, path: Path, contents: DatagramSend) {
        match path.transport {
            Transport::Udp => self.datagrams.push((path, contents)),
            Transport::Tcp => self.streamed.push((path.remote, contents)),
        }
    }

    /// Those that go over TCP, in order.
    pub(super) fn take_streamed(&mut self) -> impl Iterator<Item = (SocketAddr, DatagramSend)> {
        self.streamed.drain(..)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }

    /// Sends everything, in order.
    pub(super) async fn flush(&mut self, socket: &Socket) {
        let mut rest = self.datagrams.as_slice();
        while let [first, ..] = rest {
            match send_some(socket, rest) {
                Ok(sent) => rest = rest.get(sent.max(1)..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if tokio::time::timeout(PATIENCE, socket.io().writable()).await.is_err() {
                        DROPPED_DATAGRAMS.add(rest.len());
                        break;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, len = first.1.len(), "a datagram was not sent");
                    DROPPED_DATAGRAMS.add(1);
                    rest = rest.get(1..).unwrap_or_default();
                }
            }
        }
        self.datagrams.clear();
    }
}

/// Sends as many as the kernel takes; how many that were.
#[cfg(target_os = "linux")]
fn send_some(socket: &Socket, datagrams: &[(Path, DatagramSend)]) -> io::Result<usize> {
    use std::io::IoSlice;
    use std::net::IpAddr;
    use std::os::fd::AsRawFd;

    use nix::sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg};

    /// What one call carries (`UIO_MAXIOV` is 1024).
    const MOST: usize = 256;

    // One call has one source address: viewers that came to the same address of ours.
    let local = datagrams.first().and_then(|(path, _)| path.local);
    let run = datagrams.iter().take(MOST).take_while(|(path, _)| path.local == local);
    let (mut contents, mut addresses) = (Vec::new(), Vec::new());
    for (path, datagram) in run {
        contents.push([IoSlice::new(datagram)]);
        addresses.push(Some(SockaddrStorage::from(socket.destination(path.remote))));
    }
    let (v4, v6);
    let (source, space) = match (local, socket.local().is_ipv4()) {
        (Some(IpAddr::V4(ip)), true) => {
            v4 = nix::libc::in_pktinfo {
                ipi_ifindex: 0,
                ipi_spec_dst: nix::libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) },
                ipi_addr: nix::libc::in_addr { s_addr: 0 },
            };
            (Some(ControlMessage::Ipv4PacketInfo(&v4)), Some(nix::cmsg_space!(nix::libc::in_pktinfo)))
        }
        (Some(ip), false) => {
            let ip = match ip {
                IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                IpAddr::V6(ip) => ip,
            };
            v6 = nix::libc::in6_pktinfo {
                ipi6_addr: nix::libc::in6_addr { s6_addr: ip.octets() },
                ipi6_ifindex: 0,
            };
            (Some(ControlMessage::Ipv6PacketInfo(&v6)), Some(nix::cmsg_space!(nix::libc::in6_pktinfo)))
        }
        (Some(IpAddr::V6(_)) | None, _) => (None, None),
    };
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(contents.len(), space);
    socket.io().try_io(tokio::io::Interest::WRITABLE, || {
        let fd = socket.io().as_raw_fd();
        let sent =
            sendmmsg(fd, &mut headers, &contents, &addresses, source.as_slice(), MsgFlags::MSG_DONTWAIT)?;
        Ok(sent.count())
    })
}

/// Sends one: this system has no call for many.
#[cfg(not(target_os = "linux"))]
fn send_some(socket: &Socket, datagrams: &[(Path, DatagramSend)]) -> io::Result<usize> {
    match datagrams.first() {
        Some((path, datagram)) => socket.send(*path, datagram).map(|()| 1),
        None => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::UdpSocket;

    use super::super::socket;
    use super::*;

    async fn received_by(bind: &str, local: Option<&str>, count: u8) {
        let socket = Socket::new(socket::open(bind.parse().unwrap()).unwrap()).unwrap();
        let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let path = Path {
            remote: peer.local_addr().unwrap(),
            local: local.map(|ip| ip.parse().unwrap()),
            transport: Transport::Udp,
        };
        let mut batch = Batch::default();
        for n in 0..count {
            batch.push(path, vec![n; 100].into());
            // One that cannot be sent loses itself alone.
            let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
            batch.push(Path { remote: nowhere, ..path }, vec![n; 10].into());
        }
        batch.flush(&socket).await;
        let mut buffer = [0; 200];
        for n in 0..count {
            let receive = peer.recv_from(&mut buffer);
            let (len, from) = tokio::time::timeout(Duration::from_secs(5), receive).await.unwrap().unwrap();
            assert_eq!((len, buffer[0]), (100, n));
            if let Some(ip) = path.local {
                assert_eq!(from.ip(), ip);
            }
        }
    }

    #[tokio::test]
    async fn everything_arrives_in_order_from_the_address_that_was_called() {
        received_by("0.0.0.0:0", None, 20).await;
        received_by("0.0.0.0:0", Some("127.0.0.3"), 200).await;
        received_by("[::]:0", Some("127.0.0.4"), 20).await;
    }
}
