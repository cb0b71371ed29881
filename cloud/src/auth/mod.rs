//! Who somebody is: passwords, tokens, tickets and throttling.
//!
//! It refuses to know SQL and HTTP statuses. Invariant: a secret here is a `SecretString` and never reaches a log.

mod bearer;
mod token;

pub use bearer::{AccountBearer, SessionBearer};
pub use token::{AccountClaims, BadKey, SessionClaims, TokenError, Tokens};
