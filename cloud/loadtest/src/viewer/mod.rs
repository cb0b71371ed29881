//! A viewer: a whole WebRTC client that decrypts, reports and acknowledges as a browser does, and draws nothing.

mod count;
mod picture;
mod socket;

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::rtp::Extension;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use crate::ledger::Ledger;
use count::Counts;
use picture::FirstPicture;
use socket::Socket;

/// A client is woken no finer than this.
const FINEST: Duration = Duration::from_millis(1);

/// What a viewer has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    counts: Counts,
    first: FirstPicture,
    delays: Vec<(SystemTime, Duration)>,
}

impl Seen {
    /// Packets received and missing.
    pub(crate) fn packets(&self) -> (u64, u64) {
        (self.counts.packets, self.counts.lost())
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.counts.bytes
    }

    /// When the first whole IDR picture had come.
    pub(crate) fn first_picture(&self) -> Option<SystemTime> {
        self.first.whole
    }

    /// How long each picture was on its way, and when it came.
    pub(crate) fn delays(&self) -> &[(SystemTime, Duration)] {
        &self.delays
    }

    /// Counts from here on.
    pub(crate) fn begin(&mut self) {
        self.counts = Counts::default();
        self.delays.clear();
    }
}

/// Whether the server's certificate must be the one that its description names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fingerprint {
    Checked,
    Unchecked,
}

/// A viewer that is not yet told where the server is.
pub(crate) struct Viewer {
    rtc: Rtc,
    socket: Socket,
    ledger: Arc<Ledger>,
    seen: Rc<RefCell<Seen>>,
}

impl Viewer {
    /// At this address of the machine.
    pub(crate) fn new(ip: IpAddr, ledger: &Arc<Ledger>) -> anyhow::Result<Self> {
        Self::with(ip, ledger, Fingerprint::Checked)
    }

    /// For a server that may name another certificate than it shows.
    pub(crate) fn with(ip: IpAddr, ledger: &Arc<Ledger>, fingerprint: Fingerprint) -> anyhow::Result<Self> {
        let config = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_h264(true)
            .set_rtp_mode(true)
            .set_fingerprint_verification(fingerprint == Fingerprint::Checked)
            .set_extension(9, Extension::AbsoluteCaptureTime)
            .set_extension(12, Extension::PlayoutDelay);
        let mut rtc = config.build(Instant::now());
        let socket = Socket::open(ip)?;
        rtc.add_local_candidate(Candidate::builder().udp().host(socket.local()).build()?);
        Ok(Self { rtc, socket, ledger: Arc::clone(ledger), seen: Rc::default() })
    }

    /// For a server that answers.
    pub(crate) fn offer(&mut self) -> anyhow::Result<(String, SdpPendingOffer)> {
        let mut changes = self.rtc.sdp_api();
        changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = changes.apply().context("there is nothing to offer")?;
        Ok((offer.to_sdp_string(), pending))
    }

    /// Takes the answer and begins.
    pub(crate) fn start(mut self, pending: SdpPendingOffer, answer: &str) -> anyhow::Result<Watching> {
        self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        Ok(self.watch())
    }

    /// For a server that offers: the answer, and the viewer that begins.
    pub(crate) fn answer(mut self, offer: &str) -> anyhow::Result<(String, Watching)> {
        let answer = self.rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(offer)?)?;
        Ok((answer.to_sdp_string(), self.watch()))
    }

    fn watch(self) -> Watching {
        let seen = Rc::clone(&self.seen);
        let task = tokio::task::spawn_local(self.run());
        Watching { seen, task }
    }

    async fn run(mut self) {
        let mut buffer = vec![0; 2048];
        while let Some(until) = self.drain(SystemTime::now()) {
            let until = tokio::time::Instant::from_std(until.max(Instant::now() + FINEST));
            tokio::select! {
                _ = self.socket.readable() => while let Some(received) = self.socket.receive(&mut buffer) {
                    let datagram = buffer.get(..received.len).unwrap_or_default();
                    self.seen.borrow_mut().counts.take(datagram);
                    let local = self.socket.local();
                    if let Ok(receive) = Receive::new(Protocol::Udp, received.from, local, datagram) {
                        // What cannot be read is counted all the same: its header is in clear.
                        let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
                    }
                    if self.drain(received.at).is_none() {
                        return;
                    }
                },
                () = tokio::time::sleep_until(until) => {
                    let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
                }
            }
        }
    }

    /// When to come back; `None` when it is over.
    fn drain(&mut self, at: SystemTime) -> Option<Instant> {
        loop {
            match self.rtc.poll_output().ok()? {
                Output::Timeout(until) => return self.rtc.is_alive().then_some(until),
                Output::Transmit(transmit) => self.socket.send(transmit.destination, &transmit.contents),
                Output::Event(Event::RtpPacket(packet)) => {
                    let mut seen = self.seen.borrow_mut();
                    let (seq, marker) = (*packet.seq_no, packet.header.marker);
                    seen.first.take(seq, marker, &packet.payload, at);
                    if let Some(delay) = marker.then(|| self.ledger.delay(&packet.payload, at)).flatten() {
                        seen.delays.push((at, delay));
                    }
                }
                Output::Event(_) => {}
            }
        }
    }
}

/// A viewer that watches until it is dropped.
pub(crate) struct Watching {
    pub(crate) seen: Rc<RefCell<Seen>>,
    task: tokio::task::JoinHandle<()>,
}

impl Watching {
    /// Whether it is still connected.
    pub(crate) fn is_alive(&self) -> bool {
        !self.task.is_finished()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.task.abort();
    }
}
