//! What opens a socket.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Opens one WebSocket, once, within 30 s: said in its hello. `Debug` does not show it, so that no log does.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct SocketTicket(String);

/// Answer to `POST /api/tickets`.
#[derive(Debug, Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct Ticket {
    /// For the hello of a socket. Kept out of its address, which is written into logs.
    pub ticket: SocketTicket,
}

impl SocketTicket {
    /// A ticket as it was given.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text, for whoever redeems it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SocketTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocketTicket(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_not_shown() {
        assert!(!format!("{:?}", SocketTicket::new("used-once")).contains("used"));
    }
}
