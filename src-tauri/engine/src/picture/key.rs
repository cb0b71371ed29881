//! A picture with holes, ready to lie over another.
//!
//! Refuses a still that is not PNG. Invariant: where it is transparent, what is below comes through to the bit.

use std::path::Path;

use gst::prelude::*;

use super::words::{Line, Place, set};
use super::{BYTES, Colour, HEIGHT, WIDTH, plain};
use crate::switch::KeyPicture;

/// The box of a lower third.
const BAND: (usize, usize, usize, usize) = (40, 262, 560, 72);
const BAND_COLOUR: (u8, u8, u8) = (18, 20, 26);
/// How much of what is below the box hides, of 255.
const BAND_ALPHA: u8 = 205;
/// How long decoding a still or setting words may take.
const WITHIN: gst::ClockTime = gst::ClockTime::from_seconds(5);

/// A key ready to be laid.
pub struct Key {
    /// I420, as every picture.
    picture: Vec<u8>,
    /// A byte for each of the picture's, 255 hides all.
    alpha: Vec<u8>,
}

impl Key {
    /// Loads or sets it. Takes some milliseconds: not on a path that carries frames.
    ///
    /// # Errors
    /// Why it cannot be shown, and what to do.
    pub fn load(picture: &KeyPicture) -> Result<Self, String> {
        match picture {
            KeyPicture::Still { path } => still(path),
            KeyPicture::LowerThird { title, subtitle } => lower_third(title, subtitle),
        }
    }

    /// Lies over a picture.
    pub fn lay(&self, bytes: &mut [u8]) {
        for ((below, over), alpha) in bytes.iter_mut().zip(&self.picture).zip(&self.alpha) {
            if *alpha > 0 {
                let (a, b) = (u32::from(*alpha), u32::from(*over) * u32::from(*alpha));
                // At most 255.
                *below = ((u32::from(*below) * (255 - a) + b + 127) / 255) as u8;
            }
        }
    }

    /// From one alpha for each pixel: chroma has the mean of four.
    fn new(picture: Vec<u8>, luma_alpha: &[u8]) -> Self {
        let mut alpha = Vec::with_capacity(BYTES);
        alpha.extend_from_slice(luma_alpha);
        let half: Vec<u8> = quarters(luma_alpha).collect();
        alpha.extend_from_slice(&half);
        alpha.extend_from_slice(&half);
        Self { picture, alpha }
    }
}

/// The mean of each two by two.
fn quarters(plane: &[u8]) -> impl Iterator<Item = u8> {
    plane.chunks_exact(WIDTH * 2).flat_map(|rows| {
        let (upper, lower) = rows.split_at(WIDTH);
        upper.chunks_exact(2).zip(lower.chunks_exact(2)).map(|(a, b)| {
            let sum: u16 = a.iter().chain(b).map(|byte| u16::from(*byte)).sum();
            (sum / 4) as u8
        })
    })
}

fn still(path: &Path) -> Result<Key, String> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        format!("the still {shown} cannot be read ({error}); put it there or choose another")
    })?;
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(format!(
            "{shown} is no PNG; save the still as PNG, with transparency where it has holes"
        ));
    }
    let ayuv = decode(bytes).ok_or_else(|| {
        format!("{shown} cannot be decoded; save it as PNG again, or install gstreamer1.0-plugins-good")
    })?;
    let mut picture = plain(Colour::BLACK);
    let mut alpha = Vec::with_capacity(WIDTH * HEIGHT);
    let (luma, chroma) = picture.split_at_mut(WIDTH * HEIGHT);
    let (us, vs) = chroma.split_at_mut(WIDTH * HEIGHT / 4);
    let (mut whole_u, mut whole_v) = (Vec::with_capacity(WIDTH * HEIGHT), Vec::with_capacity(WIDTH * HEIGHT));
    for (pixel, y) in ayuv.chunks_exact(4).zip(luma) {
        if let [a, luminance, u, v] = pixel {
            alpha.push(*a);
            *y = *luminance;
            whole_u.push(*u);
            whole_v.push(*v);
        }
    }
    us.iter_mut().zip(quarters(&whole_u)).for_each(|(to, from)| *to = from);
    vs.iter_mut().zip(quarters(&whole_v)).for_each(|(to, from)| *to = from);
    Ok(Key::new(picture, &alpha))
}

/// A PNG as AYUV of our size.
fn decode(png: Vec<u8>) -> Option<Vec<u8>> {
    let caps = gst::Caps::builder("video/x-raw")
        .field("format", "AYUV")
        .field("width", WIDTH as i32)
        .field("height", HEIGHT as i32)
        .field("colorimetry", "bt601")
        .build();
    let pipeline = gst::Pipeline::new();
    let source = gst_app::AppSrc::builder().caps(&gst::Caps::new_empty_simple("image/png")).build();
    let make = |factory: &str| gst::ElementFactory::make(factory).build().ok();
    let (decoder, convert) = (make("pngdec")?, make("videoconvertscale")?);
    convert.set_property("add-borders", false);
    let sink = gst_app::AppSink::builder().caps(&caps).sync(false).build();
    let chain = [source.upcast_ref(), &decoder, &convert, sink.upcast_ref::<gst::Element>()];
    pipeline.add_many(chain).ok()?;
    gst::Element::link_many(chain).ok()?;
    pipeline.set_state(gst::State::Playing).ok()?;
    let fed = source.push_buffer(gst::Buffer::from_slice(png)).and_then(|_| source.end_of_stream());
    let sample = fed.ok().and_then(|_| sink.try_pull_sample(WITHIN));
    pipeline.set_state(gst::State::Null).ok()?;
    let sample = sample?;
    let map = sample.buffer()?.map_readable().ok()?;
    (map.len() == WIDTH * HEIGHT * 4).then(|| map.to_vec())
}

fn lower_third(title: &str, subtitle: &str) -> Result<Key, String> {
    let lines = [
        Line { words: title, font: "Sans Bold 20", place: Place::Left { x: 56, y: 0.735 } },
        Line { words: subtitle, font: "Sans 14", place: Place::Left { x: 56, y: 0.845 } },
    ];
    // White on black: how bright a dot is says how much of it is ink.
    let ink = set(plain(Colour::BLACK), &lines, WITHIN)
        .ok_or("words cannot be set on this machine; install gstreamer1.0-x, where its pango plugin is")?;
    let (r, g, b) = BAND_COLOUR;
    let band = Colour::rgb(r, g, b);
    let mut picture = plain(band);
    let mut alpha = vec![0; WIDTH * HEIGHT];
    let (x, y, width, height) = BAND;
    for row in y..y + height {
        for column in x..x + width {
            let at = row * WIDTH + column;
            let ink = (f32::from(ink[at].saturating_sub(16)) / 219.0).min(1.0);
            alpha[at] = BAND_ALPHA + (f32::from(255 - BAND_ALPHA) * ink) as u8;
            picture[at] = band.y + (f32::from(Colour::WHITE.y - band.y) * ink) as u8;
        }
    }
    Ok(Key::new(picture, &alpha))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_third_hides_its_band_alone_and_shows_words_of_any_script() {
        gst::init().unwrap();
        let third = |title: &str| {
            Key::load(&KeyPicture::LowerThird { title: title.into(), subtitle: "서울 & <Busan>".into() })
                .unwrap()
        };
        let ground = plain(Colour::rgb(200, 30, 30));
        let mut shown = ground.clone();
        third("김민준").lay(&mut shown);
        let at = |x: usize, y: usize| y * WIDTH + x;
        assert_eq!(shown[at(320, 100)], ground[at(320, 100)]);
        assert_ne!(shown[at(590, 330)], ground[at(590, 330)]);
        let bright = shown[..WIDTH * HEIGHT].iter().filter(|luma| **luma > 200).count();
        assert!(bright > 150, "{bright}");
        let mut other = ground.clone();
        third("이서연").lay(&mut other);
        assert_ne!(shown, other);
    }

    #[test]
    fn a_still_that_is_not_there_or_no_png_is_a_sentence() {
        gst::init().unwrap();
        let say = |path: &Path| Key::load(&KeyPicture::Still { path: path.into() }).err().unwrap();
        assert!(say(Path::new("/nowhere/logo.png")).contains("put it there"));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "GIF89a").unwrap();
        assert!(say(file.path()).contains("as PNG"));
    }

    #[test]
    fn a_still_lies_over_the_picture_where_it_has_no_holes() {
        gst::init().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logo.png");
        // The left half transparent, the right half white.
        let pixels: Vec<u8> = (0..64 * 36)
            .flat_map(|n| if n % 64 < 32 { [0, 0, 0, 0] } else { [255, 255, 255, 255] })
            .collect();
        encode_png(&path, 64, 36, pixels);
        let key = Key::load(&KeyPicture::Still { path }).unwrap();
        let ground = plain(Colour::rgb(0, 90, 0));
        let mut shown = ground.clone();
        key.lay(&mut shown);
        assert_eq!(shown[10 * WIDTH + 20], ground[0]);
        assert!(shown[10 * WIDTH + 620] > 225, "{}", shown[10 * WIDTH + 620]);
    }

    fn encode_png(path: &Path, width: i32, height: i32, rgba: Vec<u8>) {
        let caps = gst::Caps::builder("video/x-raw")
            .field("format", "RGBA")
            .field("width", width)
            .field("height", height)
            .field("framerate", gst::Fraction::new(1, 1))
            .build();
        let pipeline =
            gst::parse::launch("appsrc name=in ! videoconvert ! pngenc ! filesink name=out").unwrap();
        let bin = pipeline.downcast_ref::<gst::Bin>().unwrap();
        let source = bin.by_name("in").unwrap().downcast::<gst_app::AppSrc>().unwrap();
        source.set_caps(Some(&caps));
        source.set_format(gst::Format::Time);
        bin.by_name("out").unwrap().set_property("location", path.to_str().unwrap());
        pipeline.set_state(gst::State::Playing).unwrap();
        let mut buffer = gst::Buffer::from_mut_slice(rgba);
        buffer.get_mut().unwrap().set_pts(gst::ClockTime::ZERO);
        source.push_buffer(buffer).unwrap();
        source.end_of_stream().unwrap();
        let bus = pipeline.bus().unwrap();
        let end = bus.timed_pop_filtered(WITHIN, &[gst::MessageType::Eos, gst::MessageType::Error]).unwrap();
        assert_eq!(end.type_(), gst::MessageType::Eos);
        pipeline.set_state(gst::State::Null).unwrap();
    }
}
