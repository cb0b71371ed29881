//! RTCP (RFC 3550 6, RFC 4585): what a receiver says, and what a sender reports.

mod read;
mod transport;
mod write;

pub use read::{Block, Lost, Message, read};
pub use transport::{Status, TransportFeedback};
pub use write::{SenderReport, write_goodbye, write_sender_reports};

/// Payload types (RFC 3550 12.1, RFC 4585 6.1).
mod kind {
    pub(super) const SENDER_REPORT: u8 = 200;
    pub(super) const RECEIVER_REPORT: u8 = 201;
    pub(super) const DESCRIPTION: u8 = 202;
    pub(super) const GOODBYE: u8 = 203;
    pub(super) const TRANSPORT_FEEDBACK: u8 = 205;
    pub(super) const PAYLOAD_FEEDBACK: u8 = 206;
}
