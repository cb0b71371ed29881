//! The slate: what is on air instead of a source that is not there, with its name and what is wrong.
//!
//! The words are set by Pango, as names come in any script; where its plugin is missing, by the built-in font.
//! Refuses to be the picture of a source that works. Invariant: making one never fails.

use super::words::{Line, Place, set};
use super::{Area, Brush, Colour, HEIGHT, WIDTH, plain, text_width};

/// The words of a slate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlateText {
    /// Which source: its number and name.
    pub title: String,
    /// What is wrong, one sentence.
    pub trouble: String,
}

/// A slate ready to be shown.
pub struct Slate {
    still: Vec<u8>,
}

const GROUND: (u8, u8, u8) = (28, 30, 36);
const ACCENT: (u8, u8, u8) = (235, 170, 60);

/// How long setting the words may take before the built-in font does it.
const SET_WITHIN: gst::ClockTime = gst::ClockTime::from_mseconds(400);

impl Slate {
    /// Sets the words. Takes some milliseconds: not on a path that carries frames.
    pub fn new(text: &SlateText) -> Self {
        let still = set_by_pango(text).unwrap_or_else(|| {
            let mut bytes = ground();
            if let Some(mut brush) = Brush::new(&mut bytes) {
                let scale = if text_width(text.title.chars().count(), 4) > WIDTH - 40 { 2 } else { 4 };
                brush.text(20, 130, scale, &text.title, Colour::WHITE);
                brush.text(20, 190, 2, &text.trouble.chars().take(50).collect::<String>(), Colour::WHITE);
            }
            bytes
        });
        Self { still }
    }

    /// The `n`th frame: a mark wanders along the lower edge, so that everybody sees that the return itself lives.
    pub fn frame(&self, n: u64) -> Vec<u8> {
        let mut bytes = self.still.clone();
        if let Some(mut brush) = Brush::new(&mut bytes) {
            let x = (n as usize * 8) % (WIDTH + 80);
            let (r, g, b) = ACCENT;
            let mark = Area { x: x.saturating_sub(80), y: HEIGHT - 12, width: x.min(80), height: 6 };
            brush.fill(mark, Colour::rgb(r, g, b));
        }
        bytes
    }
}

fn ground() -> Vec<u8> {
    let (r, g, b) = GROUND;
    plain(Colour::rgb(r, g, b))
}

/// The name large, the trouble below it.
fn set_by_pango(text: &SlateText) -> Option<Vec<u8>> {
    let lines = [
        Line { words: &text.title, font: "Sans Bold 30", place: Place::Centre { y: 0.40 } },
        Line { words: &text.trouble, font: "Sans 17", place: Place::Centre { y: 0.62 } },
    ];
    set(ground(), &lines, SET_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slate_shows_words_of_any_script_and_moves() {
        gst::init().unwrap();
        let text = |title: &str| SlateText { title: title.into(), trouble: "no frame <1 s & more".into() };
        let korean = Slate::new(&text("2 카메라 왼쪽"));
        let bright = |bytes: &[u8]| bytes[..WIDTH * HEIGHT].iter().filter(|y| **y > 150).count();
        assert!(bright(&korean.still) > 500, "{}", bright(&korean.still));
        assert_ne!(korean.still, Slate::new(&text("2 카메라")).still);
        assert_ne!(korean.frame(3), korean.frame(4));
    }
}
