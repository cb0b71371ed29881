//! The TCP port: HTTPS, and on the same port plain HTTP for those on this network.
//!
//! The first byte tells which (0x16 begins a TLS record, RFC 8446 5.1). Plain HTTP is answered to loopback and
//! private peers alone, because some phones refuse sockets under a self-signed certificate; everybody else is sent
//! to HTTPS. Invariant: a connection that says nothing, or too slowly, costs one seat of its own address for some
//! seconds, and nobody else anything.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::occupied::Occupied;
use crate::proxies::Proxies;
use crate::seats::{Seat, Seats};
use crate::tls::ACME;

const HANDSHAKE: Duration = Duration::from_secs(10);
const HEAD: Duration = Duration::from_secs(15);
/// The longest head of a request: a token, a query, the headers of a browser, and room.
const HEAD_LONGEST: usize = 32 * 1024;
/// How long somebody may take nothing of what is on its way to them.
const TAKES_NOTHING: Duration = Duration::from_secs(30);
const TLS_RECORD_HANDSHAKE: u8 = 0x16;

/// Who is at the other end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Their address.
    pub address: IpAddr,
    /// By HTTPS.
    pub secure: bool,
}

/// The open port.
pub struct Listener {
    tcp: TcpListener,
    tls: TlsAcceptor,
    slots: Arc<Semaphore>,
    seats: Arc<Seats>,
    proxies: Arc<Proxies>,
    plain: Plain,
}

/// Who is answered over plain HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plain {
    /// Loopback and private addresses; everybody else is sent to HTTPS.
    Near,
    /// Whoever comes: nothing here is secret.
    Anybody,
}

/// Connections at once.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// In all.
    pub in_all: usize,
    /// Of one address, or one IPv6 network; a trusted proxy has as many as it likes.
    pub per_address: usize,
}

impl Peer {
    /// What is counted against guessing: an IPv4 address, or the network of an IPv6 one.
    pub fn throttled(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => self.address,
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }

    /// On this machine or this network.
    fn is_near(&self) -> bool {
        match self.address {
            IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        }
    }
}

impl FromRequestParts<App> for Peer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiProblem> {
        parts.extensions.get::<Self>().copied().ok_or_else(ApiProblem::internal)
    }
}

impl Listener {
    /// Opens the port.
    ///
    /// # Errors
    /// As the system says it.
    pub async fn open(
        address: SocketAddr,
        tls: Arc<ServerConfig>,
        limits: ConnectionLimits,
        proxies: Proxies,
    ) -> io::Result<Self> {
        Ok(Self {
            tcp: TcpListener::bind(address).await?,
            tls: TlsAcceptor::from(tls),
            slots: Arc::new(Semaphore::new(limits.in_all)),
            seats: Seats::new(limits.per_address),
            proxies: Arc::new(proxies),
            plain: Plain::Near,
        })
    }

    /// The same for a port that says nothing secret: it answers whoever comes by plain HTTP.
    #[must_use]
    pub fn for_anybody(self) -> Self {
        Self { plain: Plain::Anybody, ..self }
    }

    /// The port in use.
    ///
    /// # Errors
    /// As the system says it.
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.tcp.local_addr()?.port())
    }

    /// Serves until told to stop; then finishes what is being answered.
    pub async fn serve(self, router: Router, stop: CancellationToken) {
        let connections = TaskTracker::new();
        loop {
            let slot = Arc::clone(&self.slots).acquire_owned().await.expect("the semaphore is never closed");
            let (stream, address) = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.tcp.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of descriptors, mostly: the next attempt fails as well until one is closed.
                        tracing::warn!(%error, "a connection could not be taken");
                        sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            let Ok(seat) = self.seat(address.ip()) else {
                tracing::debug!("an address has as many connections as it may");
                continue;
            };
            let (router, proxies) = (router.clone(), Arc::clone(&self.proxies));
            let house = House { router, proxies, plain: self.plain };
            let stream = Accepted { stream, address, places: (slot, seat) };
            connections.spawn(connection(stream, self.tls.clone(), house, stop.clone()));
        }
        drop(self.tcp);
        connections.close();
        connections.wait().await;
    }

    /// A seat for a connection of this address; a proxy needs none.
    fn seat(&self, address: IpAddr) -> Result<Option<Seat>, NoSeat> {
        let peer = Peer { address: address.to_canonical(), secure: false };
        if self.proxies.trust(peer.address) {
            return Ok(None);
        }
        self.seats.take(peer.throttled()).map(Some).ok_or(NoSeat)
    }
}

struct NoSeat;

/// A connection, with what it takes of the limits for as long as it is open.
struct Accepted {
    stream: TcpStream,
    address: SocketAddr,
    places: Places,
}

type Places = (OwnedSemaphorePermit, Option<Seat>);

/// What a connection is served with.
struct House {
    router: Router,
    proxies: Arc<Proxies>,
    plain: Plain,
}

async fn connection(accepted: Accepted, tls: TlsAcceptor, house: House, stop: CancellationToken) {
    let Accepted { stream, address, places } = accepted;
    let _ = stream.set_nodelay(true); // a tally must not wait for company
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(TAKES_NOTHING));
    let mut first = [0];
    let Ok(Ok(1)) = timeout(HANDSHAKE, stream.peek(&mut first)).await else { return };
    let secure = first == [TLS_RECORD_HANDSHAKE];
    let peer = Peer { address: address.ip().to_canonical(), secure };
    if secure {
        match timeout(HANDSHAKE, tls.accept(stream)).await {
            // An authority has seen the proof by now, and there is nothing else to ask for in this way.
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(ACME) => {}
            Ok(Ok(stream)) => serve(Occupied::new(stream, places), peer, house, stop).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    } else {
        serve(Occupied::new(stream, places), peer, house, stop).await;
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    direct: Peer,
    house: House,
    stop: CancellationToken,
) {
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let peer = house.proxies.asker(direct, request.headers());
        let (router, plain) = (house.router.clone(), house.plain);
        async move { Ok::<_, Infallible>(answer(request.map(Body::new), peer, plain, router).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_LONGEST)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended in the middle");
    }
}

async fn answer(mut request: Request, peer: Peer, plain: Plain, router: Router) -> Response {
    if plain == Plain::Near && !peer.secure && !peer.is_near() {
        return to_https(&request);
    }
    request.extensions_mut().insert(peer);
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Whether a person's browser asks: such a one may be sent on. A program must hear that its token has been read on the
/// way (ASVS 4.1.2).
pub(crate) fn is_for_pages(request: &Request) -> bool {
    let path = request.uri().path();
    request.method().is_safe() && !["/api/", "/whep/", "/ws/"].iter().any(|begin| path.starts_with(begin))
}

pub(crate) fn https_required() -> Response {
    let detail = "Use https:// with the name of this server, and make a new token: this one has crossed the network in the clear.";
    ApiProblem::new(StatusCode::BAD_REQUEST, "https_required", "This server speaks HTTPS", detail)
        .into_response()
}

fn to_https(request: &Request) -> Response {
    if !is_for_pages(request) {
        return https_required();
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match host {
        Some(host) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("https://{host}{path}"))])
            .into_response(),
        None => https_required(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer { address: address.parse().unwrap(), secure: false }
    }

    #[tokio::test]
    async fn a_plain_request_from_far_away_is_sent_to_https_if_a_person_made_it() {
        let request = |host: Option<&str>| {
            let builder = Request::builder().uri("/camera/?x=1");
            let builder = host.into_iter().fold(builder, |builder, host| builder.header("host", host));
            builder.body(Body::empty()).unwrap()
        };
        let far =
            answer(request(Some("example.org:8443")), peer("198.51.100.7"), Plain::Near, Router::new()).await;
        assert_eq!(far.status(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(far.headers()[header::LOCATION], "https://example.org:8443/camera/?x=1");
        let call =
            Request::builder().uri("/api/me").header("host", "example.org").body(Body::empty()).unwrap();
        let call = answer(call, peer("198.51.100.7"), Plain::Near, Router::new()).await;
        assert_eq!(call.status(), StatusCode::BAD_REQUEST, "its token has been read on the way");
        let nameless = answer(request(None), peer("198.51.100.7"), Plain::Near, Router::new()).await;
        assert_eq!(nameless.status(), StatusCode::BAD_REQUEST);
        for near in ["127.0.0.1", "192.168.1.20", "10.1.2.3", "172.16.0.9", "fe80::1", "fd00::1", "::1"] {
            let answered = answer(request(None), peer(near), Plain::Near, Router::new()).await;
            assert_eq!(answered.status(), StatusCode::NOT_FOUND, "{near} reaches the router");
        }
    }

    #[test]
    fn neighbours_of_one_ipv6_network_are_counted_together() {
        assert_eq!(peer("2001:db8:1:2::3").throttled(), peer("2001:db8:1:2:ffff::9").throttled());
        assert_ne!(peer("2001:db8:1:2::3").throttled(), peer("2001:db8:1:3::3").throttled());
    }
}
