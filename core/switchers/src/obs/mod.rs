//! OBS Studio by obs-websocket 5, port 4455: a dozen of its messages.
//!
//! RED is OBS's own *active*: shown by the programme, through nested scenes, groups and both sides of a transition.
//! GREEN is what the preview scene of studio mode shows and is not RED; OBS's *showing* is never used, since a
//! projector or a dialog makes it true.

mod auth;
mod message;
mod session;
mod show;
mod walk;

pub use auth::authentication;
pub use message::{Event, Incoming, Item, Source, close_fault, parse};
pub use session::Obs;
