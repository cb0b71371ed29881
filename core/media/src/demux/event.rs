//! What the demuxer reports.

use crate::h264::Sps;
use crate::{Track, Unit};

/// Something that the demuxer found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemuxEvent {
    /// A whole unit.
    Unit(Unit),
    /// At least one unit of the track is missing before the next: a decoder needs a keyframe.
    Discontinuity {
        /// The track.
        track: Track,
        /// What is known about why.
        cause: DiscontinuityCause,
    },
    /// What the stream holds from here on; again whenever it changes.
    Format {
        /// The pictures, `None` without usable ones.
        video: Option<VideoFormat>,
        /// The sound, `None` without usable one.
        audio: Option<AudioFormat>,
    },
    /// Something that the sender has to change; [`DemuxProblem::effect`] says what becomes of the pictures. Units
    /// flow on in any case. Each problem is told once per program table, one of the pictures once per parameter set.
    Unusable(DemuxProblem),
}

/// Why units are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscontinuityCause {
    /// Packets are missing.
    Lost,
    /// Packets came damaged.
    Damaged,
    /// A unit outgrew [`MAX_UNIT`](crate::MAX_UNIT).
    TooLarge,
    /// A unit had been taken for ended too early, by a sign that is not believed from here on; it was
    /// delivered cut.
    EndMistaken,
}

/// H.264, and what its parameter set says once one has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoFormat {
    /// `None` until the first keyframe.
    pub sps: Option<Sps>,
}

/// Opus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioFormat {
    /// 1 or 2.
    pub channels: u8,
}

/// What a sender does that cannot be used, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DemuxProblem {
    /// No transport packets at all.
    #[error("the encoder sends no MPEG-TS ({skipped} bytes without a packet): set its format to MPEG-TS")]
    NotTransportStream {
        /// Bytes skipped in search of a packet.
        skipped: usize,
    },
    /// Pictures in another codec.
    #[error(
        "the encoder sends {found} pictures, which this path does not carry: set its video codec to H.264"
    )]
    VideoCodec {
        /// The codec's name.
        found: &'static str,
    },
    /// Sound in another codec.
    #[error("{found} sound cannot go to WebRTC without transcoding: choose Opus")]
    AudioCodec {
        /// The codec's name.
        found: &'static str,
    },
    /// Opus in a layout that WebRTC cannot carry.
    #[error("the encoder sends Opus with channel layout {code}: set its sound to mono or stereo")]
    AudioChannels {
        /// channel_config_code of the table.
        code: u8,
    },
    /// A program table with neither.
    #[error("the encoder's MPEG-TS has neither H.264 nor Opus: switch on its video with H.264")]
    NothingUsable,
    /// Conditional access.
    #[error("the encoder scrambles its {track}: switch off its conditional access, SRT encrypts already")]
    Scrambled {
        /// The track.
        track: Track,
    },
    /// A unit without a time.
    #[error("the encoder sends {track} without time stamps: let it write a PTS with each frame")]
    NoTimestamp {
        /// The track.
        track: Track,
    },
    /// Decoding and presentation order differ.
    #[error(
        "the encoder uses B-frames, which WebRTC cannot show in order: set them to 0 (x264: bframes=0, \
         OBS: Max B-frames = 0)"
    )]
    Reordered,
    /// Groups of pictures begin without an IDR picture, at which alone a browser joins.
    #[error(
        "the encoder begins its groups of pictures without an IDR picture, so nobody can join: set it to closed \
         GOP (x264: open-gop=0 and intra-refresh=0)"
    )]
    OpenGop,
    /// A profile that browsers do not decode everywhere.
    #[error(
        "the encoder sends {found} pictures, which browsers do not show: set its pixel format to NV12 or \
         yuv420p and its profile to high, main or baseline"
    )]
    VideoProfile {
        /// What stands in the way.
        found: &'static str,
    },
    /// Pictures may be fields.
    #[error(
        "the encoder codes for interlaced pictures, which pages show with combed edges: set it to progressive"
    )]
    Interlaced,
}

/// What a problem does to the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// None come.
    NoPicture,
    /// They come, and no browser shows them: whoever passes them on should not.
    Withhold,
    /// They go on.
    GoesOn,
}

impl DemuxProblem {
    /// What becomes of the pictures.
    pub const fn effect(&self) -> Effect {
        match self {
            Self::NotTransportStream { .. }
            | Self::VideoCodec { .. }
            | Self::NothingUsable
            | Self::Scrambled { track: Track::Video } => Effect::NoPicture,
            Self::Reordered | Self::OpenGop | Self::VideoProfile { .. } => Effect::Withhold,
            Self::AudioCodec { .. }
            | Self::AudioChannels { .. }
            | Self::Interlaced
            | Self::NoTimestamp { .. }
            | Self::Scrambled { track: Track::Audio } => Effect::GoesOn,
        }
    }

    /// It lies in the pictures themselves, so that another parameter set may end it.
    pub(crate) const fn ends_with_parameter_set(&self) -> bool {
        matches!(self, Self::Reordered | Self::OpenGop | Self::VideoProfile { .. } | Self::Interlaced)
    }
}
