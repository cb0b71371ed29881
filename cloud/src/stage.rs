//! How long each stage held a frame, as `/metrics` tells it: `frame_stage_seconds`.

use std::time::Duration;

use returnfeed_protocol::Layer;

/// A stage of a frame's way.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// From the source to the encoder.
    Source,
    /// In the encoder.
    Encode,
    /// From the encoder to this server.
    Srt,
    /// In this server: from its last byte in to its last byte out.
    Cloud,
}

impl Stage {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Encode => "encode",
            Self::Srt => "srt",
            Self::Cloud => "cloud",
        }
    }
}

/// Records a stage between two moments of Unix time in µs; clocks that disagree by more than the stage record
/// nothing.
pub(crate) fn record(stage: Stage, layer: Layer, from_us: u64, to_us: u64) {
    if let Some(us) = to_us.checked_sub(from_us).filter(|us| *us < 60_000_000) {
        record_for(stage, layer, Duration::from_micros(us));
    }
}

/// Records a stage that was measured on one clock.
pub(crate) fn record_for(stage: Stage, layer: Layer, held: Duration) {
    metrics::histogram!("frame_stage_seconds", "stage" => stage.as_str(), "layer" => layer.as_str())
        .record(held.as_secs_f64());
}
