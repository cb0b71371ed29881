//! The control plane, asked from outside: real ports, real TLS, a real database. One binary, one module a subject.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test, with the line")]

mod accounts;
mod acme;
mod authority;
mod bus;
mod cloud;
mod command_line;
mod credentials;
mod cues;
mod databases;
mod delay;
mod doctor;
mod events;
mod host;
mod http;
mod invites;
mod isolation;
mod joining;
mod keeping;
mod lan;
mod layers;
mod lifecycle;
mod log;
mod logins;
mod metrics;
mod nats;
mod nodes;
mod participants;
mod path;
mod picture;
mod player;
mod postgres;
mod process;
mod quality;
mod routes;
mod sessions;
mod shows;
mod socket;
mod storage;
mod tally;
mod telemetry;
mod whep;
mod whep_events;
mod whep_limits;
mod whep_offers;
