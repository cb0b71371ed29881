//! The muxer: units in, SRT messages out, each unit flushed whole (ISO/IEC 13818-1).
//!
//! Refuses to hold anything back: no alignment across units, no waiting for the other track. A receiver knows
//! from the unit's own bytes where it ends: by PES length, or, above 64 KiB, by the stuffing of its last packet.
//! Invariant: every byte of a unit is in the messages that its `write` returned.

use bytes::{Buf, Bytes, BytesMut};
use returnfeed_protocol::MediaTime;

use crate::ts::packet::{self, Address, Field};
use crate::ts::psi::{self, Program, Stream};
use crate::ts::{BODY, PACKET, PAT_PID, pes};
use crate::{MAX_MESSAGE, Track, Unit, h264, opus};

const PMT_PID: u16 = 0x1000;
const VIDEO_PID: u16 = 0x100;
const AUDIO_PID: u16 = 0x101;
const PROGRAM: Program = Program { number: 1, pmt_pid: PMT_PID };

/// Tables and clock come at least this often: 100 ms, so that a receiver that joins waits no longer.
const REPEAT: u64 = MediaTime::HZ / 10;
/// The clock runs this far before the pictures: 40 ms, within which a keyframe arrives on any path we serve.
const PCR_LEAD: u64 = MediaTime::HZ / 25;
/// A time that steps back further than this is a new clock, not jitter between the tracks.
const NEW_CLOCK: u64 = MediaTime::HZ;
/// access_unit_delimiter_rbsp with primary_pic_type 7, any slice (H.264 7.4.2.4).
const DELIMITER: &[u8] = &[0, 0, 0, 1, 0x09, 0xf0];

/// Which tracks the stream has, fixed for its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MuxConfig {
    /// A track of H.264.
    pub video: bool,
    /// A track of Opus.
    pub audio: Option<AudioConfig>,
}

/// What the program table says about the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioConfig {
    /// Channels, 1 or 2.
    pub channels: u8,
}

/// A muxer for one SRT connection.
///
/// ```
/// use returnfeed_media::{AudioConfig, MuxConfig, Track, TsMuxer, Unit};
/// use returnfeed_protocol::MediaTime;
///
/// let mut muxer = TsMuxer::new(MuxConfig { video: true, audio: Some(AudioConfig { channels: 2 }) });
/// let idr = Unit {
///     track: Track::Video,
///     pts: MediaTime(90_000),
///     data: vec![0, 0, 0, 1, 0x65, 0x88, 0x80].into(),
///     keyframe: true,
/// };
/// let messages = muxer.write(&idr);
/// assert!(messages.iter().all(|message| message.len() % 188 == 0 && message.len() <= 1316));
/// ```
#[derive(Debug)]
pub struct TsMuxer {
    config: MuxConfig,
    pat: Vec<u8>,
    pmt: Vec<u8>,
    counters: Counters,
    tables_at: Option<u64>,
    clock: Option<u64>,
}

#[derive(Debug, Default)]
struct Counters {
    pat: u8,
    pmt: u8,
    video: u8,
    audio: u8,
}

/// A counter's value for the next packet with a payload (2.4.3.3).
fn next(counter: &mut u8) -> u8 {
    let now = *counter;
    *counter = (now + 1) & 0x0f;
    now
}

impl TsMuxer {
    /// A muxer whose first message begins with the tables.
    pub fn new(config: MuxConfig) -> Self {
        Self {
            config,
            pat: psi::pat(PROGRAM),
            pmt: program_map(config),
            counters: Counters::default(),
            tables_at: None,
            clock: None,
        }
    }

    /// The messages that carry `unit`, each up to seven packets and the last one short; nothing is held back.
    ///
    /// A delimiter NAL is put before a picture that has none. A unit of a track that the config does not name,
    /// and a packet of sound that fits in no PES packet, give no message.
    pub fn write(&mut self, unit: &Unit) -> Vec<Bytes> {
        let mut out = BytesMut::with_capacity(unit.data.len() + unit.data.len() / 16 + 8 * PACKET);
        match unit.track {
            Track::Video if self.config.video => self.write_video(unit, &mut out),
            Track::Audio if self.config.audio.is_some() => self.write_audio(unit, &mut out),
            Track::Video | Track::Audio => {}
        }
        let mut messages = Vec::with_capacity(out.len().div_ceil(MAX_MESSAGE));
        while !out.is_empty() {
            messages.push(out.split_to(out.len().min(MAX_MESSAGE)).freeze());
        }
        messages
    }

    fn write_video(&mut self, unit: &Unit, out: &mut BytesMut) {
        self.write_tables(unit.pts, unit.keyframe, out);
        let clock = self.clock_for(unit.pts);
        let field = Field { random_access: unit.keyframe, ..clock };
        let delimiter = if h264::starts_with_delimiter(&unit.data) { &[][..] } else { DELIMITER };
        let body = delimiter.len() + unit.data.len();
        let header = pes::write(pes::VIDEO_STREAM, unit.pts, body, end_stuffing(body, field));
        let payload = header.chain(delimiter).chain(&unit.data[..]);
        write_pes(out, VIDEO_PID, &mut self.counters.video, field, payload);
    }

    fn write_audio(&mut self, unit: &Unit, out: &mut BytesMut) {
        let control = opus::control_header(unit.data.len());
        let body = control.len() + unit.data.len();
        if unit.data.is_empty() || is_unbounded(body) {
            return;
        }
        self.write_tables(unit.pts, false, out);
        let field =
            if self.config.video { self.write_clock(unit.pts, out) } else { self.clock_for(unit.pts) };
        let header = pes::write(pes::PRIVATE_STREAM, unit.pts, body, 0);
        let payload = header.chain(control).chain(&unit.data[..]);
        write_pes(out, AUDIO_PID, &mut self.counters.audio, field, payload);
    }

    fn write_tables(&mut self, pts: MediaTime, forced: bool, out: &mut BytesMut) {
        let due = self.tables_at.is_none_or(|at| pts.0.abs_diff(at) >= REPEAT);
        if !due && !forced {
            return;
        }
        self.tables_at = Some(pts.0);
        let Counters { pat, pmt, .. } = &mut self.counters;
        for (pid, counter, section) in [(PAT_PID, pat, &self.pat), (PMT_PID, pmt, &self.pmt)] {
            // pointer_field 0, the section, and 0xff to the packet's end: tables are not stuffed by adaptation.
            let mut payload = [0xff; BODY];
            payload[0] = 0;
            payload[1..=section.len()].copy_from_slice(section);
            let to = Address { pid, starts: true, counter: next(counter) };
            packet::write(out, to, Field::default(), &mut &payload[..]);
        }
    }

    /// The clock that goes with a unit of the PCR's own track; it never steps back but with an announcement.
    fn clock_for(&mut self, pts: MediaTime) -> Field {
        let now = pts.0.saturating_sub(PCR_LEAD);
        let (pcr, discontinuity) = match self.clock {
            Some(last) if now.saturating_add(NEW_CLOCK) < last => (Some(now), true),
            Some(last) if now <= last => (None, false),
            Some(_) | None => (Some(now), false),
        };
        self.clock = pcr.or(self.clock);
        Field { pcr: pcr.map(MediaTime), random_access: false, discontinuity }
    }

    /// A packet with the clock alone, when pictures have not carried one for a while (2.7.2: 100 ms).
    fn write_clock(&mut self, pts: MediaTime, out: &mut BytesMut) -> Field {
        let now = pts.0.saturating_sub(PCR_LEAD);
        if self.clock.is_none_or(|last| now >= last.saturating_add(REPEAT)) {
            let field = self.clock_for(pts);
            // A packet without payload repeats the counter of the one before (2.4.3.3).
            let counter = self.counters.video.wrapping_sub(1) & 0x0f;
            packet::write(out, Address { pid: VIDEO_PID, starts: false, counter }, field, &mut &[][..]);
        }
        Field::default()
    }
}

fn write_pes(out: &mut BytesMut, pid: u16, counter: &mut u8, mut field: Field, mut payload: impl Buf) {
    let mut starts = true;
    while payload.has_remaining() {
        packet::write(out, Address { pid, starts, counter: next(counter) }, field, &mut payload);
        starts = false;
        field = Field::default();
    }
}

/// The PES length has 16 bits and counts the eight header bytes behind it.
const fn is_unbounded(body: usize) -> bool {
    body + 8 > u16::MAX as usize
}

/// One byte of PES stuffing where an open unit would fill its last packet exactly and so hide its end.
const fn end_stuffing(body: usize, first: Field) -> u8 {
    let fills = (pes::HEADER + body + first.size()).is_multiple_of(BODY);
    if is_unbounded(body) && fills { 1 } else { 0 }
}

fn program_map(config: MuxConfig) -> Vec<u8> {
    let channels = config.audio.map_or(0, |audio| audio.channels);
    // registration_descriptor "Opus", then extension_descriptor: opus_audio_descriptor with the channels.
    let opus = [0x05, 4, b'O', b'p', b'u', b's', 0x7f, 2, 0x80, channels];
    let video = config.video.then_some(Stream { stream_type: 0x1b, pid: VIDEO_PID, descriptors: &[] });
    let audio = config.audio.map(|_| Stream { stream_type: 0x06, pid: AUDIO_PID, descriptors: &opus });
    let streams: Vec<_> = video.into_iter().chain(audio).collect();
    psi::pmt(PROGRAM.number, if config.video { VIDEO_PID } else { AUDIO_PID }, &streams)
}
