//! One H.264 encoder that this element knows: how it is named, told what to do, and fed with bit rates.
//!
//! Pure. It refuses nothing itself: a property that an installed version lacks is left out when the encoder is
//! built, because what counts is proven by the trial, not by the settings. Invariant: a bit rate is never told as
//! zero, which most encoders take as "choose yourself".

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
    /// Its other properties.
    pub(crate) settings: &'static [(&'static str, Value)],
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
pub(crate) enum Value {
    /// As it stands.
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
    Effort { high: &'static str, low: &'static str },
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

#[cfg(test)]
mod tests {
    use super::super::plan::LayerName;
    use super::super::table::{CANDIDATES, named};

    fn setting(factory: &str, layer: LayerName, bitrate: u32, property: &str) -> Option<String> {
        let settings = named(factory)?.settings(&layer.plan(bitrate));
        settings.into_iter().find(|(name, _)| *name == property).map(|(_, text)| text)
    }

    #[test]
    fn each_encoder_is_told_the_rate_in_its_own_unit() {
        assert_eq!(setting("x264enc", LayerName::High, 920_000, "bitrate").as_deref(), Some("920"));
        assert_eq!(setting("openh264enc", LayerName::Low, 88_000, "bitrate").as_deref(), Some("88000"));
        assert_eq!(setting("x264enc", LayerName::Low, 10, "bitrate").as_deref(), Some("1"));
    }

    #[test]
    fn the_rate_buffer_is_told_in_milliseconds_kilobits_or_bits() {
        assert_eq!(setting("x264enc", LayerName::High, 920_000, "vbv-buf-capacity").as_deref(), Some("120"));
        assert_eq!(setting("nvh264enc", LayerName::High, 920_000, "vbv-buffer-size").as_deref(), Some("110"));
        assert_eq!(setting("mfh264enc", LayerName::Low, 88_000, "vbv-buffer-size").as_deref(), Some("17600"));
    }

    #[test]
    fn at_another_rate_the_buffer_keeps_its_bits() {
        let row = named("x264enc").expect("x264 is in the table");
        let plan = LayerName::High.plan(920_000);
        let told = row.at_rate(&plan, 1_840_000);
        assert_eq!(told, [("bitrate", "1840".to_owned()), ("vbv-buf-capacity", "60".to_owned())]);
    }

    #[test]
    fn nobody_is_asked_for_b_frames_and_every_name_stands_once() {
        for row in CANDIDATES {
            let settings = row.settings(&LayerName::High.plan(1));
            let b_frames =
                settings.iter().filter(|(name, _)| name.contains("bframes") || name.contains("b-frames"));
            assert!(b_frames.clone().all(|(_, text)| text == "0"), "{}", row.factory);
            assert_eq!(
                CANDIDATES.iter().filter(|other| other.factory == row.factory).count(),
                1,
                "{}",
                row.factory
            );
        }
    }
}
