//! A viewer: a WebRTC client in the test's own process, over a real socket.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use returnfeed_cloud::media::{JoinRefusal, JoinViewer, MediaPlane};
use returnfeed_media::h264;
use returnfeed_protocol::{Layer, ParticipantId, Role, SessionId, ViewerId};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaData, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::Extension;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;

use crate::DEADLINE;

/// One access unit as it came out of the depacketiser.
pub(crate) struct Picture {
    pub(crate) data: Vec<u8>,
    pub(crate) contiguous: bool,
    pub(crate) seqs: (u64, u64),
    pub(crate) rtp_time: u64,
    pub(crate) captured: Option<std::time::SystemTime>,
}

impl Picture {
    /// The width that its parameter set names, if it has one.
    pub(crate) fn width(&self) -> Option<u32> {
        h264::find_sps(&self.data).map(|sps| sps.width)
    }
}

pub(crate) struct Viewer {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    video: Mid,
    pub(crate) id: ViewerId,
    pub(crate) server: Option<SocketAddr>,
    pub(crate) fragment: String,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) sounds: Vec<(u64, u64, bool)>,
    pub(crate) closed: bool,
    /// The server's address as its candidates name it, where an address translation stands before it.
    pub(crate) translated: Option<IpAddr>,
}

/// What to ask for.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) session: SessionId,
    pub(crate) participant: ParticipantId,
    pub(crate) layer: Option<Layer>,
    pub(crate) max_layer: Layer,
}

fn client(now: Instant) -> (Rtc, str0m::change::SdpOffer, SdpPendingOffer, Mid) {
    let mut rtc = config().build(now);
    let mut changes = rtc.sdp_api();
    changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
    let video = changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
    let (offer, pending) = changes.apply().unwrap();
    (rtc, offer, pending, video)
}

fn config() -> RtcConfig {
    str0m::crypto::from_feature_flags().install_process_default();
    RtcConfig::new()
        .clear_codecs()
        .enable_opus(true, false)
        .enable_h264(true)
        .set_extension(9, Extension::AbsoluteCaptureTime)
        .set_extension(12, Extension::PlayoutDelay)
}

/// An offer that the server would answer.
pub(crate) fn offer() -> String {
    client(Instant::now()).1.to_sdp_string()
}

pub(crate) fn join_with(ask: Ask, offer: String) -> JoinViewer {
    let Ask { session, participant, layer, max_layer } = ask;
    let address = std::net::IpAddr::from([127, 0, 0, 1]);
    let until = Instant::now() + Duration::from_secs(3_600);
    JoinViewer { session, participant, role: Role::Viewer, layer, max_layer, address, until, offer }
}

impl Viewer {
    pub(crate) async fn join(plane: &MediaPlane, ask: Ask) -> Result<Self, JoinRefusal> {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let local = socket.local_addr().unwrap();
        let (mut rtc, offer, pending, video) = client(Instant::now());
        rtc.add_local_candidate(Candidate::builder().udp().host(local).build().unwrap());
        let joined = plane.join(join_with(ask, offer.to_sdp_string())).await?;
        let fragment = joined.answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap();
        let fragment = fragment.to_owned();
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&joined.answer).unwrap()).unwrap();
        Ok(Self {
            rtc,
            socket,
            local,
            video,
            id: joined.viewer,
            server: None,
            fragment,
            pictures: Vec::new(),
            sounds: Vec::new(),
            closed: false,
            translated: None,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.local
    }

    /// Watches until `done`, or fails saying what did not happen.
    pub(crate) async fn watch_until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !done(self) {
            assert!(
                Instant::now() < end,
                "{what} did not happen: {} pictures, {} sounds",
                self.pictures.len(),
                self.sounds.len()
            );
            self.step().await;
        }
    }

    /// Sends bytes as they are from where it watches.
    pub(crate) async fn say(&self, datagram: &[u8]) {
        let server = self.server.expect("it has heard the server");
        self.socket.send_to(datagram, server).await.unwrap();
    }

    /// The server's own goodbye, or ours.
    pub(crate) fn disconnect(&mut self) {
        self.rtc.close().unwrap();
    }

    pub(crate) async fn step(&mut self) {
        let until = self.drain().await;
        let wait = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(50));
        let mut buffer = [0; 2048];
        if let Ok(received) = tokio::time::timeout(wait, self.socket.recv_from(&mut buffer)).await {
            let (len, from) = received.unwrap();
            self.server = Some(from);
            let from = SocketAddr::new(self.translated.unwrap_or(from.ip()), from.port());
            if let Ok(receive) = Receive::new(Protocol::Udp, from, self.local, &buffer[..len]) {
                let input = Input::Receive(Instant::now(), receive);
                if self.rtc.accepts(&input) {
                    self.rtc.handle_input(input).unwrap();
                }
            }
        }
        self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
    }

    async fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(transmit) => {
                    let mut to = transmit.destination;
                    if self.translated == Some(to.ip()) {
                        to.set_ip(Ipv4Addr::LOCALHOST.into());
                    }
                    self.socket.send_to(&transmit.contents, to).await.unwrap();
                }
                Output::Event(Event::MediaData(data)) => self.take(data),
                Output::Event(Event::Closed) => self.closed = true,
                Output::Event(_) => {}
            }
        }
    }

    fn take(&mut self, data: MediaData) {
        let seqs = (**data.seq_range.start(), **data.seq_range.end());
        let rtp_time = data.time.numer();
        if data.mid == self.video {
            self.pictures.push(Picture {
                contiguous: data.contiguous,
                seqs,
                rtp_time,
                captured: data.ext_vals.abs_capture_time.map(|time| time.capture_time),
                data: data.data.to_vec(),
            });
        } else {
            self.sounds.push((seqs.0, rtp_time, data.contiguous));
        }
    }

    /// Fails unless what came is one stream each: no hole, no step back.
    pub(crate) fn assert_one_stream(&self) {
        for (n, pair) in self.pictures.windows(2).enumerate() {
            let [before, after] = pair else { unreachable!("windows of two") };
            assert!(after.contiguous, "picture {n} is followed by a hole");
            assert_eq!(after.seqs.0, before.seqs.1 + 1, "picture {n} is followed by a hole");
            let step = after.rtp_time.wrapping_sub(before.rtp_time);
            assert!((1..=90_000 * 3).contains(&step), "picture {n} is followed by a step of {step}");
        }
        for (n, pair) in self.sounds.windows(2).enumerate() {
            let [before, after] = pair else { unreachable!("windows of two") };
            assert_eq!(after.0, before.0 + 1, "sound {n} is followed by a hole");
            assert!(after.1 > before.1, "sound {n} is followed by a step back");
        }
    }

    /// Everything that came, as one file.
    pub(crate) fn stream(&self) -> Vec<u8> {
        self.pictures.iter().flat_map(|picture| picture.data.clone()).collect()
    }

    /// The widths in the order in which they came, repetitions aside.
    pub(crate) fn widths(&self) -> Vec<u32> {
        let mut widths: Vec<u32> = self.pictures.iter().filter_map(Picture::width).collect();
        widths.dedup();
        widths
    }
}
