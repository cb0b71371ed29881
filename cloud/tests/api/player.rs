//! A player that connects: as much WebRTC as it takes to be sent a picture.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;

/// A player that has offered.
pub(crate) struct Player {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    pending: SdpPendingOffer,
}

impl Player {
    /// It, and its offer.
    pub(crate) async fn offering() -> (Self, String) {
        str0m::crypto::from_feature_flags().install_process_default();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let config = RtcConfig::new().clear_codecs().enable_opus(true, false).enable_h264(true);
        let mut rtc = config.build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut changes = rtc.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = changes.apply().unwrap();
        (Self { rtc, socket, address, pending }, offer.to_sdp_string())
    }

    /// Plays by this answer for as long as `meanwhile` takes.
    pub(crate) async fn play_during<T>(self, answer: &str, meanwhile: impl Future<Output = T>) -> T {
        let Self { mut rtc, socket, address, pending } = self;
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer).unwrap()).unwrap();
        tokio::select! {
            value = meanwhile => value,
            never = play(rtc, socket, address) => match never {},
        }
    }
}

async fn play(mut rtc: Rtc, socket: UdpSocket, address: SocketAddr) -> Infallible {
    let mut buffer = [0; 2048];
    loop {
        let until = drain(&mut rtc, &socket).await;
        let wait = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(50));
        if let Ok(received) = tokio::time::timeout(wait, socket.recv_from(&mut buffer)).await {
            let (len, from) = received.unwrap();
            if let Ok(receive) = Receive::new(Protocol::Udp, from, address, &buffer[..len]) {
                rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
            }
        }
        rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
    }
}

async fn drain(rtc: &mut Rtc, socket: &UdpSocket) -> Instant {
    loop {
        match rtc.poll_output().unwrap() {
            Output::Timeout(at) => return at,
            Output::Transmit(transmit) => {
                socket.send_to(&transmit.contents, transmit.destination).await.unwrap();
            }
            Output::Event(_) => {}
        }
    }
}
