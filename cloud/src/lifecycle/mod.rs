//! A server's life beside what it does: who may come in, what the service manager is told, and what can change while it
//! runs.
//!
//! It refuses to touch what is on air: a drain ends nothing before its time, and a reload replaces only what is asked anew
//! for each newcomer.

mod doors;
mod notify;
mod signals;

pub use doors::Doors;
pub use notify::ServiceManager;
pub use signals::{Asked, Signals};
