//! How many viewer sessions there may be, so that nobody takes them all.

use std::time::Duration;

/// Bounds on viewer sessions beside the server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewerLimits {
    /// Of one session.
    pub per_session: usize,
    /// Of one participant: a page, and those it lost a moment ago.
    pub per_participant: usize,
    /// Of one address, that have not connected yet: what a flood of offers can take from others.
    pub unfinished_per_address: usize,
    /// How long a viewer session may take to connect.
    pub handshake: Duration,
}

impl Default for ViewerLimits {
    fn default() -> Self {
        Self {
            per_session: 500,
            per_participant: 8,
            unfinished_per_address: 100,
            handshake: Duration::from_secs(10),
        }
    }
}
