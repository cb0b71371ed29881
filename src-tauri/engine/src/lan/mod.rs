//! The tally's way on the local network: a WebRTC data channel to each operator's page, so that lamps stay right when
//! the cloud is gone.
//!
//! `peers` decides whom words go to and what is heard of them, `peer` is one of them, `spares` wait for those who come again, `addresses` says where this machine
//! is found; this file moves datagrams on one UDP port. Refuses whoever the cloud has not introduced: a page's offer, with
//! the fingerprint of its certificate, came through the relay. Invariant: the words are those that the cloud gets, with
//! the same epoch and sequence; the last one is *unknown* everywhere.

mod addresses;
mod peer;
mod peers;
mod spares;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use returnfeed_protocol::{Acknowledgement, LanAddress, LanAnswer, LanOffer, PageNumber};
use serde::Serialize;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::gui::millis;
use crate::outputs::Word;
use crate::push::{Backoff, spread};
use peers::Peers;

/// The largest datagram that is read; DTLS over UDP stays below an Ethernet frame.
const DATAGRAM: usize = 2_048;
/// Before anybody has offered, there is nothing to wake for.
const IDLE: Duration = Duration::from_secs(3_600);

/// Where pages are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LanConfig {
    /// UDP; an unspecified address: on all interfaces. Where the port is taken, another one is.
    pub listen: SocketAddr,
}

impl LanConfig {
    /// The port that is wanted where nobody says another.
    pub const PORT: u16 = 8444;
}

impl Default for LanConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), Self::PORT) }
    }
}

/// What the way does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LanState {
    /// Pages that the cloud introduces are served.
    Open {
        /// UDP.
        port: u16,
    },
    /// It cannot be.
    Failed {
        /// Why and what to do.
        reason: String,
        /// When it is tried again.
        #[serde(rename = "retry_in_ms", serialize_with = "millis")]
        retry_in: Duration,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LanEvent {
    /// The way as a whole.
    State(LanState),
    /// To be said to a page, by the relay.
    Answer(PageNumber, LanAnswer),
    /// A page says what it shows.
    Shown(Acknowledgement),
    /// Whether a page was heard within the last 3 s.
    Path {
        /// As the relay called it when it introduced it last.
        page: PageNumber,
        /// Whether it was.
        proven: bool,
    },
}

/// Offers that wait: each page offers at most once a second.
pub const OFFERS: usize = 256;

/// Serves pages until cancelled.
pub async fn run(
    config: LanConfig,
    word: Word,
    mut offers: mpsc::Receiver<(PageNumber, LanOffer)>,
    on: impl Fn(LanEvent) + Send + Sync,
    cancel: CancellationToken,
) {
    let mut backoff = Backoff::default();
    loop {
        let served = serve(config, word.clone(), &mut offers, &on, &cancel).await;
        let Err(error) = served else { return };
        let retry_in = backoff.next(spread());
        let listen = config.listen;
        let reason = format!("UDP port {} on {} cannot be opened ({error})", listen.port(), listen.ip());
        tracing::warn!(reason, ?retry_in, "no tally on the local network");
        on(LanEvent::State(LanState::Failed { reason, retry_in }));
        let refuse = async {
            while let Some((page, offer)) = offers.recv().await {
                on(LanEvent::Answer(page, LanAnswer::Closed { n: offer.n }));
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            () = refuse => return,
            () = tokio::time::sleep(retry_in) => {}
        }
    }
}

async fn serve(
    config: LanConfig,
    mut word: Word,
    offers: &mut mpsc::Receiver<(PageNumber, LanOffer)>,
    on: &(impl Fn(LanEvent) + Send + Sync),
    cancel: &CancellationToken,
) -> io::Result<()> {
    let socket = bind(config.listen).await?;
    let here = socket.local_addr()?;
    let mut peers = Peers::new(here).map_err(io::Error::other)?;
    on(LanEvent::State(LanState::Open { port: here.port() }));
    let mut datagram = [0; DATAGRAM];
    word.mark_changed();
    loop {
        drain(&mut peers, &socket, on);
        let wake = peers.poll_timeout().unwrap_or_else(|| Instant::now() + IDLE);
        tokio::select! {
            biased;
            Ok(()) = word.changed() => {
                if let Some(state) = word.borrow_and_update().clone() {
                    peers.handle_word(state, Instant::now());
                }
            }
            () = cancel.cancelled() => break,
            Some((page, offer)) = offers.recv() => {
                let addresses = found_at(here);
                let answer = peers.handle_offer(page, &offer, addresses, Instant::now());
                on(LanEvent::Answer(page, answer));
            }
            Ok((size, from)) = socket.recv_from(&mut datagram) => {
                peers.handle_datagram(from, datagram.get(..size).unwrap_or_default(), Instant::now());
            }
            () = tokio::time::sleep_until(wake.into()) => peers.handle_timeout(Instant::now()),
        }
    }
    peers.close(Instant::now());
    drain(&mut peers, &socket, on);
    Ok(())
}

/// The port that is wanted, or another one: pages are told which.
async fn bind(listen: SocketAddr) -> io::Result<UdpSocket> {
    match UdpSocket::bind(listen).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let socket = UdpSocket::bind(SocketAddr::new(listen.ip(), 0)).await?;
            tracing::info!(wanted = %listen, "another program is on the port; another one is taken");
            Ok(socket)
        }
        bound => bound,
    }
}

fn found_at(here: SocketAddr) -> Vec<LanAddress> {
    addresses(here.ip()).into_iter().map(|ip| LanAddress { ip, port: here.port() }).collect()
}

/// Where others find what listens on this address of ours.
pub(crate) fn addresses(listen: IpAddr) -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the interfaces of this machine cannot be read");
        Vec::new()
    });
    let all: Vec<IpAddr> = interfaces.iter().map(if_addrs::Interface::ip).collect();
    addresses::reachable(listen, &all)
}

fn drain(peers: &mut Peers, socket: &UdpSocket, on: &impl Fn(LanEvent)) {
    while let Some((to, datagram)) = peers.poll_transmit() {
        // What the system does not take now is lost, as on the air: the next word heals.
        if let Err(error) = socket.try_send_to(&datagram, to) {
            tracing::trace!(%error, "a datagram was not taken");
        }
    }
    while let Some(event) = peers.poll_event() {
        on(event);
    }
}
