//! One picture in, one JPEG out: GStreamer's `jpegenc`, kept ready.

use bytes::Bytes;
use gst::prelude::*;

/// Fine enough for names, small enough for a page.
const QUALITY: i32 = 80;
/// How long one picture may take.
const WITHIN: gst::ClockTime = gst::ClockTime::from_seconds(2);

/// A running encoder of pictures of one size.
pub(super) struct Jpeg {
    pipeline: gst::Pipeline,
    source: gst_app::AppSrc,
    sink: gst_app::AppSink,
}

impl Jpeg {
    /// Starts it.
    ///
    /// # Errors
    /// When GStreamer lacks it.
    pub(super) fn start(width: usize, height: usize) -> Result<Self, String> {
        let broken = |error: gst::glib::BoolError| format!("the multiview cannot be put together ({error})");
        let caps = gst::Caps::builder("video/x-raw")
            .field("format", "I420")
            .field("width", width as i32)
            .field("height", height as i32)
            .field("framerate", gst::Fraction::new(0, 1))
            .build();
        let pipeline = gst::Pipeline::with_name("multiview");
        let source = gst_app::AppSrc::builder().caps(&caps).format(gst::Format::Time).is_live(true).build();
        let encoder = gst::ElementFactory::make("jpegenc")
            .property("quality", QUALITY)
            .build()
            .map_err(|_| "there is no multiview: install gstreamer1.0-plugins-good".to_owned())?;
        let sink = gst_app::AppSink::builder().sync(false).build();
        let chain = [source.upcast_ref(), &encoder, sink.upcast_ref::<gst::Element>()];
        pipeline.add_many(chain).map_err(broken)?;
        gst::Element::link_many(chain).map_err(broken)?;
        let jpeg = Self { pipeline, source, sink };
        jpeg.pipeline.set_state(gst::State::Playing).map_err(|error| error.to_string())?;
        Ok(jpeg)
    }

    /// Encodes one picture.
    ///
    /// # Errors
    /// When none comes.
    pub(super) fn encode(&self, bytes: Vec<u8>) -> Result<Bytes, String> {
        let none = || "the multiview could not be encoded; it is tried again".to_owned();
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        buffer.get_mut().ok_or_else(none)?.set_pts(gst::ClockTime::ZERO);
        self.source.push_buffer(buffer).map_err(|_| none())?;
        let sample = self.sink.try_pull_sample(WITHIN).ok_or_else(none)?;
        let map = sample.buffer().and_then(|buffer| buffer.map_readable().ok());
        Ok(Bytes::copy_from_slice(&map.ok_or_else(none)?))
    }
}

impl Drop for Jpeg {
    fn drop(&mut self) {
        if let Err(error) = self.pipeline.set_state(gst::State::Null) {
            tracing::warn!(%error, "the multiview did not stop cleanly");
        }
    }
}
