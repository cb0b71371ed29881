//! TSL UMD 5.0: a packet of any number of displays, little-endian.
//!
//! `PBC u16 | VER u8 | FLAGS u8 | SCREEN u16`, then for each display `INDEX u16 | CONTROL u16 | LENGTH u16 | TEXT`.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

/// The colour of a lamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Dark.
    Off,
    /// Red.
    Red,
    /// Green.
    Green,
    /// Amber.
    Amber,
}

impl Colour {
    fn of(control: u16, shift: u32) -> Self {
        match control.checked_shr(shift).unwrap_or(0) & 3 {
            0 => Self::Off,
            1 => Self::Red,
            2 => Self::Green,
            _ => Self::Amber,
        }
    }

    fn bits(self) -> u16 {
        match self {
            Self::Off => 0,
            Self::Red => 1,
            Self::Green => 2,
            Self::Amber => 3,
        }
    }
}

/// One display message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// 0 to 65534; 65535 means every display.
    pub index: u16,
    /// Right, text and left lamp.
    pub lamps: [Colour; 3],
    /// 0 to 3.
    pub brightness: u8,
    /// `None`: control data of a kind that is not defined.
    pub text: Option<String>,
}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// 65535 means every screen.
    pub screen: u16,
    /// In the order they came; none when the packet controls a screen.
    pub displays: Vec<Display>,
}

impl Packet {
    /// The packet on the wire, without DLE and STX; text in UTF-16 where ASCII does not hold it.
    ///
    /// Displays beyond the 2,048 bytes of a packet are left out: whoever has more sends more packets.
    pub fn encode(&self) -> Vec<u8> {
        let texts = || self.displays.iter().filter_map(|display| display.text.as_deref());
        let unicode = !texts().all(str::is_ascii);
        let mut bytes = vec![0, 0, 0, u8::from(unicode)];
        bytes.extend(self.screen.to_le_bytes());
        for display in &self.displays {
            let message = display.encode(unicode);
            if bytes.len().saturating_add(message.len()) > MOST {
                break;
            }
            bytes.extend(message);
        }
        let count = u16::try_from(bytes.len().saturating_sub(2)).unwrap_or(0);
        for (place, byte) in bytes.iter_mut().zip(count.to_le_bytes()) {
            *place = byte;
        }
        bytes
    }
}

impl Display {
    /// The message within a packet.
    pub(super) fn encode(&self, unicode: bool) -> Vec<u8> {
        let text = self.text.as_deref().unwrap_or_default();
        let text: Vec<u8> = match unicode {
            true => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            false => text.bytes().collect(),
        };
        let [right, middle, left] = self.lamps.map(Colour::bits);
        let control = right | middle << 2 | left << 4 | u16::from(self.brightness.min(3)) << 6;
        let length = u16::try_from(text.len()).unwrap_or(0);
        let head = [self.index, control, length].into_iter().flat_map(u16::to_le_bytes);
        head.chain(text.into_iter().take(length.into())).collect()
    }
}

/// Why bytes are not a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Fewer bytes than the header.
    #[error("{0} bytes are no packet")]
    Short(usize),
    /// The count of bytes in it is another than there are.
    #[error("it says {said} bytes and has {has}")]
    Count {
        /// What it says.
        said: u16,
        /// How many there are.
        has: usize,
    },
    /// Another version.
    #[error("version {0} is not known")]
    Version(u8),
    /// A display that ends beyond the packet.
    #[error("a display ends beyond the packet")]
    Cut,
}

/// The most bytes of a packet, its count included.
pub(super) const MOST: usize = 2_048;

/// Reads one packet, its DLE and STX removed.
///
/// # Errors
/// When it is none; nothing of it counts.
pub fn packet(bytes: &[u8]) -> Result<Packet, Malformed> {
    let short = || Malformed::Short(bytes.len());
    let (head, mut rest) = bytes.split_first_chunk::<6>().ok_or_else(short)?;
    let [count_low, count_high, version, flags, screen_low, screen_high] = *head;
    let said = u16::from_le_bytes([count_low, count_high]);
    let has = bytes.len().saturating_sub(2);
    if usize::from(said) != has {
        return Err(Malformed::Count { said, has });
    }
    if version != 0 {
        return Err(Malformed::Version(version));
    }
    let screen = u16::from_le_bytes([screen_low, screen_high]);
    let (unicode, control) = (flags & 1 != 0, flags & 2 != 0);
    let mut displays = Vec::new();
    while !control && !rest.is_empty() {
        let (display, after) = display(rest, unicode).ok_or(Malformed::Cut)?;
        displays.push(display);
        rest = after;
    }
    Ok(Packet { screen, displays })
}

fn display(bytes: &[u8], unicode: bool) -> Option<(Display, &[u8])> {
    let (index, rest) = word(bytes)?;
    let (control, rest) = word(rest)?;
    let lamps = [Colour::of(control, 0), Colour::of(control, 2), Colour::of(control, 4)];
    let brightness = u8::try_from(control >> 6 & 3).unwrap_or(0);
    if control & 0x8000 != 0 {
        // Control data is not defined yet: what follows cannot be measured, so it is the packet's last.
        return Some((Display { index, lamps, brightness, text: None }, &[]));
    }
    let (length, rest) = word(rest)?;
    let (text, rest) = rest.split_at_checked(length.into())?;
    Some((Display { index, lamps, brightness, text: Some(self::text(text, unicode)) }, rest))
}

fn word(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<2>()?;
    Some((u16::from_le_bytes(*word), rest))
}

fn text(bytes: &[u8], unicode: bool) -> String {
    let text: String = if unicode {
        let pairs = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
        char::decode_utf16(pairs).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        bytes.iter().map(|byte| char::from(*byte)).collect()
    };
    text.trim_matches(|c: char| c.is_control() || c == ' ').to_owned()
}
