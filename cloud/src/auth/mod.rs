//! Who somebody is: passwords, tokens, tickets and throttling.
//!
//! It refuses to know SQL and HTTP statuses. Invariant: a secret here is a `SecretString` and never reaches a log.

mod bearer;
mod delay;
mod easy;
mod key;
pub mod oidc;
mod password;
mod refresh;
mod setup;
mod throttle;
mod ticket;
mod token;
mod totp;

pub use bearer::{
    AccountBearer, AnyBearer, HostBearer, OwnBearer, SentBearer, SessionBearer, bearer_text, is_host,
    standing,
};
pub use delay::{Delay, Growth};
pub use easy::About;
pub use key::{BadKey, Keys};
pub use password::{COST, PasswordError, Passwords, Verdict};
pub use refresh::{Presented, RefreshToken, RefreshTokens, hash_of};
pub use setup::SetupToken;
pub use throttle::{Allowance, Throttle, TooMany};
pub use ticket::Tickets;
pub use token::{AccountClaims, SessionClaims, TokenError, Tokens};
pub use totp::FactorSecret;
