//! Whether somebody new may come in.
//!
//! Once closed they stay closed: nobody new gets into a session, no session is made. Who is in stays in, and may come back
//! after a broken connection, until the server ends.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::api::problem::ApiProblem;
use crate::relay::bye;

/// Beyond the end: what the next start takes.
const RESTART_S: u64 = 5;

/// Open, or closed until the server ends.
#[derive(Debug, Default)]
pub struct Doors {
    ends_at: Mutex<Option<Instant>>,
}

impl Doors {
    /// From now on nobody new comes in; the server ends at this time at the latest.
    pub fn close(&self, ends_at: Instant) {
        *self.ends_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(ends_at);
    }

    /// Whether nobody new comes in.
    pub fn are_closed(&self) -> bool {
        self.ends_at().is_some()
    }

    /// When the server ends at the latest; none while nobody has asked it to.
    pub fn ends_at(&self) -> Option<Instant> {
        *self.ends_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody new in.
    ///
    /// # Errors
    /// `server_stopping`, and when to come back.
    pub fn admit(&self, now: Instant) -> Result<(), ApiProblem> {
        let Some(ends_at) = self.ends_at() else { return Ok(()) };
        let seconds = ends_at.saturating_duration_since(now).as_secs().saturating_add(RESTART_S);
        Err(ApiProblem::from(bye::stopping()).retry_after(u32::try_from(seconds).unwrap_or(u32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::response::IntoResponse as _;

    use super::*;

    #[test]
    fn closed_doors_say_when_to_come_back() {
        let (doors, now) = (Doors::default(), Instant::now());
        assert!(doors.admit(now).is_ok());
        doors.close(now + Duration::from_secs(20));
        let refused = doors.admit(now).unwrap_err().into_response();
        assert_eq!(
            (refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()),
            (503, "25")
        );
    }
}
