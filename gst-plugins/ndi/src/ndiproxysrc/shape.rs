//! From what a frame says of itself to caps. Values in, values out.

use gst::prelude::*;
use gst_video::{VideoColorimetry, VideoFormat, VideoInfo};
use ndi_sdk_sys::{PixelFormat, VideoFrame};

use super::echo::attribute;

/// All of a picture that its caps tell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) format: PixelFormat,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rate: (i32, i32),
    pub(super) pixel_aspect: gst::Fraction,
    pub(super) colours: Option<&'static str>,
}

impl Shape {
    /// Reads a frame; `small` if it came as the source's small picture. None for a format that was not asked for.
    pub(super) fn of(frame: &VideoFrame<'_>, small: bool) -> Option<Self> {
        let format = frame.format()?;
        let (width, height) = (frame.width(), frame.height());
        let pixel_aspect = pixel_aspect(width, height, frame.aspect());
        let colours = match format {
            PixelFormat::Uyvy => Some(colours(width, height, pixel_aspect, small, &frame.metadata())),
            PixelFormat::Bgra => None,
        };
        Some(Self { format, width, height, rate: frame.rate().unwrap_or((0, 1)), pixel_aspect, colours })
    }

    /// What GStreamer needs to know; none if the sizes make no picture.
    pub(super) fn info(&self) -> Option<VideoInfo> {
        let format = match self.format {
            PixelFormat::Uyvy => VideoFormat::Uyvy,
            PixelFormat::Bgra => VideoFormat::Bgra,
        };
        let colorimetry = self.colours.and_then(|name| name.parse::<VideoColorimetry>().ok());
        VideoInfo::builder(format, self.width, self.height)
            .fps(gst::Fraction::new(self.rate.0, self.rate.1))
            .par(self.pixel_aspect)
            .interlace_mode(gst_video::VideoInterlaceMode::Progressive)
            .colorimetry_if_some(colorimetry.as_ref())
            .build()
            .ok()
    }

    /// How long a picture is shown; none if the source does not say its rate.
    pub(super) fn duration(&self) -> Option<gst::ClockTime> {
        let (frames, seconds) = (u64::try_from(self.rate.0).ok()?, u64::try_from(self.rate.1).ok()?);
        (frames > 0).then(|| gst::ClockTime::SECOND.mul_div_floor(seconds, frames)).flatten()
    }
}

/// The shape of one pixel, from the shape of the whole picture. A source's small picture is rounded to whole
/// pixels, so that what is within a hundredth of square is square.
fn pixel_aspect(width: u32, height: u32, picture: Option<f32>) -> gst::Fraction {
    let square = gst::Fraction::new(1, 1);
    let Some(picture) = picture.filter(|_| width > 0 && height > 0) else { return square };
    let aspect = f64::from(picture) * f64::from(height) / f64::from(width);
    if (aspect - 1.0).abs() < 0.01 {
        return square;
    }
    // Pixels outside of these are a broken sender.
    let known = (0.1..10.0).contains(&aspect);
    if known {
        gst::Fraction::approximate_f64((aspect * 1000.0).round() / 1000.0).unwrap_or(square)
    } else {
        square
    }
}

/// Which colours the code values mean. The sender may say; else a picture of standard definition is BT.601 and any
/// other BT.709, and the small picture keeps its large one's code values (measured), so its own size says little:
/// it is of standard definition if its pixels are not square or it is 4:3 or narrower, and not upright.
fn colours(
    width: u32,
    height: u32,
    pixel_aspect: gst::Fraction,
    small: bool,
    metadata: &str,
) -> &'static str {
    if let Some(said) = metadata.find("<ndi_color_info").and_then(|at| said_colours(&metadata[at..])) {
        return said;
    }
    let standard_definition = if small {
        pixel_aspect != gst::Fraction::new(1, 1) || (width >= height && width * 3 <= height * 4)
    } else {
        width <= 720
            && height <= 576
            && !(width * 9 == height * 16 && pixel_aspect == gst::Fraction::new(1, 1))
    };
    if standard_definition { "bt601" } else { "bt709" }
}

fn said_colours(element: &str) -> Option<&'static str> {
    let transfer = attribute(element, "transfer").unwrap_or_default();
    match attribute(element, "matrix")? {
        "bt_601" => Some("bt601"),
        "bt_709" => Some("bt709"),
        "bt_2020" | "bt_2100" => Some(match transfer {
            "bt_2100_pq" => "bt2100-pq",
            "bt_2100_hlg" => "bt2100-hlg",
            _ => "bt2020",
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: (i32, i32) = (1, 1);

    fn aspect_of(width: u32, height: u32, picture: f32) -> (i32, i32) {
        let aspect = pixel_aspect(width, height, Some(picture));
        (aspect.numer(), aspect.denom())
    }

    #[test]
    fn a_small_picture_rounded_to_whole_pixels_has_square_ones() {
        assert_eq!(aspect_of(640, 360, 16.0 / 9.0), SQUARE);
        assert_eq!(aspect_of(640, 427, 1.5), SQUARE);
        assert_eq!(pixel_aspect(640, 360, None), gst::Fraction::new(1, 1));
    }

    #[test]
    fn anamorphic_pal_is_wider_than_it_is_stored() {
        let (n, d) = aspect_of(640, 512, 16.0 / 9.0);
        assert!((f64::from(n) / f64::from(d) - 64.0 / 45.0).abs() < 0.001, "{n}/{d}");
    }

    #[test]
    fn a_senseless_aspect_is_square() {
        assert_eq!(aspect_of(640, 360, 1e9), SQUARE);
        assert_eq!(aspect_of(0, 0, 1.0), SQUARE);
    }

    #[test]
    fn the_small_picture_of_a_high_definition_source_keeps_its_colours() {
        let square = gst::Fraction::new(1, 1);
        assert_eq!(colours(640, 360, square, true, ""), "bt709");
        assert_eq!(colours(640, 400, square, true, ""), "bt709");
        assert_eq!(colours(360, 640, square, true, ""), "bt709");
        assert_eq!(colours(640, 480, square, true, ""), "bt601");
        assert_eq!(colours(640, 512, gst::Fraction::new(64, 45), true, ""), "bt601");
    }

    #[test]
    fn a_full_picture_is_judged_by_its_size() {
        let square = gst::Fraction::new(1, 1);
        assert_eq!(colours(1920, 1080, square, false, ""), "bt709");
        assert_eq!(colours(720, 576, gst::Fraction::new(64, 45), false, ""), "bt601");
        assert_eq!(colours(640, 360, square, false, ""), "bt709");
    }

    #[test]
    fn the_senders_word_wins() {
        let square = gst::Fraction::new(1, 1);
        let word = r#"<x/><ndi_color_info transfer="bt_2100_hlg" matrix="bt_2020" primaries="bt_2020"/>"#;
        assert_eq!(colours(640, 360, square, true, word), "bt2100-hlg");
        assert_eq!(colours(640, 480, square, true, r#"<ndi_color_info matrix="bt_709"/>"#), "bt709");
        assert_eq!(colours(640, 480, square, true, r#"<ndi_color_info matrix="new"/>"#), "bt601");
    }

    #[test]
    fn every_colour_name_is_known_to_gstreamer() {
        gst::init().expect("GStreamer is installed");
        for name in ["bt601", "bt709", "bt2020", "bt2100-pq", "bt2100-hlg"] {
            assert!(name.parse::<VideoColorimetry>().is_ok(), "{name}");
        }
    }

    #[test]
    fn caps_tell_all_of_the_shape() {
        gst::init().expect("GStreamer is installed");
        let shape = Shape {
            format: PixelFormat::Uyvy,
            width: 640,
            height: 360,
            rate: (60_000, 1001),
            pixel_aspect: gst::Fraction::new(1, 1),
            colours: Some("bt709"),
        };
        let caps = shape.info().expect("a picture").to_caps().expect("caps").to_string();
        for part in ["UYVY", "640", "360", "60000/1001", "progressive", "bt709"] {
            assert!(caps.contains(part), "{caps} lacks {part}");
        }
    }
}
