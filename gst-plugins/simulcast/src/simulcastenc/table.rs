//! The encoders this element knows, best first, and how each is told to encode without waiting.
//!
//! Pure. It refuses nothing itself: a property that an installed version lacks is left out when the encoder is
//! built, because what counts is proven by the trial, not by the settings. Invariant: every row asks for constant
//! bit rate, no B-frames, no look-ahead, and key frames only when they are asked for.

use super::plan::LayerPlan;

/// One H.264 encoder element.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// GStreamer's name of the element.
    pub(crate) factory: &'static str,
    /// The GStreamer plugin that holds it.
    pub(crate) plugin: &'static str,
    /// What people call it.
    pub(crate) family: &'static str,
    /// The unit of its `bitrate` property.
    pub(crate) bitrate_unit: Unit,
    /// The form of H.264 it gives.
    pub(crate) output: Output,
    /// What its rate control counts.
    pub(crate) counts: Counts,
    settings: &'static [(&'static str, Value)],
}

/// The unit of an encoder's `bitrate` property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// 1 bit/s.
    Bit,
    /// 1000 bit/s.
    Kilobit,
}

/// The form of H.264 an encoder gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Start codes, as we give it on.
    ByteStream,
    /// Length prefixes: a parser turns it into start codes.
    LengthPrefixed,
}

/// What an encoder's rate control counts when it spreads its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// Pictures, each taken for the told rate's share of a second: at a lower real rate it needs a higher bit rate.
    Pictures,
    /// Time, by the pictures' timestamps: it needs no help.
    Time,
}

/// One property's value.
#[derive(Clone, Copy, Debug)]
enum Value {
    Text(&'static str),
    /// The key-frame distance in frames beyond which the encoder makes one by itself: longer than ours, so that
    /// time and requests decide, not a count of frames.
    GopFrames,
    /// The rate buffer in kilobits.
    VbvKilobits,
    /// The rate buffer in milliseconds.
    VbvMs,
    /// The rate buffer in bits.
    VbvBits,
    /// The target bit rate again, for encoders with a second knob for the peak, in kbit/s.
    Kilobits,
    /// One word for the large picture at 60, one for the small one at 30 which can afford more care.
    Effort {
        high: &'static str,
        low: &'static str,
    },
}

/// Longer than any key-frame distance we set: 1000 frames are 16 s at 60.
const GOP_FRAMES: u32 = 1000;

impl Candidate {
    /// The properties of this encoder for a layer, as GStreamer's command line would take them.
    pub(crate) fn settings(&self, plan: &LayerPlan) -> Vec<(&'static str, String)> {
        let bitrate = ("bitrate", self.bitrate(plan.bitrate).to_string());
        std::iter::once(bitrate)
            .chain(self.settings.iter().map(|(name, value)| (*name, value.text(plan))))
            .collect()
    }

    /// What changes when the encoder is given `bits` per second in place of the planned rate: the rate, and a buffer
    /// that is told in milliseconds of it, so that the buffer keeps its bits.
    pub(crate) fn at_rate(&self, plan: &LayerPlan, bits: u32) -> Vec<(&'static str, String)> {
        let ms = u64::from(plan.vbv_ms) * u64::from(plan.bitrate) / u64::from(bits.max(1));
        let buffer = self.settings.iter().filter(|(_, value)| matches!(value, Value::VbvMs));
        let buffer = buffer.map(|(name, _)| (*name, ms.max(1).to_string()));
        std::iter::once(("bitrate", self.bitrate(bits).to_string())).chain(buffer).collect()
    }

    /// A bit rate in this encoder's unit, never zero (which most take as "choose yourself").
    fn bitrate(&self, bits: u32) -> u32 {
        match self.bitrate_unit {
            Unit::Bit => bits.max(1000),
            Unit::Kilobit => (bits / 1000).max(1),
        }
    }
}

impl Value {
    fn text(self, plan: &LayerPlan) -> String {
        let vbv_bits = u64::from(plan.bitrate) * u64::from(plan.vbv_ms) / 1000;
        match self {
            Value::Text(text) => text.to_owned(),
            Value::GopFrames => GOP_FRAMES.to_string(),
            Value::VbvKilobits => (vbv_bits / 1000).max(1).to_string(),
            Value::VbvMs => plan.vbv_ms.to_string(),
            Value::VbvBits => vbv_bits.to_string(),
            Value::Kilobits => (plan.bitrate / 1000).max(1).to_string(),
            Value::Effort { high, low } => if plan.is_low() { low } else { high }.to_owned(),
        }
    }
}

/// The candidate of this name.
pub(crate) fn named(factory: &str) -> Option<&'static Candidate> {
    CANDIDATES.iter().find(|candidate| candidate.factory == factory)
}

use Value::{Effort, GopFrames, Kilobits, Text, VbvBits, VbvKilobits, VbvMs};

/// Best first: silicon made for it, then the two libraries that every processor can run.
pub(crate) static CANDIDATES: &[Candidate] = &[
    Candidate {
        factory: "nvh264enc",
        plugin: "nvcodec",
        family: "NVENC",
        bitrate_unit: Unit::Kilobit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[
            ("preset", Text("low-latency-hq")), // replaced by p1..p7 and `tune` in newer versions, which then refuse it
            ("tune", Text("ultra-low-latency")),
            ("rc-mode", Text("cbr")),
            ("zerolatency", Text("true")),
            ("bframes", Text("0")),
            ("rc-lookahead", Text("0")),
            ("gop-size", GopFrames),
            ("vbv-buffer-size", VbvKilobits),
            ("repeat-sequence-header", Text("true")),
            ("aud", Text("false")),
        ],
    },
    Candidate {
        factory: "nvcudah264enc",
        plugin: "nvcodec",
        family: "NVENC over CUDA",
        bitrate_unit: Unit::Kilobit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[
            ("tune", Text("ultra-low-latency")),
            ("rate-control", Text("cbr")),
            ("zero-reorder-delay", Text("true")),
            ("b-frames", Text("0")),
            ("rc-lookahead", Text("0")),
            ("i-adapt", Text("false")),
            ("cabac", Text("false")),
            ("gop-size", GopFrames),
            ("vbv-buffer-size", VbvKilobits),
            ("repeat-sequence-header", Text("true")),
            ("aud", Text("false")),
        ],
    },
    va("vah264enc", "VA-API"),
    va("vah264lpenc", "VA-API, low power"),
    Candidate {
        factory: "vaapih264enc",
        plugin: "vaapi",
        family: "VA-API, older plugin",
        bitrate_unit: Unit::Kilobit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[
            ("rate-control", Text("cbr")),
            ("max-bframes", Text("0")),
            ("refs", Text("1")),
            ("num-slices", Text("1")),
            ("cabac", Text("false")),
            ("dct8x8", Text("false")),
            ("keyframe-period", GopFrames),
            ("cpb-length", VbvMs),
            ("aud", Text("false")),
        ],
    },
    Candidate {
        factory: "qsvh264enc",
        plugin: "qsv",
        family: "Quick Sync",
        bitrate_unit: Unit::Kilobit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[
            ("rate-control", Text("cbr")),
            ("max-bitrate", Kilobits),
            ("low-latency", Text("true")),
            ("b-frames", Text("0")),
            ("ref-frames", Text("1")),
            ("rc-lookahead", Text("0")),
            ("cabac", Text("off")),
            ("gop-size", GopFrames),
            ("target-usage", Effort { high: "6", low: "4" }),
        ],
    },
    Candidate {
        factory: "amfh264enc",
        plugin: "amfcodec",
        family: "AMF",
        bitrate_unit: Unit::Kilobit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[
            ("usage", Text("ultra-low-latency")),
            ("rate-control", Text("cbr")),
            ("max-bitrate", Kilobits),
            ("b-frames", Text("0")),
            ("cabac", Text("false")),
            ("gop-size", GopFrames),
            ("aud", Text("false")),
        ],
    },
    videotoolbox("vtenc_h264_hw", "VideoToolbox, hardware"),
    videotoolbox("vtenc_h264", "VideoToolbox"),
    Candidate {
        factory: "mfh264enc",
        plugin: "mediafoundation",
        family: "Media Foundation",
        bitrate_unit: Unit::Kilobit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[
            ("rc-mode", Text("cbr")),
            ("low-latency", Text("true")),
            ("bframes", Text("0")),
            ("ref", Text("1")),
            ("cabac", Text("false")),
            ("gop-size", GopFrames),
            ("vbv-buffer-size", VbvBits),
        ],
    },
    Candidate {
        factory: "avenc_h264_omx",
        plugin: "libav",
        family: "OpenMAX",
        bitrate_unit: Unit::Bit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[("gop-size", GopFrames), ("max-bframes", Text("0")), ("bufsize", VbvBits)],
    },
    Candidate {
        factory: "x264enc",
        plugin: "x264",
        family: "x264",
        bitrate_unit: Unit::Kilobit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[
            ("tune", Text("zerolatency")),
            ("speed-preset", Effort { high: "veryfast", low: "fast" }),
            ("pass", Text("cbr")),
            ("bframes", Text("0")),
            ("threads", Text("1")),
            ("sliced-threads", Text("false")),
            ("rc-lookahead", Text("0")),
            ("sync-lookahead", Text("0")),
            ("key-int-max", GopFrames),
            ("vbv-buf-capacity", VbvMs),
            ("byte-stream", Text("true")),
            ("aud", Text("false")),
            // A cut is not a key frame: the blocks that changed are coded anew inside a P frame, in the same budget.
            ("option-string", Text("scenecut=0")),
        ],
    },
    Candidate {
        factory: "openh264enc",
        plugin: "openh264",
        family: "OpenH264",
        bitrate_unit: Unit::Bit,
        output: Output::ByteStream,
        counts: Counts::Time,
        settings: &[
            ("rate-control", Text("bitrate")),
            ("complexity", Effort { high: "low", low: "medium" }),
            ("multi-thread", Text("1")),
            ("slice-mode", Text("n-slices")),
            ("num-slices", Text("1")),
            ("gop-size", GopFrames),
            ("scene-change-detection", Text("false")),
            ("background-detection", Text("false")),
            ("enable-frame-skip", Text("false")),
        ],
    },
];

const fn va(factory: &'static str, family: &'static str) -> Candidate {
    Candidate {
        factory,
        plugin: "va",
        family,
        bitrate_unit: Unit::Kilobit,
        output: Output::ByteStream,
        counts: Counts::Pictures,
        settings: &[
            ("rate-control", Text("cbr")),
            ("b-frames", Text("0")),
            ("ref-frames", Text("1")),
            ("num-slices", Text("1")),
            ("cabac", Text("false")),
            ("dct8x8", Text("false")),
            ("key-int-max", GopFrames),
            ("cpb-size", VbvKilobits),
            ("target-usage", Effort { high: "6", low: "4" }),
            ("aud", Text("false")),
        ],
    }
}

const fn videotoolbox(factory: &'static str, family: &'static str) -> Candidate {
    Candidate {
        factory,
        plugin: "applemedia",
        family,
        bitrate_unit: Unit::Kilobit,
        output: Output::LengthPrefixed,
        counts: Counts::Pictures,
        settings: &[
            ("realtime", Text("true")),
            ("allow-frame-reordering", Text("false")),
            ("max-keyframe-interval", GopFrames),
            ("rate-control", Text("cbr")),
        ],
    }
}
