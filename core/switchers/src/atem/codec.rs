//! Datagrams: a header of 12 bytes, then commands. Big-endian.
//!
//! `flags:5 length:11 | session u16 | acknowledged u16 | resend from u16 | u16 | packet id u16`, then for each command
//! `length u16 | u16 | name of 4 | body`.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

/// Bytes of the header.
const HEADER: usize = 12;
/// Bytes of a command before its body.
const COMMAND: usize = 8;

/// What a datagram is for; several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// It must be acknowledged.
    pub const RELIABLE: Self = Self(1);
    /// The handshake.
    pub const HELLO: Self = Self(2);
    /// It was sent before.
    pub const AGAIN: Self = Self(4);
    /// It asks for datagrams that were lost.
    pub const RESEND: Self = Self(8);
    /// It acknowledges.
    pub const ACKNOWLEDGE: Self = Self(16);

    /// Whether all of `flags` are set.
    pub fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

/// The header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What it is for.
    pub flags: Flags,
    /// Which conversation; the switcher chooses it.
    pub session: u16,
    /// The newest datagram of the receiver's that arrived.
    pub acknowledged: u16,
    /// From where on to send again.
    pub resend_from: u16,
    /// 15 bits, from 1; 0 where it need not be acknowledged.
    pub id: u16,
}

/// Why bytes are not a datagram of an ATEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Fewer bytes than a header.
    #[error("{0} bytes are no datagram")]
    Short(usize),
    /// The length in it is another than its own.
    #[error("it says {said} bytes and has {has}")]
    Length {
        /// What it says.
        said: u16,
        /// How many there are.
        has: usize,
    },
}

/// Reads a datagram: its header and what follows.
///
/// # Errors
/// When it is none.
pub fn header(bytes: &[u8]) -> Result<(Header, &[u8]), Malformed> {
    let short = Malformed::Short(bytes.len());
    let (head, body) = bytes.split_first_chunk::<HEADER>().ok_or(short)?;
    let (words, _) = head.as_chunks::<2>();
    let mut words = words.iter().map(|word| u16::from_be_bytes(*word));
    let mut word = || words.next().ok_or(short);
    let first = word()?;
    let (session, acknowledged, resend_from, _, id) = (word()?, word()?, word()?, word()?, word()?);
    let said = first & 0x07ff;
    if usize::from(said) != bytes.len() {
        return Err(Malformed::Length { said, has: bytes.len() });
    }
    let flags = Flags(u8::try_from(first >> 11).unwrap_or(0));
    Ok((Header { flags, session, acknowledged, resend_from, id: id & 0x7fff }, body))
}

/// What every client puts into its greeting's fifth word.
const HELLO_MARK: u16 = 0x3a;

/// The first datagram of a conversation.
pub(super) fn hello(session: u16) -> Vec<u8> {
    let mut bytes = write(Flags::HELLO, session, 0, HELLO_MARK, 8);
    bytes.extend_from_slice(&[0x01, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// Says that everything up to `id` arrived.
pub(super) fn acknowledge(session: u16, id: u16) -> Vec<u8> {
    write(Flags::ACKNOWLEDGE, session, id, 0, 0)
}

fn write(flags: Flags, session: u16, acknowledged: u16, mark: u16, body: u16) -> Vec<u8> {
    let length = body.saturating_add(12) & 0x07ff;
    let first = u16::from(flags.0) << 11 | length;
    [first, session, acknowledged, 0, mark, 0].iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// One command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    /// Four ASCII characters.
    pub name: [u8; 4],
    /// What follows.
    pub body: &'a [u8],
}

/// The commands of a datagram's body; ends at the first that is not whole, which is said as `Err` once.
pub fn commands(mut body: &[u8]) -> impl Iterator<Item = Result<Command<'_>, Malformed>> {
    std::iter::from_fn(move || {
        if body.is_empty() {
            return None;
        }
        let has = body.len();
        match command(body) {
            Some((command, rest)) => {
                body = rest;
                Some(Ok(command))
            }
            None => {
                body = &[];
                Some(Err(Malformed::Short(has)))
            }
        }
    })
}

fn command(bytes: &[u8]) -> Option<(Command<'_>, &[u8])> {
    let length = usize::from(u16::from_be_bytes(*bytes.first_chunk::<2>()?));
    let (whole, rest) = bytes.split_at_checked(length)?;
    let (head, body) = whole.split_first_chunk::<COMMAND>()?;
    Some((Command { name: *head.last_chunk::<4>()?, body }, rest))
}
