//! One layer's encoder as a small bin: scale and convert, encode, byte stream in access units.
//!
//! The trial and the running layer build the same bin here, so that what was proven is what runs. It refuses an
//! element that is not installed or cannot give byte-stream baseline; what an installed version's properties lack is
//! left out. Invariant: the bin has one `sink` and one `src`, and the encoder in it is named `encoder`.

use gst::glib;
use gst::prelude::*;

use super::CAT;
use super::candidate::{Candidate, Output};
use super::plan::LayerPlan;

/// Why an encoder bin could not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unbuildable {
    /// The plugin is not installed.
    #[error("its plugin {0} is not installed")]
    NoPlugin(&'static str),
    /// The plugin is installed, but does not offer the element.
    #[error("its plugin {0} is installed but does not offer it: it found no device or no driver")]
    NoDevice(&'static str),
    /// A helper element that every GStreamer has is missing.
    #[error("the element {0} is missing: install GStreamer's base and bad plugins")]
    Helper(&'static str),
    /// The elements do not fit together.
    #[error("gives no byte-stream baseline H.264 ({0})")]
    Misfit(String),
}

/// Builds the bin of `candidate` for a layer.
pub(crate) fn build(candidate: &Candidate, plan: &LayerPlan) -> Result<gst::Bin, Unbuildable> {
    let encoder = gst::ElementFactory::make(candidate.factory).name("encoder").build().map_err(|_| {
        match gst::Registry::get().find_plugin(candidate.plugin) {
            Some(_) => Unbuildable::NoDevice(candidate.plugin),
            None => Unbuildable::NoPlugin(candidate.plugin),
        }
    })?;
    for (name, text) in candidate.settings(plan) {
        set(&encoder, name, &text);
    }
    let size =
        gst::Caps::builder("video/x-raw").field("width", plan.width).field("height", plan.height).build();
    let form = gst::Caps::builder("video/x-h264")
        .field("stream-format", "byte-stream")
        .field("alignment", "au")
        .field("profile", gst::List::new(["constrained-baseline", "baseline"]))
        .build();
    let mut chain = vec![helper("videoconvertscale")?, filter(size)?, encoder];
    if candidate.output == Output::LengthPrefixed {
        let parser = helper("h264parse")?;
        set(&parser, "config-interval", "-1");
        chain.push(parser);
    }
    chain.push(filter(form)?);

    let bin = gst::Bin::builder().name(format!("{}-{}", plan.layer.name(), candidate.factory)).build();
    let misfit = |error: glib::BoolError| Unbuildable::Misfit(error.message.to_string());
    bin.add_many(&chain).map_err(misfit)?;
    gst::Element::link_many(&chain).map_err(misfit)?;
    for (element, pad) in
        chain.first().zip(chain.last()).map(|(a, b)| [(a, "sink"), (b, "src")]).into_iter().flatten()
    {
        let target = element.static_pad(pad).ok_or(Unbuildable::Helper("a filter"))?;
        let ghost = gst::GhostPad::builder_with_target(&target).map_err(misfit)?.name(pad).build();
        bin.add_pad(&ghost).map_err(misfit)?;
    }
    Ok(bin)
}

/// Gives the encoder a new bit rate (bit/s) while it runs, where it can take one.
pub(crate) fn set_bitrate(bin: &gst::Bin, candidate: &Candidate, plan: &LayerPlan, bits: u32) {
    let Some(encoder) = bin.by_name("encoder") else { return };
    for (name, text) in candidate.at_rate(plan, bits) {
        let knob = encoder.find_property(name);
        let live = knob.is_some_and(|knob| knob.flags().contains(gst::PARAM_FLAG_MUTABLE_PLAYING));
        // Some encoders begin a new key frame with each bit rate they are given, also with the one they have.
        let has = encoder
            .property_value(name)
            .transform::<String>()
            .ok()
            .and_then(|value| value.get::<String>().ok());
        if live && has.as_ref() != Some(&text) {
            set(&encoder, name, &text);
        }
    }
}

/// Asks the encoder for a key frame with parameter sets at the next picture.
pub(crate) fn ask_key_frame(bin: &gst::Bin) {
    if let Some(pad) = bin.by_name("encoder").and_then(|encoder| encoder.static_pad("src")) {
        pad.send_event(gst_video::UpstreamForceKeyUnitEvent::builder().all_headers(true).build());
    }
}

/// Sets a property from text if this version of the element has it and understands the text.
fn set(element: &gst::Element, name: &str, text: &str) {
    let Some(knob) = element.find_property(name) else {
        gst::debug!(CAT, obj = element, "no property {name} in this version, left out");
        return;
    };
    match glib::Value::deserialize_with_pspec(text, &knob) {
        Ok(value) => element.set_property_from_value(name, &value),
        Err(_) => {
            gst::debug!(CAT, obj = element, "property {name} does not know {text} in this version, left out")
        }
    }
}

fn helper(name: &'static str) -> Result<gst::Element, Unbuildable> {
    gst::ElementFactory::make(name).build().map_err(|_| Unbuildable::Helper(name))
}

fn filter(caps: gst::Caps) -> Result<gst::Element, Unbuildable> {
    gst::ElementFactory::make("capsfilter")
        .property("caps", caps)
        .build()
        .map_err(|_| Unbuildable::Helper("capsfilter"))
}
