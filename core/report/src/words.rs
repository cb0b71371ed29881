//! The tally report as a page of Markdown, in two languages.

use std::fmt::Write as _;
use std::time::Duration;

use returnfeed_protocol::Tally;

use crate::tally::{CameraTally, Latency, Outage, OutageOf, TallyReport, Unconfirmed};

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Korean.
    Ko,
    /// English.
    En,
}

struct Words {
    report: &'static str,
    began: &'static str,
    length: &'static str,
    cameras: &'static str,
    head: &'static str,
    nobody: &'static str,
    unconfirmed: &'static str,
    all_confirmed: &'static str,
    never: &'static str,
    shown_after: &'static str,
    outages: &'static str,
    none: &'static str,
    to_the_end: &'static str,
    missing: &'static str,
    cloud: &'static str,
    switcher: &'static str,
    source: &'static str,
    operator: &'static str,
    director: &'static str,
    camera: &'static str,
    unnamed: &'static str,
    tallies: [&'static str; 4],
    latency: &'static str,
}

const EN: Words = Words {
    report: "Tally report",
    began: "Began",
    length: "Length",
    cameras: "Cameras",
    head: "| Camera | RED | RED for | GREEN | Unknown | RED shown p50 / p95 / max | Unconfirmed |",
    nobody: "nobody confirmed",
    unconfirmed: "Lamps that were not confirmed in time",
    all_confirmed: "None: every page that was there said in time what it showed.",
    never: "never confirmed",
    shown_after: "shown after",
    outages: "Outages",
    none: "None.",
    to_the_end: "until the end",
    missing: "Lines of the log are missing, so this may not be all:",
    cloud: "Cloud",
    switcher: "Switcher",
    source: "Source",
    operator: "Operator",
    director: "Director (killed and started again)",
    camera: "camera",
    unnamed: "without a name",
    tallies: ["RED", "GREEN", "idle", "unknown"],
    latency: "Times run from the director's word to the page's answer, the way back included.",
};

const KO: Words = Words {
    report: "탤리 보고서",
    began: "시작",
    length: "길이",
    cameras: "카메라",
    head: "| 카메라 | 빨강 | 빨강 시간 | 초록 | 알 수 없음 | 빨강 표시 p50 / p95 / 최대 | 확인 안 됨 |",
    nobody: "확인한 사람 없음",
    unconfirmed: "제때 확인되지 않은 램프",
    all_confirmed: "없음: 접속한 모든 화면이 표시한 것을 제때 알렸습니다.",
    never: "끝내 확인되지 않음",
    shown_after: "표시까지",
    outages: "끊김",
    none: "없음.",
    to_the_end: "끝까지",
    missing: "기록에 빠진 줄이 있어 전부가 아닐 수 있습니다:",
    cloud: "클라우드",
    switcher: "스위처",
    source: "소스",
    operator: "오퍼레이터",
    director: "디렉터 (강제 종료 후 다시 시작)",
    camera: "카메라",
    unnamed: "이름 없음",
    tallies: ["빨강", "초록", "꺼짐", "알 수 없음"],
    latency: "시간은 디렉터가 알린 때부터 화면의 응답이 돌아온 때까지입니다.",
};

impl TallyReport {
    /// As Markdown.
    pub fn markdown(&self, language: Language) -> String {
        let words = match language {
            Language::Ko => &KO,
            Language::En => &EN,
        };
        let mut text = format!("# {}: {}\n\n", words.report, cell(&self.show));
        let (date, time) = (self.began.date(), self.began.time_of_day());
        let _infallible = writeln!(
            text,
            "{}: {date} {time} · {}: {}\n\n## {}\n\n{}\n|---|---|---|---|---|---|---|",
            words.began,
            words.length,
            clock(self.length),
            words.cameras,
            words.head
        );
        self.cameras.iter().for_each(|camera| text.push_str(&words.row(camera)));
        let _infallible = writeln!(text, "\n{}\n\n## {}\n", words.latency, words.unconfirmed);
        for camera in &self.cameras {
            camera.unconfirmed.iter().for_each(|one| text.push_str(&words.one_unconfirmed(camera, one)));
        }
        if self.cameras.iter().all(|camera| camera.unconfirmed.is_empty()) {
            text.push_str(words.all_confirmed);
            text.push('\n');
        }
        let _infallible = writeln!(text, "\n## {}\n", words.outages);
        self.outages.iter().for_each(|outage| text.push_str(&words.outage(outage)));
        if self.outages.is_empty() {
            text.push_str(words.none);
            text.push('\n');
        }
        if self.lines_missing > 0 {
            let _infallible = writeln!(text, "\n{} {}", words.missing, self.lines_missing);
        }
        text
    }
}

impl Words {
    fn row(&self, camera: &CameraTally) -> String {
        let shown = camera.red_shown.map_or_else(|| self.nobody.to_owned(), latency);
        format!(
            "| {} {} | {} | {} | {} | {} | {shown} | {} |\n",
            camera.camera,
            cell(&camera.name),
            camera.red,
            clock(camera.red_for),
            camera.green,
            camera.unknown,
            camera.unconfirmed.len()
        )
    }

    fn one_unconfirmed(&self, camera: &CameraTally, one: &Unconfirmed) -> String {
        let then = match one.shown_after_ms {
            Some(ms) => format!("{} {ms} ms", self.shown_after),
            None => self.never.to_owned(),
        };
        let (at, tally) = (one.at.time_of_day(), self.tally(one.tally));
        format!("- {at} {} {}, {}: {tally}, {then}\n", self.camera, camera.camera, self.name(&one.operator))
    }

    fn outage(&self, outage: &Outage) -> String {
        let what = match &outage.of {
            OutageOf::Cloud => self.cloud.to_owned(),
            OutageOf::Director => self.director.to_owned(),
            OutageOf::Switcher { name } => format!("{} {}", self.switcher, cell(name)),
            OutageOf::Source { name } => format!("{} {}", self.source, cell(name)),
            OutageOf::Operator { name, camera, .. } => {
                let camera = camera.map(|camera| format!(" ({} {camera})", self.camera)).unwrap_or_default();
                format!("{} {}{camera}", self.operator, self.name(name))
            }
        };
        let lasted = outage.lasted.map_or_else(
            || self.to_the_end.to_owned(),
            |lasted| match lasted.as_secs() {
                0..60 => format!("{:.1} s", lasted.as_secs_f64()),
                _ => clock(lasted),
            },
        );
        let reason = outage.reason.as_deref().map(|reason| format!(": {}", cell(reason))).unwrap_or_default();
        format!("- {} {what}, {lasted}{reason}\n", outage.from.time_of_day())
    }

    fn tally(&self, tally: Tally) -> &'static str {
        let [red, green, idle, unknown] = self.tallies;
        match tally {
            Tally::Program => red,
            Tally::Preview => green,
            Tally::Idle => idle,
            Tally::Unknown => unknown,
        }
    }

    fn name(&self, name: &str) -> String {
        if name.is_empty() { self.unnamed.to_owned() } else { cell(name) }
    }
}

fn latency(latency: Latency) -> String {
    format!("{} / {} / {} ms ({})", latency.p50_ms, latency.p95_ms, latency.max_ms, latency.count)
}

/// `H:MM:SS`.
fn clock(duration: Duration) -> String {
    let second = duration.as_secs();
    format!("{}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// A name is words, never a part of the page: what Markdown would take for its own is marked as text.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#' => cell.extend(['\\', c]),
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}
