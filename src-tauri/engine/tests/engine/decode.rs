//! Pictures out of access units, by the decoder that GStreamer's libav plugin brings.

use gst::prelude::*;
use gst_video::prelude::*;
use returnfeed_media::Track;
use returnfeed_protocol::MediaTime;

use crate::server::Arrival;

/// A decoded luma plane with its time.
pub(crate) struct Decoded {
    pub pts: MediaTime,
    width: usize,
    bytes: Vec<u8>,
}

impl Decoded {
    /// Mean luma of a square of 8 pixels whose corner is at `x`, `y` of a picture 640 wide.
    pub(crate) fn luma(&self, x: usize, y: usize) -> u8 {
        let scale = |at: usize| at * self.width / 640;
        let sum: u32 = (0..8)
            .flat_map(|row| (0..8).map(move |column| (scale(y) + row, scale(x) + column)))
            .map(|(y, x)| u32::from(self.bytes[y * self.width + x]))
            .sum();
        u8::try_from(sum / 64).unwrap()
    }

    pub(crate) fn luma_plane(&self) -> &[u8] {
        &self.bytes
    }
}

/// Decodes the pictures among `arrivals`, which must begin with a keyframe.
pub(crate) fn decode(arrivals: &[Arrival]) -> Vec<Decoded> {
    gst::init().unwrap();
    let pipeline = gst::parse::launch(
        "appsrc name=in format=time max-bytes=0 ! h264parse ! avdec_h264 max-threads=1 ! \
         video/x-raw,format=I420 ! appsink name=out sync=false max-buffers=0",
    )
    .unwrap()
    .downcast::<gst::Pipeline>()
    .unwrap();
    let input = pipeline.by_name("in").unwrap().downcast::<gst_app::AppSrc>().unwrap();
    let output = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
    let caps =
        gst::Caps::builder("video/x-h264").field("stream-format", "byte-stream").field("alignment", "au");
    input.set_caps(Some(&caps.build()));
    pipeline.set_state(gst::State::Playing).unwrap();
    let pictures: Vec<&Arrival> =
        arrivals.iter().filter(|arrival| arrival.unit.track == Track::Video).collect();
    for arrival in &pictures {
        let mut buffer = gst::Buffer::from_slice(arrival.unit.data.clone());
        let pts = arrival.unit.pts.0 * 100_000 / 9;
        buffer.get_mut().unwrap().set_pts(gst::ClockTime::from_nseconds(pts));
        input.push_buffer(buffer).unwrap();
    }
    input.end_of_stream().unwrap();
    let mut decoded = Vec::new();
    while let Ok(sample) = output.pull_sample() {
        let buffer = sample.buffer().unwrap();
        let info = gst_video::VideoInfo::from_caps(sample.caps().unwrap()).unwrap();
        let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(buffer, &info).unwrap();
        let (width, stride) = (info.width() as usize, frame.plane_stride()[0] as usize);
        let plane = frame.plane_data(0).unwrap();
        let bytes = plane
            .chunks(stride)
            .take(info.height() as usize)
            .flat_map(|row| &row[..width])
            .copied()
            .collect();
        let nanos = buffer.pts().unwrap().nseconds();
        decoded.push(Decoded { pts: MediaTime::from_nanos(nanos + 1), width, bytes });
    }
    pipeline.set_state(gst::State::Null).unwrap();
    assert_eq!(decoded.len(), pictures.len(), "every access unit decodes to a picture");
    decoded
}

/// Width and luma of a JPEG.
pub(crate) fn jpeg(bytes: &[u8]) -> (usize, Vec<u8>) {
    let pipeline = gst::parse::launch(
        "appsrc name=in caps=image/jpeg ! jpegdec ! video/x-raw,format=I420 ! appsink name=out sync=false",
    )
    .unwrap()
    .downcast::<gst::Pipeline>()
    .unwrap();
    let input = pipeline.by_name("in").unwrap().downcast::<gst_app::AppSrc>().unwrap();
    let output = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    input.push_buffer(gst::Buffer::from_slice(bytes.to_vec())).unwrap();
    input.end_of_stream().unwrap();
    let sample = output.pull_sample().unwrap();
    let info = gst_video::VideoInfo::from_caps(sample.caps().unwrap()).unwrap();
    let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(sample.buffer().unwrap(), &info).unwrap();
    let (width, stride) = (info.width() as usize, frame.plane_stride()[0] as usize);
    let luma = frame.plane_data(0).unwrap().chunks(stride).flat_map(|row| &row[..width]).copied().collect();
    pipeline.set_state(gst::State::Null).unwrap();
    (width, luma)
}
