//! libsrt's sockets and its epoll, each closed with its owner.

#![expect(unsafe_code, reason = "libsrt is a C library; each block says why it is sound")]

use std::ffi::{c_int, c_void};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use socket2::SockAddr;

use super::abi::{
    CONNECT_TIMEOUT, Event, FAILED, KEY_LENGTH, LATENCY, Library, PASSPHRASE as PASSPHRASE_OPTION, READABLE,
    RECEIVE_BLOCKS, Stats, UDP_RECEIVE_BUFFER,
};
use crate::ends::PASSPHRASE;

/// As our listener's.
const RECEIVE_BUFFER: c_int = 4 << 20;
/// A lossy path may take the handshake several times.
const CONNECT_WITHIN_MS: c_int = 10_000;

pub(super) struct Socket<'a> {
    library: &'a Library,
    id: c_int,
}

impl<'a> Socket<'a> {
    fn new(library: &'a Library, latency_ms: u32) -> Result<Self> {
        // SAFETY: takes nothing, after startup.
        let socket = Self { library, id: unsafe { (library.create_socket)() } };
        socket.checked(socket.id)?;
        socket.set(LATENCY, &c_int::try_from(latency_ms)?.to_ne_bytes())?;
        socket.set(PASSPHRASE_OPTION, PASSPHRASE.as_bytes())?;
        socket.set(KEY_LENGTH, &32_i32.to_ne_bytes())?;
        Ok(socket)
    }

    pub(super) fn listen(library: &'a Library, latency_ms: u32) -> Result<Self> {
        let socket = Self::new(library, latency_ms)?;
        socket.set(UDP_RECEIVE_BUFFER, &RECEIVE_BUFFER.to_ne_bytes())?;
        socket.set(RECEIVE_BLOCKS, &0_i32.to_ne_bytes())?;
        let address = SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)));
        // SAFETY: the address is valid for its length during the call.
        socket.checked(unsafe { (library.bind)(socket.id, address.as_ptr().cast(), length(&address)?) })?;
        // SAFETY: plain numbers.
        socket.checked(unsafe { (library.listen)(socket.id, 128) })?;
        Ok(socket)
    }

    /// Waits until the listener accepts.
    pub(super) fn call(library: &'a Library, peer: SocketAddr, latency_ms: u32) -> Result<Self> {
        let socket = Self::new(library, latency_ms)?;
        socket.set(CONNECT_TIMEOUT, &CONNECT_WITHIN_MS.to_ne_bytes())?;
        let address = SockAddr::from(peer);
        // SAFETY: the address is valid for its length during the call.
        socket
            .checked(unsafe { (library.connect)(socket.id, address.as_ptr().cast(), length(&address)?) })?;
        Ok(socket)
    }

    pub(super) fn accept(&self) -> Result<Self> {
        // SAFETY: libsrt takes null for an address that nobody wants to know.
        let id = unsafe { (self.library.accept)(self.id, std::ptr::null_mut(), std::ptr::null_mut()) };
        self.checked(id)?;
        Ok(Self { library: self.library, id })
    }

    pub(super) fn port(&self) -> Result<u16> {
        // SAFETY: the storage has room for any address, and the length that comes back is the one in it.
        let ((), address) = unsafe {
            SockAddr::try_init(|storage, length| {
                let mut room = c_int::try_from(*length).unwrap_or(c_int::MAX);
                let code = (self.library.name)(self.id, storage.cast(), &raw mut room);
                *length = u32::try_from(room).unwrap_or(0);
                if code == FAILED { Err(std::io::Error::other(self.library.error())) } else { Ok(()) }
            })
        }?;
        Ok(address.as_socket().context("an address of the internet")?.port())
    }

    pub(super) fn is(&self, id: c_int) -> bool {
        self.id == id
    }

    pub(super) fn send(&self, message: &[u8]) -> Result<()> {
        // SAFETY: libsrt copies the message during the call.
        self.checked(unsafe { (self.library.send)(self.id, message.as_ptr().cast(), length_of(message)?) })
    }

    /// The length of the next message; none when there is none now.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> Option<usize> {
        let room = length_of(buffer).ok()?;
        // SAFETY: libsrt writes at most `room` bytes into the buffer, during the call.
        let length = unsafe { (self.library.receive)(self.id, buffer.as_mut_ptr().cast(), room) };
        usize::try_from(length).ok().filter(|length| *length > 0)
    }

    /// Packets that were sent again.
    pub(super) fn repeated(&self) -> Result<u64> {
        let mut stats =
            Stats { ms: 0, sent: 0, received: 0, send_lost: 0, receive_lost: 0, repeated: 0, rest: [0; 256] };
        // SAFETY: the struct begins as srt.h's does and is larger than any version's.
        self.checked(unsafe { (self.library.stats)(self.id, &raw mut stats, 0, 1) })?;
        Ok(u64::try_from(stats.repeated)?)
    }

    fn set(&self, option: c_int, value: &[u8]) -> Result<()> {
        let length = length_of(value)?;
        // SAFETY: the value is valid for its length, and libsrt copies it.
        self.checked(unsafe {
            (self.library.set_flag)(self.id, option, value.as_ptr().cast::<c_void>(), length)
        })
    }

    fn checked(&self, code: c_int) -> Result<()> {
        if code == FAILED {
            bail!("libsrt: {}", self.library.error());
        }
        Ok(())
    }
}

impl Drop for Socket<'_> {
    fn drop(&mut self) {
        // SAFETY: closed once; libsrt knows an id that it never gave out.
        unsafe { (self.library.close)(self.id) };
    }
}

pub(super) struct Epoll<'a> {
    library: &'a Library,
    id: c_int,
}

impl<'a> Epoll<'a> {
    pub(super) fn new(library: &'a Library) -> Result<Self> {
        // SAFETY: takes nothing, after startup.
        let id = unsafe { (library.epoll_create)() };
        if id == FAILED {
            bail!("libsrt: {}", library.error());
        }
        Ok(Self { library, id })
    }

    pub(super) fn watch(&self, socket: &Socket<'_>) -> Result<()> {
        let events = READABLE;
        // SAFETY: libsrt reads the events during the call.
        socket.checked(unsafe { (self.library.epoll_add)(self.id, socket.id, &raw const events) })
    }

    /// Who can be read or accepted from; waits at most so long.
    pub(super) fn wait(&self, at_most: Duration) -> Vec<c_int> {
        let mut events = [Event::default(); 128];
        let room = c_int::try_from(events.len()).unwrap_or(0);
        let ms = i64::try_from(at_most.as_millis()).unwrap_or(i64::MAX);
        // SAFETY: libsrt writes at most `room` events, during the call.
        let count = unsafe { (self.library.epoll_wait)(self.id, events.as_mut_ptr(), room, ms) };
        let ready = events.iter().take(usize::try_from(count).unwrap_or(0).min(events.len()));
        ready.filter(|event| event.events != 0).map(|event| event.socket).collect()
    }
}

fn length(address: &SockAddr) -> Result<c_int> {
    Ok(c_int::try_from(address.len())?)
}

fn length_of(bytes: &[u8]) -> Result<c_int> {
    Ok(c_int::try_from(bytes.len())?)
}
