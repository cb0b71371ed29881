//! One viewer behind a modelled path, in virtual time: the real connection on both ends, the real rule, a
//! modelled encoder and network between them.

mod encoder;
mod path;
mod sheets;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, LayerReason, ParticipantId, Role, SessionId, ViewerId};
use returnfeed_simulcast::{Present, Thresholds};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::rtp::Extension;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use super::identity::Identity;
use super::peer::{Peer, PeerEvent};
use super::room::Room;
use super::socket::{self, Transport};
use super::viewer::Viewer;
use super::{nomination, restart};
use crate::ingest::Content;
use crate::media::board::Seat;
use encoder::{Encoder, Keyframes, Stamp};
use path::{Conditions, Path};

/// How long the encoder takes to give a keyframe that was asked for: the way to the director and back.
const ASKED: Keyframes = Keyframes::OnRequest(Duration::from_millis(80));

/// A picture that the viewer could show.
#[derive(Debug, Clone, Copy)]
struct Shown {
    at: Duration,
    delay: Duration,
    layer: Layer,
}

struct Lab {
    begin: Instant,
    now: Instant,
    viewer: Viewer,
    room: Room,
    browser: Rtc,
    down: Path,
    up: Path,
    encoder: Encoder,
    server_address: SocketAddr,
    browser_address: SocketAddr,
    switches: Vec<(Duration, Layer, LayerReason)>,
    shown: Vec<Shown>,
    /// The holds that the packets asked for, in ms, repetitions aside.
    holds: Vec<u64>,
    bytes_down: usize,
    /// Whether the browser says which way it takes; without, its checks say only that it is there.
    nominates: bool,
    /// The server's ICE password.
    password: String,
}

impl Lab {
    fn new(conditions: Conditions, seed: u64) -> Self {
        Self::with(ASKED, conditions, seed)
    }

    fn with(keyframes: Keyframes, conditions: Conditions, seed: u64) -> Self {
        let begin = Instant::now();
        let server_address = SocketAddr::from(([192, 0, 2, 1], 8189));
        let browser_address = SocketAddr::from(([192, 0, 2, 2], 40_000));
        let identity = Identity::new().unwrap();
        let mut browser = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_h264(true)
            .set_rtp_mode(true)
            .set_extension(3, Extension::TransportSequenceNumber)
            .set_extension(12, Extension::PlayoutDelay)
            .build(begin);
        browser.add_local_candidate(Candidate::builder().udp().host(browser_address).build().unwrap());
        let mut changes = browser.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = changes.apply().unwrap();
        let goal = Thresholds::default().up_bandwidth;
        let (peer, answer) =
            Peer::answer(&offer.to_sdp_string(), &identity, &[server_address], Layer::High, goal, begin)
                .unwrap();

        browser.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer).unwrap()).unwrap();
        let seat = Seat {
            session: SessionId::from_parts(1, [1; 10]),
            participant: ParticipantId::from_parts(2, [2; 10]),
            role: Role::Camera,
            best: Layer::High,
            shard: 0,
            video_line: 1,
            address: browser_address.ip(),
            until: begin + Duration::from_secs(3_600),
            finished: false,
            given: None,
        };
        let mut viewer = Viewer::new(peer, seat, Layer::High, Thresholds::default(), begin);
        let mut present = Present::default();
        present.set(Layer::High, true);
        present.set(Layer::Low, true);
        viewer.retarget(present, begin);
        let mut room = Room::default();
        room.set(present, keyframes == ASKED);
        let free = Conditions { delay: conditions.delay, ..Conditions::FREE };
        Self {
            begin,
            now: begin,
            viewer,
            room,
            browser,
            down: Path::new(conditions, seed, begin),
            up: Path::new(free, !seed, begin),
            encoder: Encoder::new(seat.session, keyframes, begin),
            server_address,
            browser_address,
            switches: Vec::new(),
            shown: Vec::new(),
            holds: Vec::new(),
            bytes_down: 0,
            nominates: true,
            password: restart::attribute(&answer, "ice-pwd").unwrap().to_owned(),
        }
    }

    /// Changes the path, both ways.
    fn becomes(&mut self, conditions: Conditions) {
        self.down.conditions = conditions;
        self.up.conditions.delay = conditions.delay;
    }

    fn runs_for(&mut self, seconds: f64) {
        let end = self.now + Duration::from_secs_f64(seconds);
        while self.now < end {
            self.settle();
            let deadlines = [
                Some(end),
                self.down.arrives(),
                self.up.arrives(),
                Some(self.viewer.peer.deadline()),
                Some(self.encoder.next()),
            ];
            let browser = self.drain_browser();
            let next = deadlines.into_iter().flatten().chain([browser]).min().unwrap();
            self.now = next.max(self.now + Duration::from_micros(10));
        }
    }

    fn since_begin(&self) -> Duration {
        self.now.saturating_duration_since(self.begin)
    }

    /// Everything that is due now.
    fn settle(&mut self) {
        let now = self.now;
        while let Some(frame) = self.encoder.poll(now).map(Arc::new) {
            if let Content::Video { keyframe, .. } = frame.content {
                self.room.keep(&frame, keyframe, false);
            }
            let listens = self.encoder.listens();
            if self.viewer.peer.is_ready() && self.viewer.send(&frame, false, listens, now) {
                self.viewer.peer.handle_timeout(now);
            }
            self.drain_server();
        }
        while let Some(datagram) = self.up.receive(now) {
            let Self { browser_address, server_address, .. } = *self;
            let (local, transport) = (Some(server_address.ip()), Transport::Udp);
            let way = socket::Path { remote: browser_address, local, transport };
            self.viewer.peer.handle_datagram(way, server_address, &datagram, now);
            self.drain_server();
        }
        if self.viewer.peer.deadline() <= now {
            self.viewer.peer.handle_timeout(now);
            self.drain_server();
        }
        while let Some(datagram) = self.down.receive(now) {
            let receive =
                Receive::new(Protocol::Udp, self.server_address, self.browser_address, &datagram).unwrap();
            self.browser.handle_input(Input::Receive(now, receive)).unwrap();
            self.drain_browser();
        }
        self.browser.handle_input(Input::Timeout(now)).unwrap();
    }

    fn drain_server(&mut self) {
        let now = self.now;
        loop {
            let mut events = Vec::new();
            let (down, bytes) = (&mut self.down, &mut self.bytes_down);
            let transmit = |_, _, contents: &[u8]| {
                *bytes += contents.len();
                down.send(contents, now);
            };
            self.viewer.peer.drain(now, transmit, &mut events);
            if let Some(switched) = self.viewer.take_switched() {
                self.switches.push((self.since_begin(), switched.to, switched.reason));
            }
            if events.is_empty() {
                break;
            }
            for event in events {
                match event {
                    PeerEvent::Ready => {}
                    PeerEvent::Report(report) => self.viewer.handle_report(&report, now),
                    PeerEvent::KeyframeWanted => {
                        let layer = self.viewer.peer.video_stream.flowing();
                        layer.into_iter().for_each(|layer| self.encoder.want(layer, now));
                    }
                    PeerEvent::Gone => panic!("the viewer left at {:?}", self.since_begin()),
                }
            }
        }
        let waits = self.viewer.waits_for(now).filter(|_| self.viewer.peer.is_ready());
        match waits {
            Some(layer) if self.encoder.listens() => self.encoder.want(layer, now),
            Some(layer) if self.viewer.stands_still() => {
                let (kept, complete) = self.room.replay(layer);
                if self.viewer.begin_from(layer, kept, complete, now) {
                    self.viewer.peer.handle_timeout(now);
                    self.drain_server();
                }
            }
            Some(_) | None => {}
        }
    }

    fn drain_browser(&mut self) -> Instant {
        loop {
            match self.browser.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(sent) => {
                    let unsaid =
                        (!self.nominates).then(|| nomination::unsaid(&sent.contents, &self.password));
                    let unsaid = unsaid.flatten();
                    self.up.send(unsaid.as_deref().unwrap_or(&sent.contents), self.now);
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    if let Some(hold) = packet.header.ext_vals.play_delay_min {
                        let hold = Duration::from(hold).as_millis() as u64;
                        if self.holds.last() != Some(&hold) {
                            self.holds.push(hold);
                        }
                    }
                    if packet.header.marker
                        && let Some(Stamp { layer, captured }) = Stamp::read(&packet.payload)
                    {
                        let delay = self.now.saturating_duration_since(self.begin + captured);
                        self.shown.push(Shown { at: self.since_begin(), delay, layer });
                    }
                }
                Output::Event(_) => {}
            }
        }
    }

    fn quality(&self) -> crate::media::ViewerQuality {
        self.viewer.quality(ViewerId::from_parts(3, [3; 10]), self.now)
    }
}
