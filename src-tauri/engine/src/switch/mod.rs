//! The built-in switcher: sources in, one programme out, followed by its sound.
//!
//! `desk`, `rate` and `audio` decide with plain values; `mixer` carries buffers and nothing else.

mod audio;
mod desk;
mod mixer;
mod rate;

pub use audio::{AudioFrame, CHANNELS, FRAME, RATE};
pub use desk::{Buses, NoSuchSource};
pub use mixer::{Feed, Mixer, Picture};
