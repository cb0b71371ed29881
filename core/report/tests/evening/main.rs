//! Evenings as a log has them, and what is made of them.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod cuts;
mod editors;
mod log;
mod tallies;
