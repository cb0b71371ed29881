//! The cut list as CMX 3600: the format that every editing programme reads.
//!
//! One video track, non-drop, at most 999 events a file. A transition is two lines of one event: the frame that it leaves,
//! of no length, and what it comes to. SMPTE wipe 001 uncovers the new picture from the left, as ours does.

use std::fmt::Write as _;

use crate::cutlist::{CutList, Event, EventKind};
use crate::entry::Manner;
use crate::timecode::Frames;

/// Events of one file: their number has three digits.
pub const EDL_EVENTS: usize = 999;
/// Of a title.
const TITLE: usize = 70;

/// As many files as it takes, in order; none where nothing was on air.
pub fn edl(list: &CutList) -> Vec<String> {
    let many = list.events.len() > EDL_EVENTS;
    let file = |(part, events): (usize, &[Event])| {
        let part = if many { format!(" {}", part + 1) } else { String::new() };
        let title: String = plain(&list.title).chars().take(TITLE - part.len()).collect();
        let mut text = format!("TITLE: {}{part}\nFCM: NON-DROP FRAME\n\n", title.trim());
        let mut before = part_before(list, events);
        for (n, event) in events.iter().enumerate() {
            write_event(&mut text, list, n + 1, event, before);
            before = Some(event);
        }
        text
    };
    list.events.chunks(EDL_EVENTS).enumerate().map(file).collect()
}

/// What was on air before the first of these.
fn part_before<'a>(list: &'a CutList, events: &[Event]) -> Option<&'a Event> {
    let first = events.first()?;
    list.events.iter().take_while(|event| event.record < first.record).last()
}

fn write_event(text: &mut String, list: &CutList, number: usize, event: &Event, before: Option<&Event>) {
    let line = |reel: &str, how: &str, source: Frames, record: Frames, length: Frames| {
        let show = |frames| list.rate.timecode(frames);
        format!(
            "{number:03}  {reel:<8} V     {how:<8} {} {} {} {}\n",
            show(source),
            show(source + length),
            show(record),
            show(record + length)
        )
    };
    let named = |what: &str, event: &Event| match &event.name {
        Some(name) => format!("* {what} CLIP NAME: {}\n", plain(name)),
        None => String::new(),
    };
    match (event.kind, before) {
        (EventKind::Effect(manner, frames), Some(before)) => {
            let left = before.source + before.length;
            text.push_str(&line(&before.reel, "C", left, event.record, Frames(0)));
            let code = match manner {
                Manner::Mix => "D",
                Manner::Wipe => "W001",
            };
            let how = format!("{code:<4} {:03}", frames.0);
            text.push_str(&line(&event.reel, &how, event.source, event.record, event.length));
            text.push_str(&named("FROM", before));
            text.push_str(&named("TO", event));
        }
        (EventKind::Effect(..), None) | (EventKind::Cut, _) => {
            text.push_str(&line(&event.reel, "C", event.source, event.record, event.length));
            text.push_str(&named("FROM", event));
        }
    }
    if let Some(file) = &event.file {
        let _infallible = writeln!(text, "* SOURCE FILE: {}", plain(file_name(file)));
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// On one line.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
