//! Writes logs as a director's machine does; and what of a log is read when it is damaged.

use std::time::Duration;

use returnfeed_report::{Begin, Effect, Entry, Evening, Happening, Manner, Named, NotALog, VERSION};

/// 23 November 2026, 19:00:00 UTC.
pub(crate) const SEVEN: u64 = 1_795_460_400_000_000;
/// The run's own clock begins anywhere.
pub(crate) const ORIGIN: u64 = 5_000_000;

/// A log that is being written; moments are milliseconds since the run began.
pub(crate) struct Log {
    text: String,
    wall_us: u64,
}

impl Log {
    /// Three cameras.
    pub(crate) fn begin() -> Self {
        let mut log = Self { text: String::new(), wall_us: SEVEN };
        log.begin_run(0, false);
        log
    }

    /// Another switcher makes the programme.
    pub(crate) fn beside() -> Self {
        let mut log = Self { text: String::new(), wall_us: SEVEN };
        log.begin_run(0, true);
        log
    }

    /// So long after the first.
    pub(crate) fn begin_run(&mut self, after_ms: u64, beside: bool) {
        self.wall_us = SEVEN + after_ms * 1_000;
        let named = |(source, name): (u16, &str)| Named { source, name: name.to_owned() };
        self.write(
            0,
            Happening::Begin(Begin {
                version: VERSION,
                show: "Sunday".to_owned(),
                sources: [(1, "Cam 1"), (2, "왼쪽"), (3, "Roof | wide")].map(named).into(),
                beside,
                utc_offset_s: 9 * 3_600,
            }),
        );
    }

    pub(crate) fn write(&mut self, at_ms: u64, what: Happening) {
        let entry = Entry { at_us: ORIGIN + at_ms * 1_000, wall_us: self.wall_us + at_ms * 1_000, what };
        self.text.push_str(&entry.line());
    }

    pub(crate) fn cut(&mut self, at_ms: u64, programme: u16) {
        self.write(at_ms, Happening::Buses { programme, preview: Some(3), incoming: None });
    }

    /// As the built-in switcher says it: the transition, the frame that first shows it, its end and the buses then.
    pub(crate) fn auto(
        &mut self,
        at_ms: u64,
        from: u16,
        to: u16,
        manner: Manner,
        takes_ms: u64,
        lasted_ms: u64,
    ) {
        let running = Some(Effect { manner, duration_ms: takes_ms });
        self.write(at_ms, Happening::Transition { running });
        self.write(at_ms, Happening::Buses { programme: from, preview: Some(to), incoming: Some(to) });
        self.write(at_ms + lasted_ms, Happening::Transition { running: None });
        self.write(
            at_ms + lasted_ms,
            Happening::Buses { programme: to, preview: Some(from), incoming: None },
        );
    }

    pub(crate) fn record(&mut self, said_ms: u64, began_ms: u64, file: &str) {
        let began_us = ORIGIN + began_ms * 1_000;
        self.write(said_ms, Happening::Recording { file: file.to_owned(), began_us });
    }

    pub(crate) fn end(mut self, at_ms: u64) -> Evening {
        self.write(at_ms, Happening::End { reason: String::new() });
        self.read()
    }

    pub(crate) fn read(&self) -> Evening {
        Evening::read(&self.text).unwrap()
    }
}

#[test]
fn a_torn_line_and_a_line_of_a_newer_version_cost_themselves_alone() {
    let mut log = Log::begin();
    log.cut(100, 1);
    log.text.push_str("{\"at_us\":1,\"wall_us\":2,\"event\":\"hologram\",\"depth\":3}\n");
    log.text.push_str("{\"at_us\":77,\"wal\n");
    log.write(300, Happening::Gap { lost: 4 });
    log.cut(400, 2);
    let evening = log.read();
    assert_eq!((evening.damaged, evening.lost), (2, 4));
    assert_eq!(evening.runs[0].happened.len(), 3);
    assert_eq!(evening.length(), Duration::from_millis(400));
}

#[test]
fn a_file_that_is_no_log_is_refused_in_words() {
    assert_eq!(Evening::read("hello\n\n"), Err(NotALog::Empty));
    let text = Log::begin().text.replace("\"version\":1", "\"version\":2");
    assert_eq!(Evening::read(&text), Err(NotALog::Newer { got: 2 }));
}

#[test]
fn a_clock_that_jumps_moves_nothing_within_a_run_and_never_goes_back_between_two() {
    let mut log = Log::begin();
    log.cut(1_000, 1);
    // The machine's clock is set back by an hour; the director is killed; the next run begins.
    log.wall_us -= 3_600_000_000;
    log.write(60_000, Happening::Alive);
    log.begin_run(0, false);
    log.cut(2_000, 2);
    let evening = log.read();
    let [first, second] = evening.runs.as_slice() else { panic!("two runs") };
    assert_eq!((first.end, second.begin), (Duration::from_secs(60), Duration::from_secs(60)));
    assert_eq!(second.happened[0].0, Duration::from_secs(62));
    assert_eq!(first.wall(Duration::from_secs(60)).to_string(), "2026-11-24T04:01:00+09:00");
    assert!(!first.ended);
}

proptest::proptest! {
    #[test]
    fn no_text_brings_the_reader_down(lines in proptest::collection::vec("[ -~]{0,80}", 0..20)) {
        let mut text = Log::begin().text;
        lines.iter().for_each(|line| { text.push_str(line); text.push('\n'); });
        let evening = Evening::read(&text).unwrap();
        proptest::prop_assert_eq!(evening.damaged, lines.iter().filter(|line| !line.trim().is_empty()).count());
    }
}
