//! The server: SRT in, WHEP out, accounts, sessions and the tally relay, one binary.
//!
//! Rooms: `media` (with `ingest` and `egress`) carries the picture; `relay` carries the tally; `store` holds the
//! only SQL; `auth` says who somebody is; `api` maps all of it to HTTP, one endpoint one file.
//!
//! Invariant: nothing that is on air waits for the database, for a password hash or for a slow page.

pub mod api;
pub mod app;
pub mod auth;
pub mod clock;
mod egress;
mod ingest;
pub mod media;
mod stage;
