//! ICE over TCP beside UDP (RFC 6544): for networks that let no UDP through. The server is passive, a viewer connects,
//! and each datagram is a frame of RFC 4571: its length in two bytes, then itself.
//!
//! A reader that is slow loses datagrams, as on UDP, and costs nobody else: its queue holds [`QUEUE`] of them and the
//! shard never waits for it. Invariant: a connection whose first frame is not STUN, or that says nothing for
//! [`PATIENCE`], is closed.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket as RawSocket, Type};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::socket::{Path, Transport};
use super::stun;
use crate::metrics::{DROPPED_DATAGRAMS, REFUSED_CONNECTIONS, STRAY_DATAGRAMS};

/// Datagrams that wait for one reader: about a second of the high layer.
const QUEUE: usize = 192;
/// Bytes that the kernel may keep for one reader: what is older than that comes too late.
const KERNEL_BUFFER: usize = 96 * 1024;
/// Frames that wait for the shard, of all connections.
const ARRIVED: usize = 256;
/// Connections at once, and of one address.
const MOST: usize = 1024;
const MOST_OF_ONE: usize = 128;
/// Longest silence: a browser checks its consent each 5 s (RFC 7675 5.1).
const PATIENCE: Duration = Duration::from_secs(20);
/// Nothing that a viewer sends is longer.
const LONGEST: usize = 2048;

/// Opens the port.
pub(super) fn open(address: SocketAddr) -> io::Result<StdListener> {
    let socket = RawSocket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(cfg!(unix))?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(128)?;
    Ok(socket.into())
}

/// A datagram that came over TCP.
pub(super) struct Arrived {
    pub(super) path: Path,
    pub(super) data: Vec<u8>,
}

/// The TCP side of a shard.
pub(super) struct Streams {
    listener: TcpListener,
    readers: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>>,
    connections: JoinSet<SocketAddr>,
    arrived: (mpsc::Sender<Arrived>, mpsc::Receiver<Arrived>),
}

impl Streams {
    pub(super) fn new(listener: StdListener) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            readers: HashMap::new(),
            connections: JoinSet::new(),
            arrived: mpsc::channel(ARRIVED),
        })
    }

    /// The next datagram that arrives; takes and forgets connections meanwhile. Nothing is lost when it is dropped.
    pub(super) async fn next(&mut self) -> Arrived {
        loop {
            tokio::select! {
                Some(arrived) = self.arrived.1.recv() => return arrived,
                Some(ended) = self.connections.join_next() => {
                    if let Ok(remote) = ended {
                        self.readers.remove(&remote);
                    }
                }
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, remote)) => self.accept(stream, remote),
                    Err(error) => {
                        // Out of descriptors, mostly: the next attempt fails as well until one is closed.
                        tracing::warn!(%error, "an ICE connection could not be taken");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
    }

    /// Queues a datagram for whoever is connected from there.
    pub(super) fn send(&self, remote: SocketAddr, datagram: Vec<u8>) {
        let sent = self.readers.get(&remote).is_some_and(|reader| reader.try_send(datagram).is_ok());
        if !sent {
            DROPPED_DATAGRAMS.add(1);
        }
    }

    fn accept(&mut self, stream: TcpStream, remote: SocketAddr) {
        let remote = SocketAddr::new(remote.ip().to_canonical(), remote.port());
        let of_one = self.readers.keys().filter(|other| other.ip() == remote.ip()).count();
        if self.readers.len() >= MOST || of_one >= MOST_OF_ONE {
            REFUSED_CONNECTIONS.add(1);
            return;
        }
        let Ok(local) = stream.local_addr() else { return };
        let _ = stream.set_nodelay(true); // a frame must not wait for company
        let _ = socket2::SockRef::from(&stream).set_send_buffer_size(KERNEL_BUFFER);
        let (reader, queue) = mpsc::channel(QUEUE);
        self.readers.insert(remote, reader);
        let path = Path { remote, local: Some(canonical(local.ip())), transport: Transport::Tcp };
        let arrived = self.arrived.0.clone();
        self.connections.spawn(async move {
            let (input, output) = stream.into_split();
            tokio::select! {
                ended = read(input, path, arrived) => tracing::debug!(?ended, "an ICE connection ended"),
                ended = write(output, queue) => tracing::debug!(?ended, "an ICE connection broke"),
            }
            remote
        });
    }
}

fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

async fn read(mut input: OwnedReadHalf, path: Path, arrived: mpsc::Sender<Arrived>) -> io::Result<()> {
    let mut is_first = true;
    loop {
        let frame = timeout(PATIENCE, frame(&mut input)).await;
        let data = frame.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        if is_first && !stun::is_stun(&data) {
            STRAY_DATAGRAMS.add(1);
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its first frame is not STUN"));
        }
        is_first = false;
        // The shard is busy: this sender waits, and TCP tells it so.
        if arrived.send(Arrived { path, data }).await.is_err() {
            return Ok(());
        }
    }
}

/// One frame (RFC 4571 2).
async fn frame(input: &mut (impl tokio::io::AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = usize::from(input.read_u16().await?);
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is longer than any of a viewer's"));
    }
    let mut data = vec![0; length];
    input.read_exact(&mut data).await?;
    Ok(data)
}

async fn write(mut output: OwnedWriteHalf, mut queue: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    let mut framed = Vec::with_capacity(2048);
    while let Some(datagram) = queue.recv().await {
        let Ok(length) = u16::try_from(datagram.len()) else { continue };
        framed.clear();
        framed.extend_from_slice(&length.to_be_bytes());
        framed.extend_from_slice(&datagram);
        // A frame is written whole or the connection is over: a half would put the reader out of step.
        timeout(PATIENCE, output.write_all(&framed)).await??;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding_request() -> Vec<u8> {
        [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat()
    }

    fn framed(data: &[u8]) -> Vec<u8> {
        [&(data.len() as u16).to_be_bytes()[..], data].concat()
    }

    async fn connected() -> (Streams, TcpStream) {
        let listener = open(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listener.local_addr().unwrap();
        (Streams::new(listener).unwrap(), TcpStream::connect(address).await.unwrap())
    }

    #[tokio::test]
    async fn frames_arrive_whole_and_answers_go_back_framed() {
        let (mut streams, mut viewer) = connected().await;
        let bytes = [framed(&binding_request()), framed(b"second")].concat();
        for part in bytes.chunks(3) {
            viewer.write_all(part).await.unwrap();
        }
        let first = streams.next().await;
        assert_eq!((first.data, first.path.transport), (binding_request(), Transport::Tcp));
        assert_eq!(first.path.remote, viewer.local_addr().unwrap());
        assert_eq!(streams.next().await.data, b"second");
        streams.send(first.path.remote, b"answer".to_vec());
        let mut answer = [0; 8];
        viewer.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *framed(b"answer"));
    }

    #[tokio::test]
    async fn whoever_does_not_begin_with_stun_is_cut_off() {
        for nonsense in [framed(b"GET / HTTP/1.1"), vec![0xff; 4000]] {
            let (mut streams, mut viewer) = connected().await;
            viewer.write_all(&nonsense).await.unwrap();
            let mut end = Vec::new();
            tokio::select! {
                _ = viewer.read_to_end(&mut end) => {}
                _ = streams.next() => panic!("nothing arrives"),
            }
            assert!(end.is_empty());
        }
    }

    #[tokio::test]
    async fn a_viewer_that_never_reads_loses_its_own_datagrams_and_nobody_waits() {
        let (mut streams, mut slow) = connected().await;
        slow.write_all(&framed(&binding_request())).await.unwrap();
        let to_slow = streams.next().await.path.remote;
        let mut reads = TcpStream::connect(streams.listener.local_addr().unwrap()).await.unwrap();
        reads.write_all(&framed(&binding_request())).await.unwrap();
        let to_reader = streams.next().await.path.remote;
        // Far more than its queue and the kernel hold.
        for _ in 0..20_000 {
            streams.send(to_slow, vec![1; 1200]);
            tokio::task::yield_now().await;
        }
        assert_eq!(streams.readers[&to_slow].capacity(), 0, "its queue is full and stays bounded");
        streams.send(to_reader, b"now".to_vec());
        let mut answer = [0; 5];
        reads.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *framed(b"now"));
    }
}
