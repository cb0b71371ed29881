//! The transport stream's own layers, each in its file: packet, PSI tables, PES header, time.
//!
//! Nothing here has state across packets except [`psi::Sections`]; the rooms above decide.

pub(crate) mod packet;
pub(crate) mod pes;
pub(crate) mod psi;
pub(crate) mod time;

/// Bytes of a transport packet (ISO/IEC 13818-1 2.4.3.2).
pub(crate) const PACKET: usize = 188;
/// The first byte of each.
pub(crate) const SYNC: u8 = 0x47;
/// What one SRT live message carries: 7 · 188 = 1316 bytes.
pub(crate) const PACKETS_PER_MESSAGE: usize = 7;
/// What follows the four header bytes of a packet.
pub(crate) const BODY: usize = PACKET - 4;
/// The PID of the program association table.
pub(crate) const PAT_PID: u16 = 0;
