//! SRT's own reject codes, those that this crate gives or understands (draft-sharabayko-srt-01, table 7).

/// No room.
pub(crate) const RESOURCE: u32 = 1003;
/// The handshake makes no sense.
pub(crate) const ROGUE: u32 = 1004;
/// No room for another caller.
pub(crate) const BACKLOG: u32 = 1005;
/// Another handshake version.
pub(crate) const VERSION: u32 = 1008;
/// Another passphrase, or another key length.
pub(crate) const BAD_SECRET: u32 = 1010;
/// Encryption is wanted, or is not.
pub(crate) const UNSECURE: u32 = 1011;
/// A byte stream instead of messages.
pub(crate) const MESSAGE_API: u32 = 1012;
/// Another congestion control.
pub(crate) const CONGESTION: u32 = 1013;
/// A packet filter.
pub(crate) const FILTER: u32 = 1014;
/// A group of connections.
pub(crate) const GROUP: u32 = 1015;
