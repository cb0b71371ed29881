//! How notices are written as JSON.

use std::time::Duration;

use returnfeed_srt::PathReport;
use returnfeed_tally::Concern;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

pub(super) fn codes<S: Serializer>(concerns: &[Concern], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(concerns.iter().map(|concern| concern.as_str()))
}

/// The numbers, and the same in words.
pub(super) fn path<S: Serializer>(report: &PathReport, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("rtt_ms", &(report.rtt.as_secs_f64() * 1000.0))?;
    map.serialize_entry("lost_per_mille", &report.lost_per_mille)?;
    map.serialize_entry("repeated_per_mille", &report.repeated_per_mille)?;
    map.serialize_entry("given_up", &report.given_up)?;
    map.serialize_entry("bits_per_second", &report.bits_per_second)?;
    map.serialize_entry("words", &report.to_string())?;
    map.end()
}

pub(crate) fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[expect(clippy::ref_option, reason = "serde gives references")]
pub(super) fn maybe_millis<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
}
