//! The session that the programme goes to.

use returnfeed_protocol::SessionId;
use serde::{Deserialize, Serialize};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SessionView {
    /// Which.
    pub id: SessionId,
    /// Its name.
    pub name: String,
    /// For camera operators.
    pub camera_link: String,
    /// For viewers.
    pub viewer_link: String,
}
