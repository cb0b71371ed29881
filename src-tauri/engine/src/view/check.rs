//! What a check found, line by line.

use serde::Serialize;

use super::Spoken;

/// One line of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckLine {
    /// What was looked at, by code.
    pub what: CheckOf,
    /// How it is.
    pub is: CheckIs,
    /// What was found, with its figures; and what to do.
    pub says: Spoken,
}

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum CheckOf {
    /// Frames from each source.
    Sources,
    /// An encoder that proved itself.
    Encoder,
    /// The cloud answers, and we are somebody there.
    Cloud,
    /// UDP to its SRT port.
    Srt,
    /// What the way carries.
    Upload,
    /// Our clock beside the cloud's.
    Clock,
    /// Room on the disk.
    Disk,
    /// Mains or battery.
    Power,
    /// Operators' phones.
    Phones,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum CheckIs {
    /// Being looked at.
    Running,
    /// As it should be.
    Good,
    /// It works, and should be seen to.
    Look,
    /// It does not work.
    Broken,
    /// Not known before the programme goes there.
    Unknown,
}
