//! A file of any container that GStreamer reads, paced by its own timestamps, in an endless loop; or a named pipe,
//! played as it comes.
//!
//! Refuses to end: what cannot be looped is opened again. Invariant: the loop's seam is a segment, so the running
//! time goes on and nothing is flushed.

use std::path::Path;

use gst::prelude::*;

use super::tail::Tails;
use super::{Built, Trouble, broken, element};
use crate::sentence::Sentence;

pub(super) fn build(path: &Path, tails: &Tails) -> Result<Built, Trouble> {
    let absolute = std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let kind = std::fs::metadata(&absolute).map_err(|error| trouble(path, &error))?;
    if kind.is_dir() {
        return Err(Sentence::file_is_folder(path.display()));
    }
    let uri = gst::glib::filename_to_uri(&absolute, None).map_err(broken)?;
    let pipeline = gst::Pipeline::new();
    let decode = element("uridecodebin", "gstreamer1.0-plugins-base")?;
    decode.set_property("uri", uri.as_str());
    // Decoded pictures must lie in memory that the converter can read.
    decode.set_property("force-sw-decoders", true);
    pipeline.add(&decode).map_err(broken)?;
    attach(&pipeline, &decode, tails, true);
    Ok(Built { pipeline, loops: kind.is_file(), heals_itself: !kind.is_file(), tally: None })
}

fn trouble(path: &Path, error: &std::io::Error) -> Trouble {
    let path = path.display();
    match error.kind() {
        std::io::ErrorKind::NotFound => Sentence::file_absent(path),
        std::io::ErrorKind::PermissionDenied => Sentence::file_forbidden(path),
        _ => Sentence::file_not_opened(path, error),
    }
}

/// Gives the first picture and the first sound that a decoder shows their tails; passes over the others.
pub(super) fn attach(pipeline: &gst::Pipeline, decode: &gst::Element, tails: &Tails, sync: bool) {
    let (weak, tails) = (pipeline.downgrade(), tails.clone());
    decode.connect_pad_added(move |_, pad| {
        let Some(pipeline) = weak.upgrade() else { return };
        let parent: &gst::Bin = pipeline.upcast_ref();
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let kind = caps.structure(0).map_or("", |structure| structure.name().as_str());
        let tail = match kind.split('/').next() {
            Some("video") if parent.by_name("picture").is_none() => tails.picture(parent, sync),
            Some("audio") if parent.by_name("sound").is_none() => tails.sound(parent, sync),
            _ => return,
        };
        if let Err(error) = tail.and_then(|tail| pad.link(&tail).map_err(broken)) {
            gst::element_error!(pipeline, gst::StreamError::Failed, ("{error}"));
        }
    });
    let weak = pipeline.downgrade();
    decode.connect_no_more_pads(move |_| {
        let Some(pipeline) = weak.upgrade() else { return };
        let parent: &gst::Bin = pipeline.upcast_ref();
        if parent.by_name("picture").is_none() {
            let words = Sentence::file_without_picture();
            gst::element_error!(pipeline, gst::StreamError::TypeNotFound, ("{words}"));
        }
    });
}
