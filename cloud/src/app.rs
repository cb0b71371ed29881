//! What every endpoint is given: the rooms of the server, cheap to clone.

use std::sync::Arc;

use crate::auth::Tokens;
use crate::clock::Clock;
use crate::media::MediaPlane;

/// The state of the axum router.
#[derive(Clone)]
pub struct App {
    /// The picture: SRT in, WHEP out.
    pub media: MediaPlane,
    /// Signs and reads tokens.
    pub tokens: Arc<Tokens>,
    /// The wall clock.
    pub clock: Clock,
}
