//! A listener that takes so many connections at once and no more.
//!
//! Refuses a caller too many by closing it, so that lamps that come back for ever never take the director's last file
//! descriptor. Invariant: a peer that died is noticed by keep-alive, and its place is free again.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// As many lamps as a large show has, twice.
const MOST: usize = 200;
/// The system has no place for another connection; one may end meanwhile.
const FULL: Duration = Duration::from_millis(200);
/// A lamp whose battery died is noticed within half a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

pub(crate) struct Bounded {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Bounded {
    pub(crate) async fn bind(host: &str, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind((host, port)).await?;
        Ok(Self { listener, places: Arc::new(Semaphore::new(MOST)) })
    }

    /// The next caller for whom there is a place.
    pub(crate) async fn next(&self) -> (Placed, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, from)) => match Arc::clone(&self.places).try_acquire_owned() {
                    Ok(place) => return (Placed::new(stream, place), from),
                    Err(_) => tracing::warn!(%from, most = MOST, "a caller too many is turned away"),
                },
                Err(error) => {
                    tracing::warn!(%error, "a caller could not be taken");
                    tokio::time::sleep(FULL).await;
                }
            }
        }
    }
}

impl axum::serve::Listener for Bounded {
    type Io = Placed;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Placed, SocketAddr) {
        self.next().await
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection, and its place among those that may be.
pub(crate) struct Placed {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

impl Placed {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> Self {
        let alive = TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE);
        // Without either it works, only later.
        let _late = stream.set_nodelay(true);
        let _late = SockRef::from(&stream).set_tcp_keepalive(&alive);
        Self { stream, _place: place }
    }
}

impl AsyncRead for Placed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Placed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
