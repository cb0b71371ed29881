//! The NDI runtime, loaded while the program runs: find sources, receive picture and sound, tell the tally.
//!
//! Nothing here links to the runtime or ships it: it belongs to Vizrt NDI AB, and who uses it installs it under
//! its own licence (<http://ndi.link/ndisdk_license>). Without it [`Runtime::load`] says what to install, and the
//! rest of the program goes on. The environment (`NDI_RUNTIME_DIR_V6`, `NDI_CONFIG_DIR`) is read by the first
//! load that succeeds; the runtime then stays loaded for the life of the process.
//!
//! What this crate refuses: to set a tally that nobody asked for. A new [`Receiver`] tells its source nothing.
//!
//! The invariant: a frame is given back to the runtime exactly once, by the receiver that captured it, before
//! that receiver is destroyed (the borrow checker holds it).

#![expect(unsafe_code, reason = "the runtime is a C library; each block says why it is sound")]

mod abi;
mod error;
mod finder;
mod frame;
mod receiver;
mod runtime;
mod sender;

pub use error::{CreateError, LoadError, Tried};
pub use finder::{FindOptions, Finder, Source};
pub use frame::{AudioFrame, Frame, PixelFormat, VideoFrame};
pub use receiver::{Bandwidth, Counts, Performance, ReceiveOptions, Receiver, Tally};
pub use runtime::Runtime;
pub use sender::{Picture, Sender, Sound};
