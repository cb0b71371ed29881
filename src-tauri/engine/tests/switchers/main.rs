//! Foreign switchers, and our lamps for others, over real sockets: OBS itself under a virtual display, and peers of a few lines that speak vMix,
//! ATEM and TSL as the samples do.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test, with the line")]

mod listener;
mod obs;
mod outputs;
mod peers;
mod studio;
