//! What travels: one access unit of video or one packet of audio, with its time.

use std::fmt;

use bytes::Bytes;
use returnfeed_protocol::MediaTime;

/// Which of the two elementary streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Track {
    /// H.264.
    Video,
    /// Opus.
    Audio,
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Video => "video",
            Self::Audio => "audio",
        })
    }
}

/// One H.264 access unit (Annex B) or one Opus packet.
#[derive(Clone, PartialEq, Eq)]
pub struct Unit {
    /// Which stream it belongs to.
    pub track: Track,
    /// When it is to be shown or heard.
    pub pts: MediaTime,
    /// The bytes: start codes included for video, without the TS control header for audio.
    pub data: Bytes,
    /// An IDR picture, at which a decoder can start; always false for audio.
    pub keyframe: bool,
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.keyframe { " key" } else { "" };
        write!(f, "{}{key} @{} {} bytes", self.track, self.pts.0, self.data.len())
    }
}
