//! HTTP: one endpoint, one file, each with the same parts: what it is, the handler, the rule.

pub mod problem;
