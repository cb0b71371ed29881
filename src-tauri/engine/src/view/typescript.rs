//! The seam to the page: `app/src/contract/desktop.ts` is what these types say, byte for byte.
//!
//! `RETURNFEED_GEN=1 cargo test -p returnfeed-engine --lib view::typescript` writes it; without, a difference fails.

use std::path::Path;

use ts_rs::{Config, TS};

use super::*;
use crate::figures::{Figures, Level, Progress, SourceFigures};
use crate::gui::Door;
use crate::inputs::Mapped;
use crate::secrets::Kept;
use crate::sentence::CODES;
use crate::sources::{LampEcho, SourceNumber};
use crate::switch::{Gain, KeyPicture, Manner, SoundFrom};

const HEADER: &str = r#"// GENERATED from src-tauri/engine/src/view by `./dev gen`. Do not edit: a change belongs there.

import type {
  CameraLamp,
  CameraNumber,
  CueAnswer,
  CueSheet,
  CueText,
  LanPath,
  Layer,
  ParticipantId,
  SessionId,
  Show,
  ShowId,
  Signal,
  Tally,
} from "./protocol";
"#;

fn declare<T: TS>(cfg: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    let text = format!("{docs}export {}", T::decl(cfg));
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("\n{}\n", lines.join("\n").replace("/**\n * ", "/** ").replace("\n */", " */"))
}

/// The catalogue's keys: every sentence, with the facts that it is given.
fn sentences() -> String {
    let line = |(code, facts): &(&str, &[&str])| {
        let facts: Vec<String> = facts.iter().map(|fact| format!("{fact}: string")).collect();
        format!("  {code}: [{}];\n", facts.join(", "))
    };
    let lines: String = CODES.iter().map(line).collect();
    format!(
        "\n/** What the engine says, by code, with its facts. */\nexport type Sentences = {{\n{lines}}};\n"
    )
}

macro_rules! declare_all {
    ($cfg:expr, $($name:ident),+ $(,)?) => { [$(declare::<$name>($cfg)),+].concat() };
}

#[test]
fn the_pages_contract_is_what_the_types_say() {
    let cfg = &Config::new().with_large_int("number");
    let types = declare_all!(
        cfg,
        SourceNumber,
        Gain,
        View,
        Door,
        AirState,
        CloudView,
        Account,
        Kept,
        OpenShow,
        ListedShow,
        SyncState,
        Conflict,
        DifferenceView,
        SessionView,
        SourceView,
        SourceDoes,
        LampEcho,
        KeyState,
        KeyPicture,
        Manner,
        SoundSettings,
        SoundFrom,
        ProgrammeMode,
        RecordingState,
        MonitorState,
        Change,
        Link,
        Mapped,
        SwitcherView,
        Push,
        Way,
        Uplink,
        OperatorView,
        AnswerView,
        Found,
        CheckLine,
        CheckOf,
        CheckIs,
        Spoken,
        Said,
        Intent,
        Keep,
        ReportLanguage,
        Password,
        Level,
        SourceFigures,
        Progress,
        Figures,
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../app/src/contract/desktop.ts");
    let expected = format!("{HEADER}{types}{}", sentences());
    if std::env::var_os("RETURNFEED_GEN").is_some_and(|value| value == "1") {
        return std::fs::write(file, expected).expect("the contract can be written");
    }
    let found = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        found == expected,
        "desktop.ts is not what the view says; run `./dev gen` and commit the difference"
    );
}
