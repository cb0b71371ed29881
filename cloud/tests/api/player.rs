//! A player that connects: as much WebRTC as it takes to be sent a picture.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use returnfeed_media::h264::find_sps;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;

/// A player that has offered.
pub(crate) struct Player {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pending: SdpPendingOffer,
    seen: Seen,
}

/// What came, while it comes.
#[derive(Clone, Default)]
struct Seen {
    pictures: Arc<AtomicU64>,
    sizes: Sizes,
}

/// Pixels across and down of every picture that could be decoded by itself.
pub(crate) type Sizes = Arc<Mutex<BTreeSet<(u32, u32)>>>;

impl Player {
    /// It, and its offer.
    pub(crate) async fn offering() -> (Self, String) {
        Self::offering_at(IpAddr::V4(Ipv4Addr::LOCALHOST)).await
    }

    /// Reached at this address of ours.
    pub(crate) async fn offering_at(own: IpAddr) -> (Self, String) {
        str0m::crypto::from_feature_flags().install_process_default();
        let socket = UdpSocket::bind((own, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let config = RtcConfig::new().clear_codecs().enable_opus(true, false).enable_h264(true);
        let mut rtc = config.build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut changes = rtc.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = changes.apply().unwrap();
        (Self { rtc, socket, address, pending, seen: Seen::default() }, offer.to_sdp_string())
    }

    /// Plays by this answer for as long as `meanwhile` takes.
    pub(crate) async fn play_during<T>(self, answer: &str, meanwhile: impl Future<Output = T>) -> T {
        tokio::select! {
            value = meanwhile => value,
            never = self.play(answer) => match never {},
        }
    }

    /// How many pictures have come; it counts on while this plays.
    pub(crate) fn pictures(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.seen.pictures)
    }

    /// In these the sizes of what comes are written down.
    pub(crate) fn measured_into(mut self, sizes: &Sizes) -> Self {
        self.seen.sizes = Arc::clone(sizes);
        self
    }

    /// Plays by this answer for ever.
    pub(crate) async fn play(self, answer: &str) -> Infallible {
        let Self { mut rtc, socket, address, pending, seen } = self;
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer).unwrap()).unwrap();
        play(rtc, socket, address, &seen).await
    }
}

async fn play(mut rtc: Rtc, socket: UdpSocket, address: SocketAddr, seen: &Seen) -> Infallible {
    let mut buffer = [0; 2048];
    loop {
        let until = drain(&mut rtc, &socket, seen).await;
        let wait = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(50));
        if let Ok(received) = tokio::time::timeout(wait, socket.recv_from(&mut buffer)).await {
            let Ok((len, from)) = received else { continue };
            if let Ok(receive) = Receive::new(Protocol::Udp, from, address, &buffer[..len]) {
                rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
            }
        }
        rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
    }
}

async fn drain(rtc: &mut Rtc, socket: &UdpSocket, seen: &Seen) -> Instant {
    loop {
        match rtc.poll_output().unwrap() {
            Output::Timeout(at) => return at,
            Output::Transmit(transmit) => {
                // A server that is gone answers nothing, and its host neither.
                let _ = socket.send_to(&transmit.contents, transmit.destination).await;
            }
            Output::Event(Event::MediaData(data)) if data.params.spec().codec == Codec::H264 => {
                seen.pictures.fetch_add(1, Ordering::Relaxed);
                if let Some(sps) = find_sps(&data.data) {
                    seen.sizes.lock().unwrap().insert((sps.width, sps.height));
                }
            }
            Output::Event(_) => {}
        }
    }
}
