//! Where viewers find the shards: a port each, the same for UDP and TCP, and the addresses that they are told.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::num::NonZeroUsize;

use super::{socket, tcp};

/// A shard's sockets, for UDP and for TCP on the same port.
pub(super) struct Opened {
    pub(super) address: SocketAddr,
    pub(super) socket: UdpSocket,
    pub(super) listener: TcpListener,
}

/// The sockets of each shard: on `first` and the ports that follow, or on any where the port is 0.
pub(super) fn open_all(
    first: SocketAddr,
    shards: NonZeroUsize,
) -> Result<Vec<Opened>, (SocketAddr, io::Error)> {
    let ports = (0..shards.get()).map(|index| match first.port() {
        0 => Some(0),
        port => u16::try_from(index).ok().and_then(|index| port.checked_add(index)),
    });
    let open = |port: Option<u16>| {
        let mut address = first;
        let port = port.ok_or_else(|| (first, io::Error::other("there are not as many ports as shards")))?;
        address.set_port(port);
        open(address).map_err(|cause| (address, cause))
    };
    ports.map(open).collect()
}

/// Where the system chooses the port, it must be free for both.
fn open(address: SocketAddr) -> io::Result<Opened> {
    const TRIES: usize = 20;
    let both = || {
        let socket = socket::open(address)?;
        let address = socket.local_addr()?;
        Ok(Opened { address, socket, listener: tcp::open(address)? })
    };
    let mut opened = both();
    for _ in 0..TRIES {
        let taken = |error: &io::Error| error.kind() == io::ErrorKind::AddrInUse;
        if address.port() != 0 || !opened.as_ref().is_err_and(taken) {
            break;
        }
        opened = both();
    }
    opened
}

/// The addresses that viewers are told: those configured, or every local one that can be reached from outside,
/// or loopback where there is no other.
pub(super) fn addresses(public: &[IpAddr], bound: IpAddr) -> Vec<IpAddr> {
    if !public.is_empty() {
        return public.to_vec();
    }
    if !bound.is_unspecified() {
        return vec![bound];
    }
    let reachable = |ip: &IpAddr| match ip {
        IpAddr::V4(v4) => !v4.is_link_local(),
        IpAddr::V6(v6) => bound.is_ipv6() && !v6.is_unicast_link_local(),
    };
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut local: Vec<IpAddr> = interfaces.iter().map(if_addrs::Interface::ip).filter(reachable).collect();
    if local.iter().any(|ip| !ip.is_loopback()) {
        local.retain(|ip| !ip.is_loopback());
    }
    local.dedup();
    local
}
