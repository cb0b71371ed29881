//! What the tests share: units that look like the real thing, and ways to run them through mux and demux.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod foreign;
pub(crate) mod tools;

use bytes::Bytes;
use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use returnfeed_media::{AudioConfig, DemuxEvent, MuxConfig, Track, TsDemuxer, Unit};
use returnfeed_protocol::MediaTime;

/// A committed seed, so that a run is the same everywhere; `RETURNFEED_CASES` multiplies the cases for long runs
/// and `RETURNFEED_SEED` chooses others.
#[expect(clippy::disallowed_methods, reason = "a test may be told by its caller how long to run")]
pub(crate) fn proptest_config(cases: u32) -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let factor = number("RETURNFEED_CASES").and_then(|factor| u32::try_from(factor).ok()).unwrap_or(1);
    ProptestConfig {
        cases: cases.saturating_mul(factor),
        rng_seed: RngSeed::Fixed(number("RETURNFEED_SEED").unwrap_or(0x5eed)),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Both tracks.
pub(crate) const BOTH: MuxConfig = MuxConfig { video: true, audio: Some(AudioConfig { channels: 2 }) };

/// A picture of `size` bytes with its delimiter, filled so that no two are alike.
pub(crate) fn picture(index: u64, size: usize, keyframe: bool) -> Unit {
    // first_mb_in_slice 0; slice_type 7, all intra, or 5, all predicted.
    let slice = if keyframe { [0x65, 0x88] } else { [0x41, 0x9a] };
    let mut data = vec![0, 0, 0, 1, 0x09, 0xf0, 0, 0, 0, 1];
    data.extend(slice);
    data.extend(noise(index).take(size.max(1)));
    data.push(0x80);
    Unit { track: Track::Video, pts: MediaTime(index * 1_500), data: data.into(), keyframe }
}

/// A packet of 20 ms of sound.
pub(crate) fn sound(index: u64, size: usize) -> Unit {
    let data: Bytes = std::iter::once(0xf8).chain(noise(index + 7).take(size)).collect();
    Unit { track: Track::Audio, pts: MediaTime(index * 1_800), data, keyframe: false }
}

/// Bytes that differ by seed and never hold a start code.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u8::try_from(state >> 56).unwrap_or(0) | 0x04
    })
}

/// All events that the messages give.
pub(crate) fn events_of<M: AsRef<[u8]>>(
    demuxer: &mut TsDemuxer,
    messages: impl IntoIterator<Item = M>,
) -> Vec<DemuxEvent> {
    let mut events = Vec::new();
    for message in messages {
        demuxer.handle_message(message.as_ref());
        events.extend(std::iter::from_fn(|| demuxer.poll_event()));
    }
    events
}

/// The units among the events.
pub(crate) fn units_of(events: Vec<DemuxEvent>) -> Vec<Unit> {
    events
        .into_iter()
        .filter_map(|event| match event {
            DemuxEvent::Unit(unit) => Some(unit),
            DemuxEvent::Discontinuity { .. } | DemuxEvent::Format { .. } | DemuxEvent::Unusable(_) => None,
        })
        .collect()
}
