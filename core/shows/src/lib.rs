//! Cloud sync of shows, without a file or a socket: what one machine and the cloud do with a document that both may
//! change.
//!
//! [`Replica`] is one show on one machine: it is told what happened, says what to ask the cloud and what to write, in
//! which order. [`differences`] says what differs between two versions. This crate refuses to merge: where two machines
//! edited the same show both versions are kept, and a person chooses.
//!
//! Invariant: an edit that was written is never lost. It is in the cloud's history, or on a machine's disk, or a person
//! replaced it, deleted it or chose the other. `tests/model.rs` holds it against random histories of two machines.

mod ask;
mod differences;
mod note;
mod replica;

pub use ask::{Answer, Ask, Condition, Head, History, Past};
pub use differences::{Difference, Step, differences};
pub use note::{Base, Doc, Note, OnDisk, Second, Write, writes};
pub use replica::{Choice, NoQuestion, Poll, Replica, State};
