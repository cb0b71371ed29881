//! The encoders this element knows, best first, and the words each understands.
//!
//! Pure data. It refuses rows that wait: every row asks for constant bit rate, no B-frames, no look-ahead, and key
//! frames only when they are asked for. Invariant: a name stands in the table once.

use super::candidate::Value::{Effort, GopFrames, Kilobits, Text, VbvBits, VbvKilobits, VbvMs};
use super::candidate::{Candidate, Counts, Output, Unit};

/// The candidate of this name.
pub(crate) fn named(factory: &str) -> Option<&'static Candidate> {
    CANDIDATES.iter().find(|candidate| candidate.factory == factory)
}

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
            // Both limits together, or the library keeps its own (at most 42) and noise costs seven times the rate.
            ("qp-min", Text("12")),
            ("qp-max", Text("51")),
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
