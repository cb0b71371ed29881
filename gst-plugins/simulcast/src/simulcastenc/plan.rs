//! What the two layers are: size, greatest rate, bits, rate buffer.
//!
//! Pure. It refuses nothing: the property ranges of the element do. Invariant: a layer is never planned above the
//! budget that DESIGN gives it with audio, transport stream and SRT headers (1.2 Mbit/s and 180 kbit/s).

/// Which of the two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LayerName {
    /// 640x360, up to 60 pictures a second.
    High,
    /// 320x180, up to 30 pictures a second.
    Low,
}

/// One layer's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LayerPlan {
    /// Which one.
    pub(crate) layer: LayerName,
    /// Picture width in pixels.
    pub(crate) width: i32,
    /// Picture height in pixels.
    pub(crate) height: i32,
    /// The greatest picture rate, per second; what comes faster is dropped.
    pub(crate) max_fps: u32,
    /// Video bit rate, bit/s, without any header.
    pub(crate) bitrate: u32,
    /// How much the encoder may borrow, in ms of the bit rate: the size of a key frame, so the delay it costs.
    pub(crate) vbv_ms: u32,
}

/// With 60 access units and 50 Opus packets a second, TS and SRT/UDP/IP headers add about 210 kbit/s to this.
pub(crate) const HIGH_BITRATE: u32 = 920_000;
/// With RTP, SRTP and UDP/IP headers and 32 kbit/s Opus this is about 155 kbit/s to a viewer.
pub(crate) const LOW_BITRATE: u32 = 88_000;

impl LayerName {
    /// The word in names of elements and pads.
    pub(crate) fn name(self) -> &'static str {
        match self {
            LayerName::High => "high",
            LayerName::Low => "low",
        }
    }

    /// The plan of this layer at a video bit rate (bit/s).
    pub(crate) fn plan(self, bitrate: u32) -> LayerPlan {
        match self {
            LayerName::High => {
                LayerPlan { layer: self, width: 640, height: 360, max_fps: 60, bitrate, vbv_ms: 120 }
            }
            LayerName::Low => {
                LayerPlan { layer: self, width: 320, height: 180, max_fps: 30, bitrate, vbv_ms: 200 }
            }
        }
    }
}

impl LayerPlan {
    /// Whether this is the small layer.
    pub(crate) fn is_low(&self) -> bool {
        self.layer == LayerName::Low
    }
}
