//! vMix's TCP API, port 8099 (vmix.com/help28/TCPAPI.html): lines of text, some followed by data.
//!
//! RED and GREEN are vMix's own `TALLY`: 1 on programme, 2 on preview, by input number; names come from its XML.

mod codec;
mod names;
mod server;
mod session;

pub use codec::{Codec, Light, Reply};
pub use names::{Named, names};
pub use server::Server;
pub use session::Vmix;
