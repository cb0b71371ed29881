//! After the show: its cut list and tally report, as files in a folder of their own.

use std::io;
use std::path::{Path, PathBuf};

use returnfeed_report::{FrameRate, Language};

use super::room::{Done, Room};
use crate::journal::{self, Asked, NoReport};
use crate::sentence::Sentence;
use crate::view::ReportLanguage;

impl Room {
    /// Of the session that was on air or recorded last. The disk may take its time: the answer comes back.
    pub(super) fn report(&mut self, language: ReportLanguage, frames_per_second: u8) {
        let rate = match FrameRate::new(frames_per_second) {
            Ok(rate) => rate,
            Err(error) => return self.refuse(error.to_string()),
        };
        let language = match language {
            ReportLanguage::Ko => Language::Ko,
            ReportLanguage::En => Language::En,
        };
        let (logs, documents) = (self.folders.data.join(journal::FOLDER), self.folders.documents.clone());
        self.tasks.spawn_blocking(move || Done::Reported(reported(&logs, &documents, rate, language)));
    }

    pub(super) fn reported(&self, result: Result<PathBuf, Sentence>) {
        match result {
            Ok(folder) => self.draw(|view| view.tell(folder.display().to_string())),
            Err(why) => self.refuse(why),
        }
    }
}

fn reported(logs: &Path, documents: &Path, rate: FrameRate, language: Language) -> Result<PathBuf, Sentence> {
    let log = journal::latest(logs).map_err(|error| Sentence::not_looked_into(logs.display(), error))?;
    let log = log.ok_or_else(Sentence::no_session_to_report)?;
    let evening = journal::read(&log).map_err(|error| error.to_string())?;
    let name = log.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder =
        new_folder(documents, &name).map_err(|error| Sentence::no_folder(documents.display(), error))?;
    let file = |extension: &str| folder.join(format!("{name}.{extension}"));
    let mut asked = Asked {
        edl: Some(file("edl")),
        otio: Some(file("otio")),
        tally: vec![file("md"), file("json")],
        rate,
        times: None,
        language,
    };
    let mut written = journal::write(&evening, &asked);
    if matches!(written, Err(NoReport::Empty)) {
        // Nothing was on air: who saw which lamp is worth reading all the same.
        (asked.edl, asked.otio) = (None, None);
        written = journal::write(&evening, &asked);
    }
    written.map(|_| folder).map_err(|error| error.to_string().into())
}

/// Never one that is there.
fn new_folder(within: &Path, name: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(within)?;
    for n in 1..1_000 {
        let folder = within.join(if n == 1 { name.to_owned() } else { format!("{name} ({n})") });
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use returnfeed_report::{Begin, Entry, Happening, Named, VERSION};

    use super::*;

    fn log(folder: &Path, name: &str, lines: impl IntoIterator<Item = (u64, Happening)>) {
        let sources = vec![Named { source: 1, name: "Stage".to_owned() }];
        let show = "Sunday".to_owned();
        let begin = Begin { version: VERSION, show, sources, beside: false, utc_offset_s: 0 };
        let lines = std::iter::once((0, Happening::Begin(begin))).chain(lines);
        let text: String = lines
            .map(|(second, what)| Entry { at_us: second * 1_000_000, wall_us: 0, what }.line())
            .collect();
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
    }

    #[test]
    fn the_session_that_was_on_air_last_is_reported_of_each_time_into_a_folder_of_its_own() {
        let home = tempfile::tempdir().unwrap();
        let (logs, documents) = (home.path().join("sessions"), home.path().join("documents"));
        let rate = FrameRate::new(25).unwrap();
        let make = || reported(&logs, &documents, rate, Language::Ko);
        assert_eq!(make(), Err(Sentence::no_session_to_report()));
        let buses = Happening::Buses { programme: 1, preview: None, incoming: None };
        let end = Happening::End { reason: String::new() };
        log(&logs, "evening.jsonl", [(1, Happening::Air { on: true }), (2, buses), (9, end)]);
        // The sources were opened anew after it.
        log(&logs, "later.jsonl", []);
        let first = make().unwrap();
        assert!(first.ends_with("evening"));
        let mut files: Vec<_> = std::fs::read_dir(&first)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, ["evening.edl", "evening.json", "evening.md", "evening.otio"]);
        assert!(
            std::fs::read_to_string(first.join("evening.edl")).unwrap().contains("FROM CLIP NAME: Stage")
        );
        assert!(std::fs::read_to_string(first.join("evening.md")).unwrap().starts_with("# 탤리 보고서"));
        assert!(make().unwrap().ends_with("evening (2)"));
    }
}
