//! Words of any script set into a picture, by Pango.

use gst::prelude::*;

use super::{BYTES, caps};

/// Words and how they look.
pub(super) struct Line<'a> {
    pub(super) words: &'a str,
    /// A Pango description.
    pub(super) font: &'a str,
    pub(super) place: Place,
}

/// Where they stand; `y` is a fraction of the height.
pub(super) enum Place {
    /// In the middle.
    Centre { y: f64 },
    /// From this column on.
    Left { x: i32, y: f64 },
}

/// One frame through a `textoverlay` for each line; `None` where the plugin is missing or hangs.
pub(super) fn set(ground: Vec<u8>, lines: &[Line<'_>], within: gst::ClockTime) -> Option<Vec<u8>> {
    let pipeline = gst::Pipeline::new();
    // The overlay wants a rate; a still has none.
    let mut still = caps();
    still.make_mut().set("framerate", gst::Fraction::new(0, 1));
    let source = gst_app::AppSrc::builder().caps(&still).format(gst::Format::Time).build();
    let sink = gst_app::AppSink::builder().caps(&caps()).sync(false).build();
    let overlays = lines.iter().map(overlay).collect::<Option<Vec<_>>>()?;
    let mut chain: Vec<&gst::Element> = vec![source.upcast_ref()];
    chain.extend(&overlays);
    chain.push(sink.upcast_ref());
    pipeline.add_many(&chain).ok()?;
    gst::Element::link_many(&chain).ok()?;
    pipeline.set_state(gst::State::Playing).ok()?;
    let mut buffer = gst::Buffer::from_mut_slice(ground);
    buffer.get_mut()?.set_pts(gst::ClockTime::ZERO);
    source.push_buffer(buffer).ok()?;
    source.end_of_stream().ok()?;
    let sample = sink.try_pull_sample(within);
    pipeline.set_state(gst::State::Null).ok()?;
    let sample = sample?;
    let map = sample.buffer()?.map_readable().ok()?;
    (map.len() == BYTES).then(|| map.to_vec())
}

fn overlay(line: &Line<'_>) -> Option<gst::Element> {
    let (align, y) = match line.place {
        Place::Centre { y } => ("center", y),
        Place::Left { y, .. } => ("left", y),
    };
    let element = gst::ElementFactory::make("textoverlay")
        .property("text", escape_free(line.words))
        .property("font-desc", line.font)
        .property_from_str("wrap-mode", "wordchar")
        .property_from_str("halignment", align)
        .property_from_str("line-alignment", align)
        .property_from_str("valignment", "position")
        .property("ypos", y)
        .build()
        .ok()?;
    if let Place::Left { x, .. } = line.place {
        element.set_property("xpad", x);
    }
    Some(element)
}

/// `textoverlay` reads Pango markup: a name with `&` or `<` must not be read as such.
fn escape_free(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
