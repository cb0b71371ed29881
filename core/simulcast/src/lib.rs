//! The quality rule, layer switching on one RTP stream, and the keyframe policy.
//!
//! This crate refuses to know packets, sockets and sessions: it says which unit goes out under which sequence
//! number and timestamp, and when to ask for a keyframe.
//!
//! Invariant: one viewer's stream has contiguous sequence numbers, rising timestamps, and begins or changes its
//! layer only at an IDR of that layer, whatever the publisher does.

mod audio;
mod capacity;
mod gop;
mod keyframes;
mod playout;
mod quality;
mod rule;
mod timeline;
mod video;

pub use audio::{AudioStream, SentAudio};
pub use capacity::Capacity;
pub use gop::GopCache;
pub use keyframes::KeyframePolicy;
pub use playout::Playout;
pub use quality::{Measured, Probe, QualityRule, Report, Thresholds};
pub use rule::{Given, Network, Present, choose};
pub use video::{Offered, Sent, Switch, VideoStream};
