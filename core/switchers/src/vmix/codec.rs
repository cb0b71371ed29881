//! Lines and their data out of a stream that is cut anywhere.
//!
//! Refuses a line or data longer than any vMix sends. Invariant: however the stream is cut, the replies are the same.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use crate::Fault;

/// The longest line: a tally of 1,000 inputs takes 1,011 bytes.
const LINE: usize = 4_096;
/// The most data: XML of 1,000 inputs with their titles.
const DATA: usize = 8 << 20;

/// What an input does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// On neither bus.
    Off,
    /// On air.
    Programme,
    /// Next.
    Preview,
}

/// What vMix said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The greeting, with the version.
    Version(String),
    /// Every input in order of its number, from 1.
    Tally(Vec<Light>),
    /// The whole state as XML.
    Xml(Vec<u8>),
    /// A command was done.
    Done(String),
    /// A command was refused.
    Refused {
        /// Which.
        command: String,
        /// In vMix's words.
        text: String,
    },
    /// A line that is none of these.
    Malformed,
}

/// The reader.
#[derive(Debug, Default)]
pub struct Codec {
    held: Vec<u8>,
    /// How much XML follows.
    data: Option<usize>,
}

impl Codec {
    /// Bytes arrived.
    ///
    /// # Errors
    /// When a line or its data is too long for a vMix.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.held.extend_from_slice(bytes);
        match &self.data {
            None if self.held.len() > LINE && !self.held.iter().take(LINE).any(|byte| *byte == b'\n') => {
                Err(Fault::not_this("vMix", &self.held))
            }
            None | Some(_) => Ok(()),
        }
    }

    /// The next reply.
    ///
    /// # Errors
    /// When the data that a line announces is too long for a vMix.
    pub fn poll(&mut self) -> Result<Option<Reply>, Fault> {
        loop {
            if let Some(length) = self.data.take() {
                if self.held.len() < length {
                    self.data = Some(length);
                    return Ok(None);
                }
                let rest = self.held.split_off(length);
                return Ok(Some(Reply::Xml(std::mem::replace(&mut self.held, rest))));
            }
            let Some(end) = self.held.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
            let rest = self.held.split_off(end.saturating_add(1));
            let line = std::mem::replace(&mut self.held, rest);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                continue;
            }
            let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
            let (status, text) = rest.split_once(' ').unwrap_or((rest, ""));
            match status.parse::<usize>() {
                // Only XML comes with data; a web server's "HTTP/1.1 400" does not.
                Ok(_) if command != "XML" => return Ok(Some(Reply::Malformed)),
                Ok(length) if length > DATA => return Err(Fault::not_this("vMix", line.as_bytes())),
                Ok(length) => self.data = Some(length),
                Err(_) => return Ok(Some(reply(command, status, text))),
            }
        }
    }
}

fn reply(command: &str, status: &str, text: &str) -> Reply {
    match (command, status) {
        ("VERSION", "OK") => Reply::Version(text.to_owned()),
        ("TALLY", "OK") => tally(text).map_or(Reply::Malformed, Reply::Tally),
        (_, "OK") => Reply::Done(command.to_owned()),
        (_, "ER") => Reply::Refused { command: command.to_owned(), text: text.to_owned() },
        _ => Reply::Malformed,
    }
}

fn tally(text: &str) -> Option<Vec<Light>> {
    let light = |digit| match digit {
        b'0' => Some(Light::Off),
        b'1' => Some(Light::Programme),
        b'2' => Some(Light::Preview),
        _ => None,
    };
    text.trim().bytes().map(light).collect()
}
