//! The push: one SRT connection for each layer, sound with the high one, or with the low one where that is all there is.
//!
//! `queue` and `backoff` decide with plain values; `link` owns the sockets; `probe` measures their way
//! before there is a programme. The push never stops because a source
//! failed, and never gives up while the director runs.

mod backoff;
mod link;
pub mod probe;
mod queue;
mod said;
mod target;

pub use backoff::{Backoff, spread};
pub use link::{OnPush, Outlet, Outlets, PushEvent, run};
pub use target::{PushFailure, PushTarget};
