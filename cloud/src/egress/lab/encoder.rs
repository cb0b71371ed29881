//! An encoder of two layers and sound, at the rates of the real one: keyframes when asked for, four times a
//! picture's size.

use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_media::rtp::Payload;
use returnfeed_protocol::{Layer, MediaTime, SessionId};

use crate::ingest::{Content, Frame};

/// What fits into one packet.
const PACKET: usize = 1_180;
/// A second's worth is 1 Mbps of 60 and 0.1 Mbps of 30 pictures, 48 kbps of 50 sounds.
const HIGH: (u64, usize) = (16_667, 2_083);
const LOW: (u64, usize) = (33_333, 417);
const SOUND: (u64, usize) = (20_000, 120);

/// Written into each picture's last packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) layer: Layer,
    pub(super) captured: Duration,
}

impl Stamp {
    const MARK: u8 = 0x5a;

    fn write(self) -> [u8; 10] {
        let mut bytes = [Self::MARK; 10];
        bytes[1] = u8::from(self.layer == Layer::High);
        bytes[2..].copy_from_slice(&(self.captured.as_micros() as u64).to_be_bytes());
        bytes
    }

    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let (&[mark, layer], rest) = payload.split_first_chunk::<2>()?;
        let micros = u64::from_be_bytes(*rest.first_chunk()?);
        let layer = if layer == 1 { Layer::High } else { Layer::Low };
        (mark == Self::MARK).then_some(Self { layer, captured: Duration::from_micros(micros) })
    }
}

struct Stream {
    layer: Layer,
    sound: bool,
    every: Duration,
    size: usize,
    next: Instant,
    keyframe_at: Option<Instant>,
}

/// When keyframes come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyframes {
    /// So long after they were asked for.
    OnRequest(Duration),
    /// So often, and never when asked.
    Each(Duration),
}

pub(super) struct Encoder {
    session: SessionId,
    begin: Instant,
    keyframes: Keyframes,
    streams: [Stream; 3],
}

impl Encoder {
    pub(super) fn new(session: SessionId, keyframes: Keyframes, begin: Instant) -> Self {
        let stream = |layer, sound, (every, size)| Stream {
            layer,
            sound,
            every: Duration::from_micros(every),
            size,
            next: begin,
            keyframe_at: Some(begin),
        };
        let streams = [
            stream(Layer::High, false, HIGH),
            stream(Layer::Low, false, LOW),
            stream(Layer::High, true, SOUND),
        ];
        Self { session, begin, keyframes, streams }
    }

    /// Whether it can be asked for keyframes.
    pub(super) fn listens(&self) -> bool {
        matches!(self.keyframes, Keyframes::OnRequest(_))
    }

    /// A keyframe of this layer is asked for.
    pub(super) fn want(&mut self, layer: Layer, now: Instant) {
        let Keyframes::OnRequest(after) = self.keyframes else { return };
        let at = now + after;
        for stream in self.streams.iter_mut().filter(|stream| stream.layer == layer && !stream.sound) {
            stream.keyframe_at = stream.keyframe_at.or(Some(at));
        }
    }

    /// When the next unit is there.
    pub(super) fn next(&self) -> Instant {
        self.streams.iter().map(|stream| stream.next).min().unwrap()
    }

    /// A unit that is there.
    pub(super) fn poll(&mut self, now: Instant) -> Option<Frame> {
        let begin = self.begin;
        let stream = self.streams.iter_mut().find(|stream| stream.next <= now)?;
        let at = stream.next;
        stream.next += stream.every;
        let keyframe = stream.keyframe_at.take_if(|due| *due <= at).is_some();
        if let Keyframes::Each(period) = self.keyframes
            && keyframe
        {
            stream.keyframe_at = Some(at + period);
        }
        let captured = at.saturating_duration_since(begin);
        let size = if keyframe && !stream.sound { stream.size * 4 } else { stream.size };
        let stamp = Stamp { layer: stream.layer, captured }.write();
        let packets = size.div_ceil(PACKET);
        let payload = |n: usize| {
            let mut data = vec![0; (size / packets).max(stamp.len())];
            let last = n + 1 == packets;
            if last && !stream.sound {
                data[..stamp.len()].copy_from_slice(&stamp);
            }
            Payload { data: Arc::from(data), marker: last && !stream.sound }
        };
        Some(Frame {
            session: self.session,
            layer: stream.layer,
            content: if stream.sound {
                Content::Audio
            } else {
                Content::Video { keyframe, after_gap: false }
            },
            pts: MediaTime::from_nanos(captured.as_nanos() as u64),
            at,
            captured: None,
            arrived: at,
            payloads: (0..packets).map(payload).collect(),
            bytes: size,
        })
    }
}
