//! What is pushed: 60 units a second of 1 Mbit/s, a keyframe each two seconds, each message of seven TS packets or
//! fewer, stamped with the moment that its unit was handed to SRT.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Between two units of a stream.
pub(crate) const FRAME: Duration = Duration::from_micros(16_667);
/// A keyframe each so many units.
const KEYFRAME_EACH: u32 = 120;
/// Seven TS packets.
const WHOLE: usize = 7 * 188;
/// What a usual unit has beyond seven.
const REST: usize = 3 * 188;
const KEYFRAME_MESSAGES: u8 = 16;

/// What each message carries at its front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) stream: u32,
    pub(crate) unit: u32,
    /// How many messages the unit has.
    pub(crate) parts: u8,
    /// On the clock that all processes share.
    pub(crate) at_ns: u64,
}

/// How much is pushed.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) struct Plan {
    pub(crate) streams: u32,
    /// Counted units of each stream.
    pub(crate) units: u32,
    /// Units after them that are not counted: a lost tail shows only by what follows it, and not all senders prove it.
    pub(crate) after: u32,
}

impl Plan {
    /// When a stream's unit is due, after the first one's begin; the streams are spread over a frame's time.
    pub(crate) fn due(&self, stream: u32, unit: u32) -> Duration {
        FRAME * unit + FRAME * stream / self.streams
    }

    pub(crate) fn all_units(&self) -> u32 {
        self.units + self.after
    }
}

/// The messages of a unit that is handed over now.
pub(crate) fn messages(stream: u32, unit: u32) -> impl Iterator<Item = Vec<u8>> {
    let parts = if unit.is_multiple_of(KEYFRAME_EACH) { KEYFRAME_MESSAGES } else { 2 };
    let mut front = Vec::with_capacity(17);
    front.extend(stream.to_be_bytes());
    front.extend(unit.to_be_bytes());
    front.extend(now_ns().to_be_bytes());
    front.push(parts);
    (0..parts).map(move |part| {
        let length = if parts == 2 && part == 1 { REST } else { WHOLE };
        let mut message = vec![0x47; length];
        message[..front.len()].copy_from_slice(&front);
        message
    })
}

/// Reads a message's front.
pub(crate) fn stamp(message: &[u8]) -> Option<Stamp> {
    let (stream, rest) = message.split_first_chunk()?;
    let (unit, rest) = rest.split_first_chunk()?;
    let (at_ns, rest) = rest.split_first_chunk()?;
    Some(Stamp {
        stream: u32::from_be_bytes(*stream),
        unit: u32::from_be_bytes(*unit),
        parts: *rest.first()?,
        at_ns: u64::from_be_bytes(*at_ns),
    })
}

/// Nanoseconds on the clock that all processes share.
pub(crate) fn now_ns() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("this system has a monotonic clock");
    u64::try_from(Duration::from(time).as_nanos()).expect("no machine runs for 500 years")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_units_is_a_megabit_and_each_message_says_what_it_is() {
        let second = 0..60;
        let keyframe: usize = messages(3, 0).map(|message| message.len()).sum();
        let usual: usize =
            second.skip(1).flat_map(|unit| messages(3, unit)).map(|message| message.len()).sum();
        let bits = (keyframe / 2 + usual) * 8;
        assert!((900_000..1_050_000).contains(&bits), "{bits}");
        let last = messages(3, 7).last().unwrap();
        let read = stamp(&last).unwrap();
        assert_eq!((read.stream, read.unit, read.parts), (3, 7, 2));
        assert!(read.at_ns <= now_ns());
        assert_eq!(stamp(&last[..16]), None);
    }
}
