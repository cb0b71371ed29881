//! What a show leaves behind: the log that a director's machine writes while it runs, and what is made of it afterwards.
//!
//! A line of the log is an [`Entry`]. [`Evening::read`] puts the lines in order, over restarts and clock jumps;
//! [`shots`] is what was on air, [`CutList`] the same in frames, written as [`edl`] or [`otio`]; [`TallyReport`] says who
//! saw which lamp, and when nobody could. This crate refuses files and clocks: text in, text out.
//!
//! Invariant: a line that was cut short or that a newer version wrote costs that line alone.

mod cutlist;
mod edl;
mod entry;
mod evening;
mod otio;
mod shots;
mod tally;
mod timecode;
mod wall;
mod words;

pub use cutlist::{CutList, Event, EventKind, SourceTimes};
pub use edl::{EDL_EVENTS, edl};
pub use entry::{Begin, Effect, Entry, Happening, Health, Manner, Named, VERSION};
pub use evening::{Evening, NotALog, Run};
pub use otio::otio;
pub use shots::{Entrance, Shot, shots};
pub use tally::{CameraTally, Latency, Outage, OutageOf, TallyReport, Unconfirmed};
pub use timecode::{FrameRate, Frames, NoFrameRate};
pub use wall::WallTime;
pub use words::Language;
