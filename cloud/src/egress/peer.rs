//! One WebRTC connection. With `identity` and `dtls` the only file that knows which library makes WebRTC here (str0m:
//! ICE-lite, DTLS, SDP); what goes over the connection is `flow`'s.
//!
//! Sans-IO like the library: after each `handle_*`, and after anything was sent, call [`Peer::drain`]. It refuses
//! offers without H.264 and everything that is not from its own viewer.

mod terms;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_protocol::Bitrate;
use returnfeed_simulcast::{AudioStream, Report, VideoStream};
use str0m::change::SdpOffer;
use str0m::media::{MediaKind, Mid};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc};

use super::dtls::{Agreed, agreed_by};
use super::flow::{Flow, Line, Resend};
use super::identity::Identity;
use super::nomination::{nominates, nominating};
use super::socket::{Path, Transport};
use super::{answer, restart};
use crate::media::{IceAnswer, IceCredentials, IceRefusal, IceSession, IceUpdate, JoinRefusal};

/// The library wants no wake-up finer than this.
const FINEST: Duration = Duration::from_millis(1);

/// What a viewer did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PeerEvent {
    /// Pictures can be sent from now on.
    Ready,
    /// The viewer's decoder asks for a keyframe.
    KeyframeWanted,
    /// The viewer's browser said how its network fares.
    Report(Report),
    /// The viewer is gone.
    Gone,
}

/// One viewer's connection.
pub(super) struct Peer {
    rtc: Rtc,
    fragment: String,
    password: String,
    /// Whether the library was told of a pair that media may go by.
    is_nominated: bool,
    /// Kept for an ICE restart.
    offer: Box<str>,
    agreed: Agreed,
    name: Box<str>,
    goal: Bitrate,
    is_connected: bool,
    /// The sections as they were negotiated, until there is a flow.
    video: Option<(Line, Option<Resend>)>,
    audio: Option<Line>,
    flow: Option<Flow>,
    /// Where media goes: the pair that the viewer nominated.
    route: Option<(Transport, SocketAddr)>,
    /// When the library wants to be called, and whether it has anything to say.
    library_at: Instant,
    has_news: bool,
    events: Vec<PeerEvent>,
    pub(super) video_stream: VideoStream,
    pub(super) audio_stream: AudioStream,
}

impl Peer {
    /// Answers an offer. `candidates` are the addresses that the viewer will find this server at; a path that carries
    /// more than `goal` is wide enough for everything.
    pub(super) fn answer(
        offer: &str,
        identity: &Identity,
        candidates: &[SocketAddr],
        target: returnfeed_protocol::Layer,
        goal: Bitrate,
        now: Instant,
    ) -> Result<(Self, String), JoinRefusal> {
        let invalid = |error: &dyn std::fmt::Display| JoinRefusal::SdpInvalid(error.to_string());
        // Where the viewer thinks that it is says nothing to who sends no checks (RFC 8445 2.5).
        let offered = SdpOffer::from_sdp_string(&restart::without_candidates(offer))
            .map_err(|error| invalid(&error))?;
        let (mut rtc, agreed) = agreed_by(|| identity.config().build(now));
        for address in candidates {
            let udp = Candidate::builder().udp().host(*address).build();
            rtc.add_local_candidate(udp.map_err(|error| invalid(&error))?);
            let tcp = Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build();
            rtc.add_local_candidate(tcp.map_err(|error| invalid(&error))?);
        }
        let answer = rtc.sdp_api().accept_offer(offered).map_err(|error| invalid(&error))?;
        let IceCreds { ufrag: fragment, pass: password } = rtc.direct_api().local_ice_credentials();
        let answer = answer::finish(&answer.to_sdp_string());
        let peer = Self {
            rtc,
            fragment,
            password,
            is_nominated: false,
            offer: offer.into(),
            agreed,
            name: answer::canonical_name(&answer).unwrap_or_default().into(),
            goal,
            is_connected: false,
            video: None,
            audio: None,
            flow: None,
            route: None,
            library_at: now,
            has_news: true,
            events: Vec::new(),
            video_stream: VideoStream::new(target, terms::first_seq(), terms::first_timestamp()),
            audio_stream: AudioStream::new(terms::first_seq(), terms::first_timestamp()),
        };
        Ok((peer, answer))
    }

    /// The ICE user name fragment by which its first datagrams are told.
    pub(super) fn fragment(&self) -> &str {
        &self.fragment
    }

    /// The strong entity tag of the ICE session, with its quotes.
    pub(super) fn etag(&self) -> String {
        format!("\"{}\"", self.fragment)
    }

    /// Takes what the viewer says of its ICE session. After a restart [`Self::fragment`] is another one.
    pub(super) fn update_ice(&mut self, update: &IceUpdate) -> Result<IceAnswer, IceRefusal> {
        match &update.session {
            IceSession::Tagged(tags) if !tags.contains(&self.etag()) => return Err(IceRefusal::OtherSession),
            IceSession::Tagged(_) | IceSession::Any => {}
        }
        match &update.credentials {
            Some(new) if restart::attribute(&self.offer, "ice-ufrag") != Some(&new.fragment) => {
                self.restart_ice(new)
            }
            Some(_) | None => Ok(IceAnswer::GoesOn),
        }
    }

    fn restart_ice(&mut self, credentials: &IceCredentials) -> Result<IceAnswer, IceRefusal> {
        let offer = restart::offer_again(&self.offer, credentials);
        let not_now = |error: &dyn std::fmt::Display| {
            tracing::debug!(%error, "an ICE restart was not taken");
            IceRefusal::NotNow
        };
        let offered = SdpOffer::from_sdp_string(&offer).map_err(|error| not_now(&error))?;
        let answer = self.rtc.sdp_api().accept_offer(offered).map_err(|error| not_now(&error))?;
        IceCreds { ufrag: self.fragment, pass: self.password } =
            self.rtc.direct_api().local_ice_credentials();
        self.is_nominated = false;
        self.offer = offer.into();
        Ok(IceAnswer::Restarted { fragment: restart::fragment(&answer.to_sdp_string()), etag: self.etag() })
    }

    /// Whether pictures can be sent.
    pub(super) fn is_ready(&self) -> bool {
        self.flow.is_some()
    }

    /// When to call [`Self::handle_timeout`].
    pub(super) fn deadline(&self) -> Instant {
        self.flow.as_ref().map_or(self.library_at, |flow| flow.deadline().min(self.library_at))
    }

    /// Takes a datagram; false if it is not this viewer's: its integrity or its place is not right.
    pub(super) fn handle_datagram(&mut self, path: Path, to: SocketAddr, data: &[u8], now: Instant) -> bool {
        if is_media(data) {
            let Self { flow, events, .. } = self;
            return flow.as_mut().is_some_and(|flow| flow.handle_rtcp(data, now, events));
        }
        let protocol = match path.transport {
            Transport::Udp => Protocol::Udp,
            Transport::Tcp => Protocol::Tcp,
        };
        let Ok(receive) = Receive::new(protocol, path.remote, to, data) else { return false };
        let mut input = Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return false;
        }
        let check = (!self.is_nominated).then(|| nominating(data, &self.password)).flatten();
        if let Some(Ok(receive)) =
            check.as_deref().map(|check| Receive::new(protocol, path.remote, to, check))
        {
            input = Input::Receive(now, receive);
            if self.route.is_some() {
                // After an ICE restart media goes at once where the viewer is now, which missed what went elsewhere.
                self.route = Some((path.transport, path.remote));
                self.events.push(PeerEvent::KeyframeWanted);
            }
        }
        self.is_nominated |= check.is_some() || nominates(data);
        self.has_news = true;
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a viewer's datagram was not understood");
        }
        true
    }

    /// Lets time pass.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let Some(flow) = &mut self.flow {
            flow.handle_timeout(now, &mut self.events);
        }
        if self.library_at <= now {
            self.wake_library(now);
        }
    }

    fn wake_library(&mut self, now: Instant) {
        self.has_news = true;
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "a viewer's connection failed");
            self.rtc.disconnect();
        }
    }

    /// The media of it, once there is any.
    pub(super) fn flow(&mut self) -> Option<&mut Flow> {
        self.flow.as_mut()
    }

    /// Interarrival jitter of the video, as the browser last reported it.
    pub(super) fn jitter(&self) -> Option<Duration> {
        self.flow.as_ref().and_then(Flow::jitter)
    }

    /// How long its browser is told to hold a picture.
    pub(super) fn playout_delay(&self) -> Duration {
        self.flow.as_ref().map_or(Duration::ZERO, Flow::playout_delay)
    }

    /// Whether this viewer hears anything.
    pub(super) fn has_audio(&self) -> bool {
        self.flow.as_ref().is_some_and(Flow::has_audio)
    }

    /// Says goodbye; drain once more after it.
    pub(super) fn close(&mut self) {
        if let Some(flow) = &mut self.flow {
            flow.close();
        }
        self.has_news = true;
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "a viewer was not told goodbye");
        }
    }

    /// Empties the peer: datagrams to `transmit`, what happened to `events`.
    pub(super) fn drain(
        &mut self,
        now: Instant,
        mut transmit: impl FnMut(Transport, SocketAddr, &[u8]),
        events: &mut Vec<PeerEvent>,
    ) {
        while self.has_news {
            self.drain_library(now, &mut transmit);
        }
        if let (Some(flow), Some((transport, remote))) = (&mut self.flow, self.route) {
            flow.drain(|datagram| transmit(transport, remote, datagram));
        }
        events.append(&mut self.events);
    }

    fn drain_library(&mut self, now: Instant, mut transmit: impl FnMut(Transport, SocketAddr, &[u8])) {
        match self.rtc.poll_output() {
            Ok(Output::Transmit(sent)) => {
                let route = (transport(sent.proto), sent.destination);
                match sent.contents.first() {
                    // Not with our keys: nobody could read it.
                    Some(128..) => {}
                    // A handshake goes to the nominated pair.
                    Some(20..) => {
                        self.route = self.route.or(Some(route));
                        transmit(route.0, route.1, &sent.contents);
                    }
                    Some(_) | None => transmit(route.0, route.1, &sent.contents),
                }
            }
            Ok(Output::Event(event)) => self.handle_event(event, now),
            Ok(Output::Timeout(at)) => {
                self.library_at = at.max(now + FINEST);
                self.has_news = false;
                if !self.rtc.is_alive() {
                    self.events.push(PeerEvent::Gone);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "a viewer's connection failed");
                self.rtc.disconnect();
                self.has_news = false;
                self.events.push(PeerEvent::Gone);
            }
        }
    }

    fn handle_event(&mut self, event: Event, now: Instant) {
        match event {
            Event::Connected => {
                self.is_connected = true;
                self.begin_flow(now);
            }
            // Comes after `Connected`: only now its streams have numbers.
            Event::MediaAdded(media) => {
                self.add(media.mid, media.kind);
                self.begin_flow(now);
            }
            Event::PeerStats(stats) => {
                let nominated = stats.selected_candidate_pair;
                self.route =
                    nominated.map(|pair| (transport(pair.protocol), pair.remote.addr)).or(self.route);
            }
            Event::Closed => self.events.push(PeerEvent::Gone),
            _ => {}
        }
    }

    fn begin_flow(&mut self, now: Instant) {
        if let Some(flow) = &mut self.flow {
            self.audio.take().into_iter().for_each(|audio| flow.add_audio(audio));
            return;
        }
        if !self.is_connected {
            return;
        }
        let Some(secrets) = self.agreed.secrets() else { return };
        let Some((video, resend)) = self.video.take() else { return };
        match secrets.ciphers() {
            Ok(ciphers) => {
                let mut flow = Flow::new(ciphers, &self.name, video, resend, self.goal, now);
                self.audio.take().into_iter().for_each(|audio| flow.add_audio(audio));
                self.flow = Some(flow);
                self.events.push(PeerEvent::Ready);
            }
            Err(error) => {
                tracing::warn!(%error, "a viewer agreed upon a cipher that there is none of here");
                self.rtc.disconnect();
            }
        }
    }

    fn add(&mut self, mid: Mid, kind: MediaKind) {
        let is_known = match kind {
            MediaKind::Video => self.video.is_some() || self.flow.is_some(),
            MediaKind::Audio => self.audio.is_some() || self.has_audio(),
        };
        if is_known {
            return;
        }
        let Some((main, again)) = terms::of(&mut self.rtc, mid, kind, &self.offer) else { return };
        match kind {
            MediaKind::Video => self.video = Some((main, again)),
            MediaKind::Audio => self.audio = Some(main),
        }
    }
}

/// RTP and RTCP, as they are told from what else comes on the same port (RFC 7983 7).
fn is_media(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(128..=191))
}

fn transport(protocol: Protocol) -> Transport {
    match protocol {
        Protocol::Tcp => Transport::Tcp,
        Protocol::Udp | Protocol::SslTcp | Protocol::Tls => Transport::Udp,
    }
}
