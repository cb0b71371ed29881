//! A viewer's UDP socket: each datagram with the moment at which the kernel had it, so that a busy reader does not
//! make the sender look slow.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::{Duration, SystemTime};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Two seconds of the stream: whoever reads is late at times, and a full buffer would look like the server's loss.
const KERNEL_BUFFER: usize = 512 * 1024;

/// The socket.
pub(crate) struct Socket {
    io: UdpSocket,
    local: SocketAddr,
}

/// A datagram in the caller's buffer.
pub(crate) struct Received {
    pub(crate) len: usize,
    pub(crate) from: SocketAddr,
    pub(crate) at: SystemTime,
}

impl Socket {
    pub(crate) fn open(ip: IpAddr) -> io::Result<Self> {
        let raw =
            socket2::Socket::new(socket2::Domain::for_address((ip, 0).into()), socket2::Type::DGRAM, None)?;
        raw.set_nonblocking(true)?;
        raw.set_recv_buffer_size(KERNEL_BUFFER)?;
        setsockopt(&raw, sockopt::ReceiveTimestampns, &true)?;
        raw.bind(&SocketAddr::new(ip, 0).into())?;
        let io = UdpSocket::from_std(raw.into())?;
        let local = io.local_addr()?;
        Ok(Self { io, local })
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(crate) async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// What is there now, if anything is.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> Option<Received> {
        let received = self.io.try_io(Interest::READABLE, || {
            let mut space = nix::cmsg_space!(nix::sys::time::TimeSpec);
            let mut slices = [IoSliceMut::new(buffer)];
            let fd = self.io.as_raw_fd();
            let message =
                recvmsg::<SockaddrStorage>(fd, &mut slices, Some(&mut space), MsgFlags::MSG_DONTWAIT)?;
            let stamp = message.cmsgs()?.find_map(|control| match control {
                ControlMessageOwned::ScmTimestampns(stamp) => Some(Duration::from(stamp)),
                _ => None,
            });
            let at = stamp.map_or_else(SystemTime::now, |since| SystemTime::UNIX_EPOCH + since);
            Ok((message.bytes, message.address, at))
        });
        let (len, address, at) = received.ok()?;
        let from = address.and_then(|address| Some(SocketAddr::V4((*address.as_sockaddr_in()?).into())))?;
        Some(Received { len, from, at })
    }

    pub(crate) fn send(&self, to: SocketAddr, data: &[u8]) {
        // A full buffer loses a datagram, as a network would; the library repeats what matters.
        let _ = self.io.try_send_to(data, to);
    }
}
