//! The names of the inputs, out of vMix's XML.
//!
//! Refuses everything else in it: what is on air is what `TALLY` says. Invariant: no bytes panic.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its number, from 1.
    pub number: u16,
    /// Its title, as the operator of vMix wrote it.
    pub title: String,
}

/// Every input that `xml` names; `None` when it is not vMix's XML.
pub fn names(xml: &[u8]) -> Option<Vec<Named>> {
    let text = String::from_utf8_lossy(xml);
    let mut reader = Reader::from_str(&text);
    let mut found = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                "vmix" => found = Some(Vec::new()),
                "input" => found.as_mut()?.extend(named(&tag)),
                _ => {}
            },
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn named(tag: &BytesStart<'_>) -> Option<Named> {
    let value = |key: &str| {
        let attribute = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == key)?;
        Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
    };
    let title = value("title").or_else(|| value("shortTitle")).unwrap_or_default();
    Some(Named { number: value("number")?.parse().ok()?, title })
}
