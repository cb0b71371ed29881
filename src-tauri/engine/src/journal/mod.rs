//! The session log: what happens is written to the disk as it happens, for the reports after the show.
//!
//! [`Logged`] stands before another screen and hears what that is told; `hear` says which lines that makes, `file` is the
//! file, `writer` the thread that writes it, `report` what is made of it afterwards. Refuses to hold the show up: lines
//! that the disk does not take in time are counted, and the log says how many are missing.

mod file;
mod hear;
mod report;
mod writer;

use std::path::PathBuf;

use returnfeed_report::{Begin, Happening, Named, VERSION};

pub use report::{Asked, NoReport, Written, latest, read, write};
pub use writer::OnLog;

use crate::clock::EngineClock;
use crate::controller::ShowSource;
use crate::gui::{Gui, Notice};
use hear::Ears;
use writer::Writer;

/// The folder's name within a user's data.
pub const FOLDER: &str = "sessions";

/// Where this user's logs are, unless another folder is named.
pub fn folder_of_user() -> PathBuf {
    crate::data_folder().join(FOLDER)
}

/// Tells another screen, and logs what it is told.
pub(crate) struct Logged<G> {
    gui: G,
    log: Option<Log>,
}

struct Log {
    ears: Ears,
    clock: EngineClock,
    writer: Writer,
}

/// What the log of this show begins with.
pub(crate) fn begin(show: &str, sources: &[ShowSource], beside: bool) -> Begin {
    let named = |one: &ShowSource| Named { source: one.number.get(), name: one.label.clone() };
    let utc_offset_s = gst::glib::DateTime::now_local()
        .map_or(0, |now| i32::try_from(now.utc_offset().as_seconds()).unwrap_or(0));
    Begin {
        version: VERSION,
        show: show.to_owned(),
        sources: sources.iter().map(named).collect(),
        beside,
        utc_offset_s,
    }
}

impl<G: Gui> Logged<G> {
    /// Logs into a folder, where one is named.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn beside(
        gui: G,
        log: Option<(PathBuf, Begin)>,
        clock: EngineClock,
        on: OnLog,
    ) -> std::io::Result<Self> {
        let log = log.map(|(folder, begin)| {
            let writer = Writer::start(folder, begin, clock.clone(), on)?;
            std::io::Result::Ok(Log { ears: Ears::default(), clock, writer })
        });
        Ok(Self { gui, log: log.transpose()? })
    }
}

impl<G: Gui> Gui for Logged<G> {
    fn show(&mut self, notice: Notice) {
        if let Some(log) = &mut self.log {
            let moment = match &notice {
                Notice::Buses { at, .. } => *at,
                _ => log.clock.now(),
            };
            for what in log.ears.hear(&notice) {
                log.writer.write(moment, what);
            }
        }
        self.gui.show(notice);
    }
}

impl<G> Drop for Logged<G> {
    fn drop(&mut self) {
        if let Some(log) = self.log.as_mut().filter(|log| !log.ears.ended() && !std::thread::panicking()) {
            log.writer.write(log.clock.now(), Happening::End { reason: String::new() });
        }
    }
}
