//! Sign-in at an OpenID provider, Google's unless another is named: OpenID Connect Core 1.0, authorization code flow
//! with PKCE (RFC 7636, S256).
//!
//! It refuses to know accounts, cookies and HTTP statuses. Invariant: nobody is somebody before signature, issuer,
//! audience, expiry and nonce of an ID token were verified, and a token is held only against the question that was
//! asked for it.

mod configuration;
mod error;
mod once;
mod outbound;
mod place;
mod provider;

pub use error::OidcError;
pub use once::Once;
pub use place::{OidcPlace, PlaceError};
pub use provider::{Awaited, Identity, Provider, Question};
