//! What the commands tell: names and tally.
//!
//! Refuses commands that do not concern tally. Invariant: a source that was not named is not an input.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use returnfeed_tally::InputFact;

use super::codec::Command;
use super::derived::Buses;

/// The part of a switcher's state that tally needs.
#[derive(Debug, Default)]
pub struct State {
    /// As the switcher calls itself.
    pub product: String,
    /// The whole of it was told once.
    pub complete: bool,
    names: BTreeMap<u16, String>,
    /// As the switcher tells it; never, where its firmware is older than that.
    lights: Option<BTreeMap<u16, u8>>,
    buses: Buses,
}

const PROGRAMME: u8 = 1;
const PREVIEW: u8 = 2;

impl State {
    /// Takes a command; `None` when it is one of these but too short.
    pub fn take(&mut self, command: &Command<'_>) -> Option<()> {
        match &command.name {
            b"_pin" => self.product = text(command.body.get(..40).unwrap_or(command.body)),
            b"InPr" => {
                let (id, rest) = command.body.split_first_chunk::<2>()?;
                self.names.insert(u16::from_be_bytes(*id), text(rest.get(..20)?));
            }
            b"TlSr" => self.lights = Some(lights(command.body)?),
            b"InCm" => self.complete = true,
            name => self.buses.take(*name, command.body)?,
        }
        Some(())
    }

    /// Every input that has a name; `None` before all of them were told.
    pub fn inputs(&self) -> Option<Vec<InputFact>> {
        let derived = self.lights.is_none().then(|| self.buses.lit());
        let fact = |(id, name): (&u16, &String)| {
            let light = self.lights.as_ref().and_then(|lights| lights.get(id).copied()).unwrap_or(0);
            let (programme, preview) = match &derived {
                Some((programme, preview)) => (programme.contains(id), preview.contains(id)),
                None => (light & PROGRAMME != 0, light & PREVIEW != 0),
            };
            InputFact { programme, preview, ..InputFact::new(Some(*id), name.as_str()) }
        };
        self.complete.then(|| self.names.iter().map(fact).collect())
    }
}

/// `count u16`, then `source u16 | flags u8` each.
fn lights(body: &[u8]) -> Option<BTreeMap<u16, u8>> {
    let (count, rest) = body.split_first_chunk::<2>()?;
    let (entries, _) = rest.as_chunks::<3>();
    let entries = entries.get(..u16::from_be_bytes(*count).into())?;
    Some(entries.iter().map(|[high, low, flags]| (u16::from_be_bytes([*high, *low]), *flags)).collect())
}

/// Up to the first zero byte.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or(bytes)).trim().to_owned()
}
