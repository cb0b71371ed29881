//! `simulcastenc` on the real encoders of this machine: x264 and OpenH264.
//!
//! Nothing here runs against the clock: pictures are handed over as fast as they are taken (`leaky=false`), except
//! where a late encoder is the point. Rates are printed and held against the budget of the layers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod budget;
mod choice;
mod layers;
mod pictures;
mod rig;
mod sound;
