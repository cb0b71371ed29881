//! The built-in switcher: sources in, one programme out, followed by its sound.
//!
//! `desk`, `transition`, `rate`, `audio`, `sound` and `meter` decide with plain values; `mixer` carries buffers and nothing
//! else.

mod audio;
mod desk;
mod key;
mod meter;
mod mixer;
mod rate;
mod sound;
mod transition;

pub use audio::{AudioFrame, CHANNELS, FRAME, RATE};
pub use desk::{Buses, NoSuchSource, NoTransition};
pub use key::KeyPicture;
pub use mixer::{Feed, Mixer, Picture, Shot};
pub(crate) use mixer::{OnDesk, Views};
pub use sound::{Gain, SoundFrom, SoundSettings};
pub use transition::{LONGEST, Manner, Part, Transition};
