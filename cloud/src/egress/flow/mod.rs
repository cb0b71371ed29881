//! The media of one connection: RTP made and sealed, and what its browser reports of it.
//!
//! Of the WebRTC library there is nothing here: that makes the connection (ICE, DTLS, SDP), this is what goes over it.
//! A packet is written once and sealed where it stands; what hands it to the socket copies it, once. Sans-IO: after each
//! call, [`Flow::drain`]. Invariant: sequence numbers of a stream rise and are used once, for they are its cipher's index.

mod heard;
mod hold;
mod line;
mod outbox;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use returnfeed_protocol::Bitrate;
use returnfeed_rtp::{Extensions, History, Ntp, Repair, rtcp};
use returnfeed_simulcast::{Capacity, Report, Sent, SentAudio};

use super::peer::PeerEvent;
use super::srtp::{Opener, Sealer};
use crate::ingest::Frame;
use heard::Heard;
use hold::Hold;
pub(super) use line::{Line, Resend};
use outbox::Outbox;

/// Repetitions kept: about a second and a half of the high layer.
const RESEND_PACKETS: usize = 256;
/// A packet this old comes too late for a picture without playout delay.
const RESEND_AGE: Duration = Duration::from_secs(1);
/// One byte in so many may be a repetition, so that a bad path is not made worse.
const RESEND_SHARE: usize = 4;
/// How often a frame says when it was captured, between keyframes: the browser draws the line itself.
const CAPTURE_EVERY: Duration = Duration::from_millis(500);
/// Sender reports tie sound, picture and capture time together; two make a line.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// How often the quality rule hears how a viewer fares: a path that became too narrow is known within four.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// Headers of IP, UDP and RTP with its extensions, and the tag: what a packet costs a path beside its payload.
const OVERHEAD: usize = 20 + 8 + 12 + 16 + 16;
/// Padding without a payload to repeat, in bytes: its length must be said in one.
const BLANK: usize = 240;

/// One connection's media.
pub(super) struct Flow {
    sealer: Sealer,
    opener: Opener,
    name: Box<str>,
    /// The wall's time at one moment of ours.
    wall: (Instant, SystemTime),
    video: Line,
    audio: Option<Line>,
    resend: Option<Resend>,
    repair: Repair,
    history: History,
    capacity: Capacity,
    heard: Heard,
    hold: Hold,
    last_capture: Option<Instant>,
    reports_at: Option<Instant>,
    told_at: Instant,
    outbox: Outbox,
}

impl Flow {
    /// Begins to send pictures. `name` is the canonical one; a probe is to prove more than `goal`.
    pub(super) fn new(
        (sealer, opener): (Sealer, Opener),
        name: &str,
        video: Line,
        resend: Option<Resend>,
        goal: Bitrate,
        now: Instant,
    ) -> Self {
        Self {
            sealer,
            opener,
            name: name.into(),
            wall: (now, SystemTime::now()),
            video,
            audio: None,
            resend,
            repair: Repair::new(RESEND_PACKETS, RESEND_AGE, RESEND_SHARE, now),
            history: History::default(),
            capacity: Capacity::new(goal),
            heard: Heard::default(),
            hold: Hold::default(),
            last_capture: None,
            reports_at: None,
            told_at: now,
            outbox: Outbox::default(),
        }
    }

    /// Begins to send sound, too.
    pub(super) fn add_audio(&mut self, audio: Line) {
        self.audio = Some(audio);
    }

    /// Whether anything is heard.
    pub(super) fn has_audio(&self) -> bool {
        self.audio.is_some()
    }

    /// Makes a picture's packets.
    pub(super) fn send_video(&mut self, frame: &Frame, sent: &Sent, keyframe: bool, now: Instant) {
        let capture_due = keyframe
            || self.last_capture.is_none_or(|at| frame.at.saturating_duration_since(at) >= CAPTURE_EVERY);
        let mut captured = frame.captured.filter(|_| capture_due).map(Ntp::from);
        if captured.is_some() {
            self.last_capture = Some(frame.at);
        }
        for (seq, payload) in (sent.first_seq..).zip(&frame.payloads) {
            let transport_seq = number(&mut self.history, &self.video, payload.data.len(), now);
            // Each packet of a picture but its last is as long as the others: they leave in one piece.
            let extensions = Extensions {
                mid: self.video.unbound_mid(),
                transport_seq,
                playout_delay: Some(self.hold.said),
                captured: captured.take(),
            };
            let packet =
                line::Packet { seq, timestamp: sent.timestamp, marker: payload.marker, padding: false };
            self.video.write(&packet, &extensions, [&payload.data, &[]], &self.sealer, &mut self.outbox);
            self.video.outgoing.note(payload.data.len(), sent.timestamp, sent.at);
            if self.resend.is_some() {
                let data = Arc::clone(&payload.data);
                self.repair.keep(seq, sent.timestamp, payload.marker, data, now);
            }
        }
        self.reports_at.get_or_insert(now);
    }

    /// Makes a sound's packets.
    pub(super) fn send_audio(&mut self, frame: &Frame, sent: SentAudio, now: Instant) {
        for payload in &frame.payloads {
            let Some(audio) = &mut self.audio else { return };
            let transport_seq = number(&mut self.history, audio, payload.data.len(), now);
            let extensions = Extensions { mid: audio.unbound_mid(), transport_seq, ..Extensions::default() };
            let SentAudio { seq, timestamp } = sent;
            let packet = line::Packet { seq, timestamp, marker: false, padding: false };
            audio.write(&packet, &extensions, [&payload.data, &[]], &self.sealer, &mut self.outbox);
            audio.outgoing.note(payload.data.len(), timestamp, frame.at);
        }
    }

    /// Takes a sealed report of the browser's; false if it is not its own.
    pub(super) fn handle_rtcp(&mut self, datagram: &[u8], now: Instant, events: &mut Vec<PeerEvent>) -> bool {
        let Some(compound) = self.opener.open_rtcp(datagram) else { return false };
        let mut missing = Vec::new();
        rtcp::read(&compound, |message| match message {
            rtcp::Message::Report(block) => self.handle_block(&block, now),
            rtcp::Message::Missing { ssrc, lost } if ssrc == self.video.outgoing.ssrc() => {
                missing.extend(lost.iter().take(RESEND_PACKETS));
            }
            rtcp::Message::Missing { .. } => {}
            rtcp::Message::KeyframeWanted => events.push(PeerEvent::KeyframeWanted),
            rtcp::Message::Estimate(bits) => self.heard.estimate(Bitrate(bits)),
            rtcp::Message::Transport(feedback) => {
                let capacity = &mut self.capacity;
                let heard = self.history.handle(&feedback, now, |arrival| {
                    capacity.handle_arrival(arrival.sent, arrival.arrived, arrival.bytes);
                });
                self.capacity.handle_feedback(now);
                self.heard.transport(heard.round_trip);
            }
        });
        let round_trip = self.heard.last_round_trip();
        for seq in missing {
            self.repeat(seq, round_trip, now);
        }
        true
    }

    fn handle_block(&mut self, block: &rtcp::Block, now: Instant) {
        if block.ssrc == self.video.outgoing.ssrc() {
            self.video.bound = true;
            let wall = self.wall_at(now);
            self.heard.block(block, wall);
        } else if let Some(audio) = self.audio.as_mut().filter(|audio| audio.outgoing.ssrc() == block.ssrc) {
            audio.bound = true;
        } else if let Some(resend) =
            self.resend.as_mut().filter(|resend| resend.line.outgoing.ssrc() == block.ssrc)
        {
            resend.line.bound = true;
        }
    }

    /// Sends a packet once more, on the stream for that (RFC 4588).
    fn repeat(&mut self, seq: u16, round_trip: Duration, now: Instant) {
        let Some(kept) = self.repair.repeat(seq, round_trip, now) else { return };
        let (seq, timestamp, marker, payload) =
            (kept.seq, kept.timestamp, kept.marker, Arc::clone(&kept.payload));
        self.send_again(seq, timestamp, marker, &payload, now);
    }

    fn send_again(&mut self, seq: u64, timestamp: u32, marker: bool, payload: &[u8], now: Instant) {
        let Some(resend) = &mut self.resend else { return };
        let resend_seq = resend.next();
        let transport_seq = number(&mut self.history, &resend.line, payload.len(), now);
        let extensions = Extensions {
            mid: resend.line.unbound_mid(),
            transport_seq,
            playout_delay: Some(self.hold.said),
            captured: None,
        };
        let packet = line::Packet { seq: resend_seq, timestamp, marker, padding: false };
        // Its original number stands before the payload.
        let original = (seq as u16).to_be_bytes();
        resend.line.write(&packet, &extensions, [&original, payload], &self.sealer, &mut self.outbox);
        resend.line.outgoing.note(payload.len(), timestamp, now);
    }

    /// Sends so many bytes that change no picture: what was sent lately once more, or nothing at all.
    fn pad(&mut self, bytes: usize, now: Instant) {
        let again: Vec<_> = self
            .repair
            .newest()
            .map(|kept| (kept.seq, kept.timestamp, kept.marker, Arc::clone(&kept.payload)))
            .scan(0, |sum, kept| {
                let before = *sum;
                *sum += kept.3.len() + OVERHEAD;
                (before < bytes).then_some(kept)
            })
            .collect();
        let mut left = bytes;
        for (seq, timestamp, marker, payload) in &again {
            self.send_again(*seq, *timestamp, *marker, payload, now);
            left = left.saturating_sub(payload.len() + OVERHEAD);
        }
        while left > 0 {
            self.send_blank(now);
            left = left.saturating_sub(BLANK + OVERHEAD);
        }
    }

    fn send_blank(&mut self, now: Instant) {
        let Some(resend) = &mut self.resend else { return };
        let seq = resend.next();
        let transport_seq = number(&mut self.history, &resend.line, BLANK, now);
        let extensions =
            Extensions { mid: resend.line.unbound_mid(), transport_seq, ..Extensions::default() };
        let timestamp = self.video.outgoing.last_timestamp().unwrap_or(0);
        let packet = line::Packet { seq, timestamp, marker: false, padding: true };
        let mut padding = [0; BLANK];
        if let Some(length) = padding.last_mut() {
            *length = BLANK as u8;
        }
        resend.line.write(&packet, &extensions, [&padding, &[]], &self.sealer, &mut self.outbox);
    }

    /// When to call [`Self::handle_timeout`].
    pub(super) fn deadline(&self) -> Instant {
        let deadlines = [self.reports_at, self.capacity.poll_timeout()];
        deadlines.into_iter().flatten().fold(self.told_at + TELL_EVERY, Instant::min)
    }

    /// Lets time pass.
    pub(super) fn handle_timeout(&mut self, now: Instant, events: &mut Vec<PeerEvent>) {
        if self.reports_at.is_some_and(|at| at <= now) {
            self.report(now);
            self.reports_at = Some(now + REPORT_EVERY);
        }
        while let Some(bytes) = self.capacity.poll_padding(now) {
            self.pad(bytes, now);
        }
        if now.saturating_duration_since(self.told_at) >= TELL_EVERY {
            self.told_at = now;
            events.push(PeerEvent::Report(self.tell(now)));
        }
    }

    /// From transport-wide feedback where there is any, else from receiver reports.
    fn tell(&mut self, now: Instant) -> Report {
        let loss = self.history.loss(now);
        let Heard { is_transport_wide, .. } = self.heard;
        let proves = is_transport_wide && self.resend.is_some();
        Report {
            loss: loss.or(self.heard.take_loss()),
            rtt: self.heard.take_round_trip(),
            bandwidth: if proves { Some(self.capacity.estimate()) } else { self.heard.estimated },
        }
    }

    fn report(&mut self, now: Instant) {
        let wall = self.wall_at(now);
        let lines = [Some(&self.video), self.audio.as_ref()];
        let reports: Vec<_> =
            lines.into_iter().flatten().filter_map(|line| line.outgoing.report(now, wall)).collect();
        if !reports.is_empty() {
            self.send_rtcp(|name, packet| rtcp::write_sender_reports(&reports, name, packet));
        }
    }

    /// Says goodbye.
    pub(super) fn close(&mut self) {
        let lines = [Some(&self.video), self.audio.as_ref()];
        let streams: Vec<_> = lines.into_iter().flatten().map(|line| line.outgoing.ssrc()).collect();
        self.send_rtcp(|_, packet| rtcp::write_goodbye(&streams, packet));
    }

    fn send_rtcp(&mut self, write: impl FnOnce(&str, &mut Vec<u8>)) {
        let begin = self.outbox.begin();
        write(&self.name, &mut self.outbox.bytes);
        match self.sealer.seal_rtcp(&mut self.outbox.bytes, begin) {
            Ok(()) => self.outbox.end(),
            Err(error) => {
                tracing::debug!(%error, "a report was not sealed");
                self.outbox.undo(begin);
            }
        }
    }

    fn wall_at(&self, now: Instant) -> Ntp {
        let (at, wall) = self.wall;
        Ntp::from(wall + now.saturating_duration_since(at))
    }

    /// Interarrival jitter of the video, as the browser last reported it.
    pub(super) fn jitter(&self) -> Option<Duration> {
        self.heard.jitter
    }

    /// How long the browser is told to hold a picture.
    pub(super) fn playout_delay(&self) -> Duration {
        self.hold.delay
    }

    /// Tells the browser how long to hold a picture, with the next one.
    pub(super) fn set_playout_delay(&mut self, delay: Duration) {
        if self.hold.delay != delay {
            self.hold = Hold::new(delay);
        }
    }

    /// Lets padding find out what the path carries beyond what is sent.
    pub(super) fn begin_probe(&mut self, now: Instant) {
        self.capacity.begin_probe(now);
    }

    /// No more padding.
    pub(super) fn end_probe(&mut self) {
        self.capacity.end_probe();
    }

    /// The path became too narrow: nobody needs repeated what it was too narrow for, and what it was proven to carry
    /// is to be proven again.
    pub(super) fn became_narrow(&mut self) {
        self.repair.clear();
        self.capacity.doubt();
    }

    /// Hands out the datagrams.
    pub(super) fn drain(&mut self, take: impl FnMut(&[u8])) {
        self.outbox.drain(take);
    }
}

/// The transport-wide number of a packet, where its section has one.
fn number(history: &mut History, line: &Line, payload: usize, now: Instant) -> Option<u16> {
    line.ids.transport_seq.is_some().then(|| history.send(payload + OVERHEAD, now))
}
