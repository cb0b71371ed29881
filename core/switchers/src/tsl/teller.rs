//! Our lamps as TSL UMD, for displays and multiviewers that listen.
//!
//! Refuses to send what changed alone: a datagram may be lost, so each word of the director is told whole. Invariant: a
//! lamp of which nobody can say anything is dark and its name begins with a question mark, never the last colour.

use returnfeed_protocol::{CameraLamp, Tally};

use super::board::Meaning;
use super::frame::{Version, stuffed};
use super::session::Transport;
use super::v31::Record;
use super::v50::{Colour, Display, Packet};

/// Characters of a name: what 3.1 has room for.
const TEXT: usize = 16;
/// As bright as it goes.
const BRIGHT: u8 = 3;

/// How the lamps are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TellerConfig {
    /// Which version.
    pub version: Version,
    /// How it travels: 5.0 is wrapped for a stream.
    pub transport: Transport,
    /// The screen of 5.0; 65535: every screen.
    pub screen: u16,
    /// The address of camera 1; camera n follows at n - 1 above it.
    pub first: u16,
    /// Which lamps of 3.1 mean programme and preview. In 5.0 all three lamps have the colour.
    pub meaning: Meaning,
}

/// What to send, a datagram or a piece of the stream each. A camera beyond the addresses of the version is left out.
pub fn tell(config: &TellerConfig, lamps: &[CameraLamp]) -> Vec<Vec<u8>> {
    match config.version {
        Version::V31 => lamps.iter().filter_map(|lamp| record(config, lamp)).collect(),
        Version::V50 => {
            // Many receivers read the first display of a packet and pass over the others.
            let displays = lamps.iter().filter_map(|lamp| display(config, lamp));
            let packets =
                displays.map(|display| Packet { screen: config.screen, displays: vec![display] }.encode());
            match config.transport {
                Transport::Udp => packets.collect(),
                Transport::Tcp => packets.map(|packet| stuffed(&packet)).collect(),
            }
        }
    }
}

fn record(config: &TellerConfig, lamp: &CameraLamp) -> Option<Vec<u8>> {
    let address = u8::try_from(address(config, lamp)?).ok().filter(|address| *address <= 126)?;
    let mut tally = [false; 4];
    config.meaning.programme.light(&mut tally, lamp.tally == Tally::Program);
    config.meaning.preview.light(&mut tally, lamp.tally == Tally::Preview);
    // 3.1 is ASCII: a name in another script would be a row of question marks.
    let text = if lamp.name.is_ascii() { text(lamp) } else { numbered(lamp) };
    Some(Record { address, tally, brightness: BRIGHT, text }.encode().to_vec())
}

fn display(config: &TellerConfig, lamp: &CameraLamp) -> Option<Display> {
    let colour = match lamp.tally {
        Tally::Program => Colour::Red,
        Tally::Preview => Colour::Green,
        Tally::Idle | Tally::Unknown => Colour::Off,
    };
    let index = address(config, lamp)?;
    Some(Display { index, lamps: [colour; 3], brightness: BRIGHT, text: Some(text(lamp)) })
}

/// 65535 is every display, so no camera has it.
fn address(config: &TellerConfig, lamp: &CameraLamp) -> Option<u16> {
    config.first.checked_add(lamp.camera.get().checked_sub(1)?).filter(|address| *address < u16::MAX)
}

fn text(lamp: &CameraLamp) -> String {
    let name = lamp.name.trim();
    if name.is_empty() { numbered(lamp) } else { marked(lamp, name) }
}

fn numbered(lamp: &CameraLamp) -> String {
    marked(lamp, &format!("CAM {}", lamp.camera))
}

fn marked(lamp: &CameraLamp, name: &str) -> String {
    let mark = if lamp.tally == Tally::Unknown { "? " } else { "" };
    mark.chars().chain(name.chars().filter(|c| !c.is_control())).take(TEXT).collect()
}
