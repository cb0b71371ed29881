//! OpenTimelineIO itself reads what we write: its own document, and the EDL by its CMX 3600 reader.

use std::process::Command;

use returnfeed_report::{CutList, SourceTimes, edl, otio};

use crate::cuts::{evening, rate};

/// Prints each item of the first track: what it is, its name, where it is in its source and how long it is.
const READ: &str = r#"
import sys
import opentimelineio as otio
timeline = otio.adapters.read_from_file(sys.argv[1], **({"rate": 25} if sys.argv[1].endswith(".edl") else {}))
print(type(timeline).__name__, timeline.name, len(timeline.video_tracks()))
for item in timeline.video_tracks()[0]:
    if isinstance(item, otio.schema.Transition):
        print("transition", item.transition_type, int(item.in_offset.value), int(item.out_offset.value))
    else:
        source = item.source_range
        print("clip", item.name, otio.opentime.to_timecode(source.start_time, 25), int(source.duration.value))
    if isinstance(item, otio.schema.Clip) and isinstance(item.media_reference, otio.schema.ExternalReference):
        assert otio.url_utils.filepath_from_url(item.media_reference.target_url) == "/shows/Sunday 2026-11-23.mkv"
"#;

#[expect(clippy::disallowed_methods, reason = "a test is told where its second opinion is")]
fn read(name: &str, text: &str) -> Vec<String> {
    let packages = std::env::var_os("RETURNFEED_TEST_OTIO")
        .expect("set RETURNFEED_TEST_OTIO=$(tests/tools/otio.sh), which fetches OpenTimelineIO once");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    let mut python = Command::new("python3");
    let said = python.args(["-c", READ]).arg(&file).env("PYTHONPATH", packages).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn opentimelineio_reads_the_timeline_with_its_clips_transitions_and_file() {
    let list = CutList::new(&evening(), rate(25), SourceTimes::Recording);
    let told = read("sunday.otio", &otio(&list).to_string());
    let expected = [
        "Timeline Sunday 1",
        "clip 왼쪽 00:00:00:00 250",
        "clip Cam 1 00:00:10:00 250",
        "transition SMPTE_Dissolve 0 25",
        "clip 왼쪽 00:00:20:00 250",
        "transition Custom_Transition 0 50",
        "clip Roof | wide 00:00:30:00 250",
        "transition SMPTE_Dissolve 0 10",
        "clip Cam 1 00:00:40:00 500",
    ];
    assert_eq!(told, expected);
}

#[test]
fn its_cmx_3600_reader_reads_the_edl_to_the_same_cuts() {
    let list = CutList::new(&evening(), rate(25), SourceTimes::Recording);
    let [text] = edl(&list).try_into().unwrap();
    let told = read("sunday.edl", &text);
    let expected = [
        "Timeline Sunday 1",
        "clip 왼쪽 00:00:00:00 250",
        "clip Cam 1 00:00:10:00 250",
        "transition SMPTE_Dissolve 0 25",
        "clip 왼쪽 00:00:20:00 250",
        "transition SMPTE_Wipe 0 50",
        "clip Roof | wide 00:00:30:00 250",
        "transition SMPTE_Dissolve 0 10",
        "clip Cam 1 00:00:40:00 500",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_programme_of_more_than_one_file_is_read_part_by_part() {
    let mut log = crate::log::Log::begin();
    (0..1_200_u64).for_each(|n| log.cut(n * 1_000, u16::try_from(n % 3 + 1).unwrap()));
    let list = CutList::new(&log.end(1_200_000), rate(25), SourceTimes::Clock);
    let clips: usize = edl(&list).iter().map(|part| read("part.edl", part).len() - 1).sum();
    assert_eq!(clips, 1_200);
}
