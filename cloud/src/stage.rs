//! How long each stage held a frame: `frame_stage_seconds`.

use std::time::Duration;

use returnfeed_protocol::Layer;

use crate::metrics::Histogram;

/// Seconds; one frame at 60 is 0.0167.
const BOUNDS: [f64; 22] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.0125, 0.015, 0.0175,
    0.02, 0.0225, 0.025, 0.03, 0.05, 0.1, 0.25, 1.0,
];

/// Of the whole process: a frame's way carries no handle to whoever counts.
static HELD: [[Held; 2]; 4] = [const { [const { Histogram::new(&BOUNDS) }; 2] }; 4];

/// Seconds, by size.
pub(crate) type Held = Histogram<22>;

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
    /// All of them, in a frame's order.
    pub(crate) const ALL: [Self; 4] = [Self::Source, Self::Encode, Self::Srt, Self::Cloud];

    /// The word in the label.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Encode => "encode",
            Self::Srt => "srt",
            Self::Cloud => "cloud",
        }
    }
}

/// What is known of a stage and a layer.
pub(crate) fn held(stage: Stage, layer: Layer) -> &'static Held {
    let [source, encode, srt, cloud] = &HELD;
    let [high, low] = match stage {
        Stage::Source => source,
        Stage::Encode => encode,
        Stage::Srt => srt,
        Stage::Cloud => cloud,
    };
    match layer {
        Layer::High => high,
        Layer::Low => low,
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
pub(crate) fn record_for(stage: Stage, layer: Layer, time: Duration) {
    held(stage, layer).observe(time.as_secs_f64());
}
