//! The sound's branch: F32 to Opus, 20 ms, with in-band error correction.
//!
//! It refuses to wait or to resample: the source brings 48 kHz. Invariant: a packet carries the PTS of the sound that
//! is really in it (Opus hands on 6.5 ms late), and its rate is 32 kbit/s for one channel, 48 for two.

use gst::glib;
use gst::prelude::*;

const MONO: i32 = 32_000;
const STEREO: i32 = 48_000;
/// The loss for which the correction is sized: enough that Opus really writes it, little enough for music.
const EXPECTED_LOSS_PERCENT: i32 = 10;

/// Builds the branch into `bin`: converter and encoder, between `entry` and `exit`.
pub(crate) fn build(
    bin: &gst::Bin,
    entry: &gst::GhostPad,
    exit: &gst::GhostPad,
) -> Result<(), glib::BoolError> {
    let convert = gst::ElementFactory::make("audioconvert").name("audio-convert").build()?;
    let opus = gst::ElementFactory::make("opusenc")
        .name("audio-opus")
        .property_from_str("frame-size", "20")
        .property_from_str("bitrate-type", "constrained-vbr")
        .property_from_str("audio-type", "generic")
        .property("bitrate", STEREO)
        .property("inband-fec", true)
        .property("packet-loss-percentage", EXPECTED_LOSS_PERCENT)
        .property("complexity", 5i32) // half the time of the default, no difference at these rates
        .build()?;
    bin.add_many([&convert, &opus])?;
    convert.link(&opus)?;
    entry.set_target(convert.static_pad("sink").as_ref())?;
    exit.set_target(opus.static_pad("src").as_ref())?;
    let opus = opus.downgrade();
    entry.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        let caps = info.event().and_then(|event| match event.view() {
            gst::EventView::Caps(caps) => Some(caps.caps_owned()),
            _ => None,
        });
        let channels =
            caps.and_then(|caps| caps.structure(0).and_then(|caps| caps.get::<i32>("channels").ok()));
        if let (Some(channels), Some(opus)) = (channels, opus.upgrade()) {
            opus.set_property("bitrate", if channels == 1 { MONO } else { STEREO });
        }
        gst::PadProbeReturn::Ok
    });
    Ok(())
}
