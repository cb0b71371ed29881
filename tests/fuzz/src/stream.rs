//! MPEG-TS into the demuxer: raw messages, packets on the right PIDs, tables whose checksum holds, PES packets with
//! headers, losses. Each unit that comes out goes through our muxer and must come back the same.

use std::collections::HashMap;

use returnfeed_media::{DemuxEvent, MAX_UNIT, MuxConfig, Track, TsDemuxer, TsMuxer, Unit, h264, opus};

use crate::Script;

const PMT_PID: u16 = 0x30;
/// What scripts name by two bits.
const PIDS: [u16; 4] = [0, PMT_PID, 0x41, 0x42];

pub(crate) fn run(data: &[u8]) {
    let mut script = Script::new(data);
    let mut stream = Stream::default();
    while !script.is_over() {
        stream.step(&mut script);
    }
    stream.flush();
}

#[derive(Default)]
struct Stream {
    demuxer: TsDemuxer,
    counters: HashMap<u16, u8>,
    message: Vec<u8>,
    /// Bytes and calls that went in.
    taken: usize,
    events: usize,
    unit_bytes: usize,
}

impl Stream {
    fn step(&mut self, script: &mut Script<'_>) {
        let what = script.u8();
        let pid = PIDS[usize::from(what >> 6)];
        match what % 8 {
            // A file, in messages of full length.
            0 => script.rest().chunks(1_316).for_each(|message| self.send(message)),
            1 => {
                let count = usize::from(script.u16() % 1_500);
                self.message.extend_from_slice(script.take(count));
            }
            2 => self.packet(pid, script),
            3 => self.table(pid, script),
            4 => self.pes(pid, script),
            5 => {
                self.flush();
                self.demuxer.handle_loss();
                self.taken += 1;
                self.drain();
            }
            6 => self.tables_of_a_feed(script),
            _ => self.flush(),
        }
        if self.message.len() > 1_316 {
            self.flush();
        }
    }

    /// A packet of any content on a PID that matters, its counter right unless the script says otherwise.
    fn packet(&mut self, pid: u16, script: &mut Script<'_>) {
        let (flags, jump) = (script.u8(), script.u8());
        let payload = script.take(184);
        let count = self.counter(pid).wrapping_add(jump >> 4) & 15;
        let [high, low] = pid.to_be_bytes();
        self.message.extend([0x47, high | flags & 0xe0, low, (flags << 4) & 0xf0 | count]);
        self.message.extend(payload);
        self.message.extend(std::iter::repeat_n(0xff, 184 - payload.len()));
    }

    fn counter(&mut self, pid: u16) -> u8 {
        let counter = self.counters.entry(pid).or_default();
        let now = *counter;
        *counter = (now + 1) & 15;
        now
    }

    /// A section with its length and checksum set right.
    fn table(&mut self, pid: u16, script: &mut Script<'_>) {
        let count = usize::from(script.u16() % 1_100);
        let content = script.take(count);
        self.section(pid, content);
    }

    /// PAT and PMT as an encoder writes them, the streams' types and descriptors from the script.
    fn tables_of_a_feed(&mut self, script: &mut Script<'_>) {
        self.section(0, &[0, 0, 0, 0, 1, 0xc1, 0, 0, 0, 9, 0xe0, 0x30]);
        let mut map = vec![2, 0, 0, 0, 9, 0xc1 | script.u8() << 1 & 0x3e, 0, 0, 0xe0, 0x41, 0xf0, 0];
        let kinds = script.u8();
        map.extend([if kinds & 1 == 0 { 0x1b } else { script.u8() }, 0xe0, 0x41, 0xf0, 0]);
        if kinds & 2 == 0 {
            map.extend([6, 0xe0, 0x42, 0xf0, 10, 5, 4]);
            map.extend(b"Opus");
            map.extend([0x7f, 2, 0x80, script.u8()]);
        } else {
            let descriptors = script.take(usize::from(kinds >> 2));
            map.extend([script.u8(), 0xe0, 0x42, 0xf0, u8::try_from(descriptors.len()).unwrap_or(0)]);
            map.extend(descriptors);
        }
        self.section(PMT_PID, &map);
    }

    fn section(&mut self, pid: u16, content: &[u8]) {
        let mut section = content.to_vec();
        if section.len() < 3 {
            return;
        }
        let length = u16::try_from(section.len() + 1).unwrap_or(u16::MAX);
        section[1..3].copy_from_slice(&(0xb000 | length & 0x0fff).to_be_bytes());
        let crc = crc32(&section);
        section.extend(crc.to_be_bytes());
        let mut payload = [&[0], section.as_slice()].concat();
        payload.resize(payload.len().next_multiple_of(184), 0xff);
        self.payloads(pid, &payload);
    }

    /// A PES packet with a PTS of the script, as a whole.
    fn pes(&mut self, pid: u16, script: &mut Script<'_>) {
        let (kind, time, count) = (script.u8(), script.u32(), usize::from(script.u16() % 3_000));
        let body = script.take(count);
        let [a, b, c, d] = time.to_be_bytes();
        let stamp = [0x21 | a >> 4 & 0x0e, b, c | 1, d, a << 1 | 1];
        let mut bytes = vec![0, 0, 1, if kind & 1 == 0 { 0xe0 } else { 0xbd }];
        let length = if kind & 2 == 0 { 0 } else { u16::try_from(body.len() + 8).unwrap_or(0) };
        bytes.extend(length.to_be_bytes());
        if kind & 4 == 0 {
            bytes.extend([0x80, 0x80, 5]);
            bytes.extend(stamp);
        } else {
            bytes.extend([0x80, 0xc0, 10]);
            bytes.extend(stamp);
            bytes.extend([0x11, b, 1, kind, 1]);
        }
        if kind & 8 != 0 {
            // What an encoder puts before every picture, or before a packet of sound.
            bytes.extend([0, 0, 0, 1, 0x09, 0xf0, 0, 0, 1, 0x65, 0x88]);
        }
        bytes.extend(body);
        self.payloads(pid, &bytes);
    }

    fn payloads(&mut self, pid: u16, bytes: &[u8]) {
        for (index, piece) in bytes.chunks(184).enumerate() {
            let count = self.counter(pid);
            let [high, low] = pid.to_be_bytes();
            let start = if index == 0 { 0x40 } else { 0 };
            let stuffing = 184 - piece.len();
            self.message.extend([0x47, high | start, low, if stuffing == 0 { 0x10 } else { 0x30 } | count]);
            match stuffing {
                0 => {}
                1 => self.message.push(0),
                _ => {
                    self.message.extend([u8::try_from(stuffing - 1).unwrap_or(0), 0]);
                    self.message.extend(std::iter::repeat_n(0xff, stuffing - 2));
                }
            }
            self.message.extend(piece);
        }
    }

    fn flush(&mut self) {
        for message in std::mem::take(&mut self.message).chunks(1_316) {
            self.send(message);
        }
    }

    fn send(&mut self, message: &[u8]) {
        self.demuxer.handle_message(message);
        self.taken += message.len();
        self.drain();
    }

    /// What comes out is bounded by what went in: no byte is handed over twice, and no byte tells more than one
    /// thing.
    fn drain(&mut self) {
        while let Some(event) = self.demuxer.poll_event() {
            self.events += 1;
            if let DemuxEvent::Unit(unit) = event {
                self.unit_bytes += unit.data.len();
                check(&unit);
            }
        }
        assert!(self.unit_bytes <= self.taken, "{} bytes out of {}", self.unit_bytes, self.taken);
        assert!(self.events <= self.taken + 8, "{} events of {} bytes", self.events, self.taken);
    }
}

fn check(unit: &Unit) {
    assert!(!unit.data.is_empty() && unit.data.len() <= MAX_UNIT + 188);
    match unit.track {
        Track::Video => {
            assert!(h264::nals(&unit.data).next().is_some());
            assert_eq!(unit.keyframe, h264::is_idr(&unit.data));
        }
        Track::Audio => assert!(!unit.keyframe && opus::duration(&unit.data).is_some()),
    }
    round_trip(unit);
}

/// Our muxer writes it, our demuxer reads it: at once, the same, and at the same time.
fn round_trip(unit: &Unit) {
    let audio = returnfeed_media::AudioConfig { channels: 2 };
    let mut muxer = TsMuxer::new(MuxConfig { video: true, audio: Some(audio) });
    let mut demuxer = TsDemuxer::near(unit.pts);
    let messages = muxer.write(unit);
    if messages.is_empty() {
        assert!(unit.track == Track::Audio && unit.data.len() > 60_000);
        return;
    }
    let mut units = Vec::new();
    for message in messages {
        assert!(message.len() <= returnfeed_media::MAX_MESSAGE && message.len() % 188 == 0);
        demuxer.handle_message(&message);
        units.extend(std::iter::from_fn(|| demuxer.poll_event()).filter_map(|event| match event {
            DemuxEvent::Unit(unit) => Some(unit),
            _ => None,
        }));
    }
    let mut wanted = unit.clone();
    if unit.track == Track::Video && !h264::starts_with_delimiter(&unit.data) {
        wanted.data = [&[0, 0, 0, 1, 0x09, 0xf0], &unit.data[..]].concat().into();
    }
    assert_eq!(units, [wanted]);
}

/// CRC_32 of ISO/IEC 13818-1 Annex A, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        for bit in (0..8).rev() {
            let carry = (crc >> 31) ^ u32::from(byte >> bit & 1);
            crc = (crc << 1) ^ (carry * 0x04c1_1db7);
        }
    }
    crc
}
