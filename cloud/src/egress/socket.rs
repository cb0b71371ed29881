//! A shard's UDP socket: which of our addresses each datagram came to, and many datagrams in one call.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket as StdSocket};

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket as RawSocket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Buffers in the kernel: a keyframe to each of 250 viewers goes out in one burst.
const KERNEL_BUFFER: usize = 4 * 1024 * 1024;
/// One receive buffer: the kernel may hand over several datagrams of one sender glued together (GRO).
const BUFFER: usize = 65_535;

/// Opens the socket; the caller's thread takes it into its runtime by [`Socket::new`].
pub(super) fn open(address: SocketAddr) -> io::Result<StdSocket> {
    let socket = RawSocket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    // The kernel gives what it may; less costs only under bursts.
    let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
    let _ = socket.set_recv_buffer_size(KERNEL_BUFFER);
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// What carries datagrams (RFC 6544 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Transport {
    Udp,
    /// Framed as in RFC 4571.
    Tcp,
}

/// Where a datagram came from, and to which of our addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) remote: SocketAddr,
    pub(super) local: Option<IpAddr>,
    pub(super) transport: Transport,
}

/// The socket in its shard.
pub(super) struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    buffers: Vec<Vec<u8>>,
}

impl Socket {
    pub(super) fn new(socket: StdSocket) -> io::Result<Self> {
        let io = UdpSocket::from_std(socket)?;
        let state = UdpSocketState::new(UdpSockRef::from(&io))?;
        let local = io.local_addr()?;
        Ok(Self { io, state, local, buffers: vec![vec![0; BUFFER]; BATCH_SIZE] })
    }

    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    /// The address as this socket's family writes it.
    fn destination(&self, address: SocketAddr) -> SocketAddr {
        match (self.local, address.ip()) {
            (SocketAddr::V6(_), IpAddr::V4(v4)) => {
                SocketAddr::new(v4.to_ipv6_mapped().into(), address.port())
            }
            _ => address,
        }
    }

    pub(super) async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// Hands each datagram that is there to `take`, up to one batch; false once there is none.
    pub(super) fn receive(&mut self, mut take: impl FnMut(Path, &[u8])) -> io::Result<bool> {
        let Self { io, state, buffers, .. } = self;
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let received = {
            let mut slices: Vec<_> = buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
            let received =
                io.try_io(Interest::READABLE, || state.recv(UdpSockRef::from(&*io), &mut slices, &mut metas));
            match received {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        };
        for (meta, buffer) in metas.iter().zip(buffers.iter()).take(received) {
            let remote = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
            let local = meta.dst_ip.map(|ip| ip.to_canonical());
            let path = Path { remote, local, transport: Transport::Udp };
            for datagram in buffer.get(..meta.len).unwrap_or_default().chunks(meta.stride.max(1)) {
                take(path, datagram);
            }
        }
        Ok(true)
    }

    /// How many datagrams one call takes.
    pub(super) fn segments(&self) -> usize {
        self.state.max_gso_segments().max(1)
    }

    pub(super) async fn writable(&self) -> io::Result<()> {
        self.io.writable().await
    }

    /// Sends a datagram, or several of `segment` bytes each, the last one shorter or not.
    pub(super) fn send(&self, path: Path, contents: &[u8], segment: Option<usize>) -> io::Result<()> {
        let transmit = quinn_udp::Transmit {
            destination: self.destination(path.remote),
            ecn: None,
            contents,
            segment_size: segment,
            src_ip: path.local,
        };
        self.io.try_io(Interest::WRITABLE, || self.state.try_send(UdpSockRef::from(&self.io), &transmit))
    }
}
