//! The server: SRT in, WHEP out, accounts, sessions and the tally relay, one binary.
//!
//! Rooms: `media` (with `ingest` and `egress`) carries the picture; `relay` carries the tally; `store` holds the
//! only SQL; `auth` says who somebody is; `api` maps all of it to HTTP, one endpoint one file; `shell`, `listen` and
//! `tls` stand between that and the network.
//!
//! Invariant: nothing that is on air waits for the database, for a password hash or for a slow page.

pub mod admission;
pub mod api;
pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
mod cors;
pub mod data_dir;
pub mod doctor;
mod egress;
mod guard;
mod ingest;
pub mod keeping;
pub mod lifecycle;
pub mod listen;
pub mod media;
pub mod metrics;
pub mod network;
pub mod nodes;
mod occupied;
pub mod origin;
mod outbound;
pub mod pages;
pub mod plain_door;
pub mod proxies;
pub mod quality_rule;
pub mod random;
pub mod relay;
pub mod sealing;
mod seats;
pub mod server;
pub mod shell;
mod stage;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod upkeep;
