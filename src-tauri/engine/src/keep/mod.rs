//! A director that is killed comes back: a parent that starts it again, and what it must come back to.
//!
//! `standing` is what was on air, kept in a file at each change; `parent` waits for the child and starts the next. Refuses
//! to start again what ended by its own decision. Invariant: the parent opens no source, socket or encoder: what kills a
//! child does not reach it.

mod parent;
mod standing;

pub use parent::{KeepError, Life, run};
pub use standing::{Remember, Standing, forget};
