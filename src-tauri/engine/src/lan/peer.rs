//! One page's peer connection. The only file of the engine that knows which library makes WebRTC (str0m, ICE-lite, data
//! channel alone).
//!
//! Sans-IO like the library: after each `handle_*` or `say`, call [`Peer::drain`]. Invariant: of words that the page does
//! not take in time only the newest waits.

use std::net::SocketAddr;
use std::time::Instant;

use returnfeed_protocol::{CertificateFingerprint, IceFragment, IcePassword, LanSide};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::config::{DtlsCert, Fingerprint};
use str0m::ice::StunMessage;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc, RtcConfig, RtcError};

/// The data channel's stream, agreed on beforehand: no message is needed to open it.
const STREAM: u16 = 0;
/// In bytes: two words of the largest show. What is on its way or lost counts too, so it is not none.
const UNTAKEN: usize = 32 * 1_024;
const SHA_256: &str = "sha-256";

/// What all peers of one port share: the certificate that pages are told the fingerprint of.
pub(super) struct Identity {
    certificate: DtlsCert,
    /// What stands for this end in each connection, whichever interface a datagram came in by.
    here: SocketAddr,
}

impl Identity {
    pub(super) fn new(here: SocketAddr) -> Result<Self, RtcError> {
        let provider = str0m::crypto::from_feature_flags();
        let certificate = provider.dtls_provider.generate_certificate();
        let certificate =
            certificate.ok_or_else(|| RtcError::RemoteSdp("no DTLS certificate could be made".to_owned()))?;
        Ok(Self { certificate, here: canonical(here) })
    }
}

/// An ICE candidate cannot be *any address*; nothing that is sent says this one.
fn canonical(here: SocketAddr) -> SocketAddr {
    if !here.ip().is_unspecified() {
        return here;
    }
    let ip = if here.is_ipv4() { "192.0.2.1" } else { "2001:db8::1" }; // RFC 5737, RFC 3849
    SocketAddr::new(ip.parse().unwrap_or(here.ip()), here.port())
}

/// What a page did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PeerEvent {
    /// Words can be said.
    Open,
    /// It said this.
    Heard(Vec<u8>),
    /// Nothing more comes.
    Gone,
}

/// See the module.
pub(super) struct Peer {
    rtc: Rtc,
    channel: ChannelId,
    here: SocketAddr,
    deadline: Instant,
    open: bool,
    /// For whoever knows its credentials.
    waits: bool,
    waiting: Option<String>,
}

impl Peer {
    /// A connection to the page on the other side, and this side of it.
    pub(super) fn new(
        identity: &Identity,
        theirs: &LanSide,
        now: Instant,
    ) -> Result<(Self, LanSide), RtcError> {
        let theirs_ice = credentials(theirs);
        Self::build(identity, Some(theirs_ice), None, &theirs.fingerprint, now)
    }

    /// One that waits for whoever shows this certificate, by credentials that were told before; without any, new ones.
    pub(super) fn waiting_for(
        identity: &Identity,
        fingerprint: &CertificateFingerprint,
        told: Option<&LanSide>,
        now: Instant,
    ) -> Result<(Self, LanSide), RtcError> {
        Self::build(identity, None, told.map(credentials), fingerprint, now)
    }

    fn build(
        identity: &Identity,
        theirs: Option<IceCreds>,
        ours: Option<IceCreds>,
        fingerprint: &CertificateFingerprint,
        now: Instant,
    ) -> Result<(Self, LanSide), RtcError> {
        let mut rtc = RtcConfig::new()
            .set_ice_lite(true)
            .set_dtls_cert(identity.certificate.clone())
            .clear_codecs()
            .clear_extension_map()
            .build(now);
        rtc.add_local_candidate(Candidate::host(identity.here, "udp")?);
        let mut direct = rtc.direct_api();
        direct.set_ice_controlling(false);
        if let Some(ours) = ours {
            direct.set_local_ice_credentials(ours);
        }
        let waits = theirs.is_none();
        if let Some(theirs) = theirs {
            direct.set_remote_ice_credentials(theirs);
        }
        direct.set_remote_fingerprint(Fingerprint {
            hash_func: SHA_256.to_owned(),
            bytes: fingerprint.bytes(),
        });
        direct.start_dtls(false)?;
        direct.start_sctp(false);
        // A word that is lost is overtaken by the next: to repeat it would only delay that one.
        let channel = direct.create_data_channel(ChannelConfig {
            label: "tally".to_owned(),
            ordered: false,
            reliability: Reliability::MaxRetransmits { retransmits: 0 },
            negotiated: Some(STREAM),
            protocol: String::new(),
        });
        let ours = side(&direct.local_ice_credentials(), direct.local_dtls_fingerprint())?;
        let here = identity.here;
        Ok((Self { rtc, channel, here, deadline: now, open: false, waits, waiting: None }, ours))
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// When to call [`Self::handle_timeout`].
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes a datagram; false if it is not of this page: its integrity or its place is not right.
    pub(super) fn handle_datagram(&mut self, from: SocketAddr, data: &[u8], now: Instant) -> bool {
        let Ok(receive) = Receive::new(Protocol::Udp, from, self.here, data) else { return false };
        let input = Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return false;
        }
        if self.waits {
            // Who comes first is who it was that knew ours; an ICE-lite agent asks nobody, so their password is not needed.
            let Some(ufrag) = their_fragment(data) else { return false };
            self.rtc.direct_api().set_remote_ice_credentials(IceCreds { ufrag, pass: String::new() });
            self.waits = false;
        }
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a page's datagram was not understood");
        }
        true
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "a page's connection on the local network failed");
            self.rtc.disconnect();
        }
    }

    /// Says this, now or when the page has taken what was said before; the newest counts.
    pub(super) fn say(&mut self, text: String) {
        if self.open {
            self.waiting = Some(text);
            self.say_waiting();
        }
    }

    /// Says this beside the words, now or never.
    pub(super) fn add(&mut self, text: &str) {
        let Some(mut channel) = self.rtc.channel(self.channel).filter(|_| self.open) else { return };
        if channel.buffered_amount() <= UNTAKEN
            && let Err(error) = channel.write(false, text.as_bytes())
        {
            tracing::debug!(%error, "a message was not taken");
        }
    }

    fn say_waiting(&mut self) {
        let Some(mut channel) = self.rtc.channel(self.channel) else { return };
        if channel.buffered_amount() > UNTAKEN {
            return; // the page takes nothing: what would be queued behind that is old when it arrives
        }
        let Some(text) = self.waiting.take() else { return };
        match channel.write(false, text.as_bytes()) {
            Ok(true) => {}
            Ok(false) => self.waiting = Some(text),
            Err(error) => tracing::debug!(%error, "a word was not taken"),
        }
    }

    /// Says goodbye; drain once more after it.
    pub(super) fn close(&mut self) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "a page was not told goodbye");
        }
    }

    /// Empties it: datagrams to `transmit`, what happened to `events`.
    pub(super) fn drain(
        &mut self,
        mut transmit: impl FnMut(SocketAddr, Vec<u8>),
        events: &mut Vec<PeerEvent>,
    ) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(sent)) => transmit(sent.destination, sent.contents.to_vec()),
                Ok(Output::Event(event)) => events.extend(self.handle_event(event)),
                Ok(Output::Timeout(at)) => {
                    self.deadline = at;
                    if !self.rtc.is_alive() {
                        events.push(PeerEvent::Gone);
                    }
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "a page's connection on the local network failed");
                    self.rtc.disconnect();
                    events.push(PeerEvent::Gone);
                    return;
                }
            }
        }
    }

    fn handle_event(&mut self, event: Event) -> Option<PeerEvent> {
        match event {
            Event::ChannelOpen(id, _) if id == self.channel => {
                self.open = true;
                if let Some(mut channel) = self.rtc.channel(id) {
                    channel.set_buffered_amount_low_threshold(UNTAKEN);
                }
                Some(PeerEvent::Open)
            }
            Event::ChannelData(data) if data.id == self.channel && !data.binary => {
                Some(PeerEvent::Heard(data.data))
            }
            Event::ChannelBufferedAmountLow(_) => {
                self.say_waiting();
                None
            }
            Event::ChannelClose(_) | Event::Closed => Some(PeerEvent::Gone),
            _ => None,
        }
    }
}

/// Of a binding request whose integrity was checked (RFC 8445 7.2.2).
fn their_fragment(datagram: &[u8]) -> Option<String> {
    let message = StunMessage::parse(datagram).ok()?;
    message.split_username().map(|(_, theirs)| theirs.to_owned())
}

fn credentials(side: &LanSide) -> IceCreds {
    IceCreds { ufrag: side.fragment.as_str().to_owned(), pass: side.password.as_str().to_owned() }
}

fn side(ours: &IceCreds, fingerprint: &Fingerprint) -> Result<LanSide, RtcError> {
    let unusable = |what: &dyn std::fmt::Display| RtcError::RemoteSdp(format!("of the library: {what}"));
    let bytes = <[u8; 32]>::try_from(fingerprint.bytes.as_slice()).map_err(|error| unusable(&error))?;
    Ok(LanSide {
        fragment: IceFragment::try_from(ours.ufrag.clone()).map_err(|error| unusable(&error))?,
        password: IcePassword::try_from(ours.pass.clone()).map_err(|error| unusable(&error))?,
        fingerprint: CertificateFingerprint::of(&bytes),
    })
}
