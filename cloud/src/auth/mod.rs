//! Who somebody is: passwords, tokens, tickets and throttling.
//!
//! It refuses to know SQL and HTTP statuses. Invariant: a secret here is a `SecretString` and never reaches a log.

mod bearer;
mod password;
mod setup;
mod throttle;
mod ticket;
mod token;

pub use bearer::{AccountBearer, AnyBearer, SessionBearer, bearer_text};
pub use password::{PasswordError, Passwords};
pub use setup::SetupToken;
pub use throttle::{Allowance, Throttle, TooMany};
pub use ticket::Tickets;
pub use token::{AccountClaims, BadKey, SessionClaims, TokenError, Tokens};
