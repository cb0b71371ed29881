//! Datagrams on their way out, those of one viewer's picture in one system call.
//!
//! The kernel takes several datagrams for one destination as one buffer and cuts it at the network card, or where they
//! arrive (UDP generic segmentation offload): the way through its network code, nearly all that a datagram costs
//! there, is then gone once. Bounded: a socket that stays full for [`PATIENCE`] loses the rest of the batch, which
//! the viewers ask for again; a destination that cannot be reached loses its own.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::socket::{Path, Socket, Transport};
use crate::metrics::DROPPED_DATAGRAMS;

/// How long a full socket is waited for: less than the time to the next frame.
const PATIENCE: Duration = Duration::from_millis(5);
/// What one call carries: an IP packet's most, without the headers.
const MOST_BYTES: usize = 65_000;

/// What is kept of the memory once everything was sent: a keyframe to each of 250 viewers is more.
const KEPT: usize = 1 << 20;

/// What is to be sent.
#[derive(Default)]
pub(super) struct Batch {
    /// The datagrams, one behind the other.
    bytes: Vec<u8>,
    /// Where each goes, and how long it is.
    datagrams: Vec<(Path, usize)>,
    streamed: Vec<(SocketAddr, Vec<u8>)>,
}

impl Batch {
    pub(super) fn push(&mut self, path: Path, contents: &[u8]) {
        match path.transport {
            Transport::Udp => {
                self.bytes.extend_from_slice(contents);
                self.datagrams.push((path, contents.len()));
            }
            Transport::Tcp => self.streamed.push((path.remote, contents.to_vec())),
        }
    }

    /// Those that go over TCP, in order.
    pub(super) fn take_streamed(&mut self) -> impl Iterator<Item = (SocketAddr, Vec<u8>)> {
        self.streamed.drain(..)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }

    /// Sends everything, in order.
    pub(super) async fn flush(&mut self, socket: &Socket) {
        let (mut rest, mut bytes) = (self.datagrams.as_slice(), self.bytes.as_slice());
        while let Some(&(path, first)) = rest.first() {
            let most = socket.segments();
            let (run, behind) = rest.split_at(run(rest, most));
            let (contents, bytes_behind) = bytes.split_at(run.iter().map(|(_, length)| length).sum());
            match socket.send(path, contents, (run.len() > 1).then_some(first)) {
                Ok(()) => (rest, bytes) = (behind, bytes_behind),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if tokio::time::timeout(PATIENCE, socket.writable()).await.is_err() {
                        DROPPED_DATAGRAMS.add(rest.len());
                        break;
                    }
                }
                // A card that cannot cut: the socket knows it now, and takes the same datagrams one by one.
                Err(_) if socket.segments() < most => {}
                Err(error) => {
                    tracing::debug!(%error, count = run.len(), "datagrams were not sent");
                    DROPPED_DATAGRAMS.add(run.len());
                    (rest, bytes) = (behind, bytes_behind);
                }
            }
        }
        self.datagrams.clear();
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
    }
}

/// How many of the first datagrams the kernel can tell apart again: to one viewer, all of one length but a shorter
/// last.
fn run(datagrams: &[(Path, usize)], most: usize) -> usize {
    let Some(((path, first), others)) = datagrams.split_first() else { return 0 };
    let (mut count, mut bytes) = (1, *first);
    for (to, length) in others.iter().take(most.saturating_sub(1)) {
        bytes += length;
        if to != path || length > first || bytes > MOST_BYTES {
            break;
        }
        count += 1;
        if length < first {
            break;
        }
    }
    count
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
            batch.push(path, &[n; 100]);
            // One that cannot be sent loses itself alone.
            let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
            batch.push(Path { remote: nowhere, ..path }, &[n; 10]);
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

    #[test]
    fn a_run_is_of_one_viewer_and_one_length_but_a_shorter_last() {
        let to = |port| Path {
            remote: SocketAddr::from(([127, 0, 0, 1], port)),
            local: None,
            transport: Transport::Udp,
        };
        let lengths = |of: &[(u16, usize)], most| {
            let all: Vec<_> = of.iter().map(|(port, len)| (to(*port), *len)).collect();
            run(&all, most)
        };
        assert_eq!(lengths(&[], 64), 0);
        assert_eq!(lengths(&[(1, 900)], 64), 1);
        assert_eq!(lengths(&[(1, 900), (1, 880)], 64), 2);
        assert_eq!(lengths(&[(1, 900), (1, 880), (1, 880)], 64), 2, "nothing follows the shorter one");
        assert_eq!(lengths(&[(1, 880), (1, 900)], 64), 1, "the first one is the longest");
        assert_eq!(lengths(&[(1, 900), (2, 900)], 64), 1, "somebody else");
        assert_eq!(lengths(&[(1, 900); 100], 64), 64, "as many as the kernel takes");
        assert_eq!(lengths(&[(1, 900); 100], 1), 1, "a kernel that takes one");
        assert_eq!(lengths(&[(1, 30_000); 3], 64), 2, "as long as a packet can be");
    }

    #[tokio::test]
    async fn pictures_of_several_datagrams_arrive_as_they_were() {
        let socket = Socket::new(socket::open("127.0.0.1:0".parse().unwrap()).unwrap()).unwrap();
        let peers =
            [UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap()];
        let mut batch = Batch::default();
        let lengths = [1_000, 990, 980, 980, 980, 40, 1_000];
        for (peer, byte) in peers.iter().zip(1..) {
            let path = Path { remote: peer.local_addr().unwrap(), local: None, transport: Transport::Udp };
            lengths.iter().for_each(|len| batch.push(path, &vec![byte; *len]));
        }
        batch.flush(&socket).await;
        assert!(batch.is_empty());
        let mut buffer = [0; 2_000];
        for (peer, byte) in peers.iter().zip(1..) {
            for expected in lengths {
                let receive = peer.recv_from(&mut buffer);
                let (len, _) = tokio::time::timeout(Duration::from_secs(5), receive).await.unwrap().unwrap();
                assert_eq!(buffer[..len], vec![byte; expected]);
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
