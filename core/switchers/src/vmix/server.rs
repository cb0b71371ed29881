//! The other side: what a vMix answers, for lamps that know vMix alone.
//!
//! Tells tally and names, and refuses every command that would do something. Invariant: input n is camera n; a lamp of
//! which nobody can say anything is dark (vMix has no word for it), never the last colour.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::collections::VecDeque;
use std::fmt::Write as _;

use quick_xml::escape::escape;
use returnfeed_protocol::{CameraLamp, Tally};

use crate::Fault;

/// The longest command: no lamp sends more.
const LINE: usize = 512;
/// Clients look at the major version for what is understood; 28 has all that is answered here.
const VERSION: &str = "28.0.0.0";

/// A connection of a lamp.
#[derive(Debug)]
pub struct Server {
    held: Vec<u8>,
    lamps: Vec<CameraLamp>,
    /// The tally line that a subscriber was told last; `None`: not subscribed.
    subscribed: Option<String>,
    outputs: VecDeque<Vec<u8>>,
    is_over: bool,
}

impl Server {
    /// A lamp has called; it is greeted first.
    pub fn new(lamps: &[CameraLamp]) -> Self {
        let greeting = format!("VERSION OK {VERSION}\r\n").into_bytes();
        Self {
            held: Vec::new(),
            lamps: lamps.to_vec(),
            subscribed: None,
            outputs: VecDeque::from([greeting]),
            is_over: false,
        }
    }

    /// Bytes arrived, cut anywhere.
    ///
    /// # Errors
    /// When it is no line of text: something else has called.
    pub fn handle_input(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.held.extend_from_slice(bytes);
        while let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
            let rest = self.held.split_off(end.saturating_add(1));
            let line = std::mem::replace(&mut self.held, rest);
            if line.len() > LINE {
                return Err(Fault::not_this("a vMix client", &line));
            }
            self.answer(String::from_utf8_lossy(&line).trim());
        }
        if self.held.len() > LINE {
            return Err(Fault::not_this("a vMix client", &self.held));
        }
        Ok(())
    }

    /// The lamps as they are now.
    pub fn tell(&mut self, lamps: &[CameraLamp]) {
        lamps.clone_into(&mut self.lamps);
        let line = self.tally();
        if self.subscribed.as_ref().is_some_and(|told| *told != line) {
            self.outputs.push_back(line.clone().into_bytes());
            self.subscribed = Some(line);
        }
    }

    /// What to send; drain to `None` after each mutation.
    pub fn poll_output(&mut self) -> Option<Vec<u8>> {
        self.outputs.pop_front()
    }

    /// Whether the lamp said goodbye.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    fn answer(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let command = words.next().unwrap_or_default().to_ascii_uppercase();
        let argument = words.next().unwrap_or_default();
        let answer = match (command.as_str(), argument.to_ascii_uppercase().as_str()) {
            ("", _) => return,
            ("TALLY", _) => self.tally(),
            ("SUBSCRIBE", "TALLY") => {
                // A vMix tells the present at once, so that a lamp need not ask.
                let tally = self.tally();
                self.subscribed = Some(tally.clone());
                format!("SUBSCRIBE OK TALLY\r\n{tally}")
            }
            ("UNSUBSCRIBE", "TALLY") => {
                self.subscribed = None;
                "UNSUBSCRIBE OK TALLY\r\n".to_owned()
            }
            ("VERSION", _) => format!("VERSION OK {VERSION}\r\n"),
            ("XML", _) => {
                let xml = self.xml();
                format!("XML {}\r\n{xml}\r\n", xml.len().saturating_add(2))
            }
            ("QUIT", _) => {
                self.is_over = true;
                "QUIT OK Bye\r\n".to_owned()
            }
            (command, _) => {
                let command: String = command.chars().filter(char::is_ascii_graphic).take(20).collect();
                format!("{command} ER This is ReturnFeed: it tells tally and names only\r\n")
            }
        };
        self.outputs.push_back(answer.into_bytes());
    }

    /// A digit for each input from 1 to the last camera.
    fn tally(&self) -> String {
        let last = self.lamps.iter().map(|lamp| lamp.camera.get()).max().unwrap_or(0);
        let digits = (1..=last).map(|camera| match self.lamp(camera).map(|lamp| lamp.tally) {
            Some(Tally::Program) => '1',
            Some(Tally::Preview) => '2',
            Some(Tally::Idle | Tally::Unknown) | None => '0',
        });
        format!("TALLY OK {}\r\n", digits.collect::<String>())
    }

    fn lamp(&self, camera: u16) -> Option<&CameraLamp> {
        self.lamps.iter().find(|lamp| lamp.camera.get() == camera)
    }

    /// What of vMix's XML is about tally: the inputs with their names, and the two buses.
    fn xml(&self) -> String {
        let last = self.lamps.iter().map(|lamp| lamp.camera.get()).max().unwrap_or(0);
        let mut xml = format!("<vmix><version>{VERSION}</version><edition>ReturnFeed</edition><inputs>");
        for number in 1..=last {
            let name = self.lamp(number).map_or("", |lamp| lamp.name.trim());
            let name = if name.is_empty() { format!("CAM {number}") } else { name.to_owned() };
            let title = escape(name.as_str());
            // Writing to a string does not fail.
            let _ok = write!(
                xml,
                "<input key=\"returnfeed-{number}\" number=\"{number}\" type=\"Camera\" title=\"{title}\" \
                 shortTitle=\"{title}\" state=\"Running\">{title}</input>"
            );
        }
        let first =
            |tally| self.lamps.iter().find(|lamp| lamp.tally == tally).map_or(0, |lamp| lamp.camera.get());
        let (active, preview) = (first(Tally::Program), first(Tally::Preview));
        let _ok = write!(xml, "</inputs><preview>{preview}</preview><active>{active}</active></vmix>");
        xml
    }
}
