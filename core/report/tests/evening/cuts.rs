//! The cut list, in frames and as CMX 3600.

use std::time::Duration;

use returnfeed_report::{
    CutList, EDL_EVENTS, Entrance, Evening, EventKind, FrameRate, Frames, Happening, Manner, SourceTimes,
    edl, shots,
};

use crate::log::Log;

pub(crate) fn rate(per_second: u8) -> FrameRate {
    FrameRate::new(per_second).unwrap()
}

/// Ninety seconds: a cut before the recording, a cut, a mix and a wipe in it, and a mix that a cut ended.
pub(crate) fn evening() -> Evening {
    let mut log = Log::begin();
    log.cut(500, 1);
    log.cut(8_000, 2);
    log.record(10_200, 10_000, "/shows/Sunday 2026-11-23.mkv");
    log.cut(20_000, 1);
    log.auto(30_000, 1, 2, Manner::Mix, 1_000, 1_000);
    log.auto(40_000, 2, 3, Manner::Wipe, 2_000, 2_000);
    log.auto(50_000, 3, 1, Manner::Mix, 4_000, 400);
    log.write(70_000, Happening::RecordingEnded { reason: None });
    log.end(90_000)
}

#[test]
fn a_transition_begins_with_its_first_frame_and_is_as_long_as_it_was() {
    let shots = shots(&evening());
    let told: Vec<_> = shots
        .iter()
        .map(|shot| (shot.begin.as_millis(), shot.name.as_deref().unwrap(), shot.entrance))
        .collect();
    let effect = |manner, ms| Entrance::Effect(manner, Duration::from_millis(ms));
    let expected = [
        (500, "Cam 1", Entrance::Cut),
        (8_000, "왼쪽", Entrance::Cut),
        (20_000, "Cam 1", Entrance::Cut),
        (30_000, "왼쪽", effect(Manner::Mix, 1_000)),
        (40_000, "Roof | wide", effect(Manner::Wipe, 2_000)),
        (50_000, "Cam 1", effect(Manner::Mix, 400)),
    ];
    assert_eq!(told, expected);
    assert_eq!(shots.last().unwrap().end, Duration::from_secs(90));
}

#[test]
fn the_edl_is_cmx_3600_and_its_source_times_are_those_of_the_recorded_file() {
    let list = CutList::new(&evening(), rate(25), SourceTimes::Recording);
    let [text] = edl(&list).try_into().unwrap();
    let expected = "\
TITLE: Sunday
FCM: NON-DROP FRAME

001  SOURCE   V     C        00:00:00:00 00:00:10:00 01:00:00:00 01:00:10:00
* FROM CLIP NAME: 왼쪽
* SOURCE FILE: Sunday 2026-11-23.mkv
002  CAM1     V     C        00:00:10:00 00:00:20:00 01:00:10:00 01:00:20:00
* FROM CLIP NAME: Cam 1
* SOURCE FILE: Sunday 2026-11-23.mkv
003  CAM1     V     C        00:00:20:00 00:00:20:00 01:00:20:00 01:00:20:00
003  SOURCE   V     D    025 00:00:20:00 00:00:30:00 01:00:20:00 01:00:30:00
* FROM CLIP NAME: Cam 1
* TO CLIP NAME: 왼쪽
* SOURCE FILE: Sunday 2026-11-23.mkv
004  SOURCE   V     C        00:00:30:00 00:00:30:00 01:00:30:00 01:00:30:00
004  ROOFWIDE V     W001 050 00:00:30:00 00:00:40:00 01:00:30:00 01:00:40:00
* FROM CLIP NAME: 왼쪽
* TO CLIP NAME: Roof | wide
* SOURCE FILE: Sunday 2026-11-23.mkv
005  ROOFWIDE V     C        00:00:40:00 00:00:40:00 01:00:40:00 01:00:40:00
005  CAM1     V     D    010 00:00:40:00 00:01:00:00 01:00:40:00 01:01:00:00
* FROM CLIP NAME: Roof | wide
* TO CLIP NAME: Cam 1
* SOURCE FILE: Sunday 2026-11-23.mkv
";
    assert_eq!(text, expected);
}

#[test]
fn source_times_by_the_clock_are_local_and_cover_what_was_not_recorded() {
    let list = CutList::new(&evening(), rate(30), SourceTimes::Clock);
    let [text] = edl(&list).try_into().unwrap();
    let first: Vec<&str> = text.lines().filter(|line| line.starts_with("00")).take(2).collect();
    // 19:00 UTC is four in the morning in Seoul; the first picture came half a second later.
    let expected = [
        "001  CAM1     V     C        04:00:00:15 04:00:08:00 01:00:00:00 01:00:07:15",
        "002  SOURCE   V     C        04:00:08:00 04:00:20:00 01:00:07:15 01:00:19:15",
    ];
    assert_eq!(first, expected);
    assert!(!text.contains("SOURCE FILE"));
}

#[test]
fn events_follow_each_other_without_a_gap_whatever_the_times_are() {
    let mut log = Log::begin();
    // Frames of 33 ms, cuts anywhere, some of them within one frame.
    let mut at = 0;
    for n in 0..500_u64 {
        at += n * 7_919 % 211;
        log.cut(at, u16::try_from(n % 3 + 1).unwrap());
    }
    let list = CutList::new(&log.end(at + 1_000), rate(30), SourceTimes::Clock);
    assert!(list.events.len() > 300, "{}", list.events.len());
    let mut record = list.begins;
    for event in &list.events {
        assert_eq!(event.record, record);
        assert!(event.length > Frames(0));
        record = record + event.length;
    }
}

#[test]
fn more_events_than_a_file_may_have_go_on_in_the_next() {
    let mut log = Log::begin();
    for n in 0..1_000_u64 {
        log.cut(n * 1_000, u16::try_from(n % 2 + 1).unwrap());
    }
    log.auto(1_000_000, 2, 3, Manner::Mix, 500, 500);
    let list = CutList::new(&log.end(1_010_000), rate(25), SourceTimes::Clock);
    let [one, two] = edl(&list).try_into().unwrap();
    assert_eq!(one.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count(), EDL_EVENTS);
    assert!(one.starts_with("TITLE: Sunday 1\n") && two.starts_with("TITLE: Sunday 2\n"));
    // A transition from the last event of one file to the first of the next knows what it leaves.
    assert!(two.contains("\n001  SOURCE   V     C "), "{two}");
    assert!(two.contains("\n002  ROOFWIDE V     D    013 "), "{two}");
}

#[test]
fn a_killed_run_ends_where_it_was_last_known_to_live_and_the_next_goes_on() {
    let mut log = Log::begin();
    log.cut(0, 1);
    log.record(1_100, 1_000, "one.mkv");
    log.write(20_000, Happening::Alive);
    log.begin_run(25_000, false);
    log.cut(100, 1);
    log.record(1_100, 1_000, "two.mkv");
    log.cut(5_000, 2);
    let evening = log.end(9_000);
    let list = CutList::new(&evening, rate(25), SourceTimes::Recording);
    let told: Vec<_> =
        list.events.iter().map(|event| (event.file.as_deref(), event.source.0, event.length.0)).collect();
    let expected = [(Some("one.mkv"), 0, 19 * 25), (Some("two.mkv"), 0, 4 * 25), (Some("two.mkv"), 100, 100)];
    assert_eq!(told, expected);
    let reels: Vec<&str> = list.events.iter().map(|event| event.reel.as_str()).collect();
    assert_eq!(reels, ["CAM1", "CAM1", "SOURCE"]);
}

#[test]
fn beside_another_switcher_two_that_are_red_at_once_were_a_mix_when_the_new_one_stays() {
    let mut log = Log::beside();
    let mut say = |at, inputs: &[&str]| {
        let inputs = inputs.iter().map(|input| (*input).to_owned()).collect();
        log.write(at, Happening::OnAir { switcher: "ATEM".to_owned(), inputs });
    };
    say(0, &["A"]);
    say(10_000, &["A", "B"]);
    say(11_000, &["B"]);
    say(20_000, &["B", "C"]);
    say(50_000, &["B"]);
    say(60_000, &[]);
    say(61_000, &["A"]);
    log.cut(500, 1);
    let shots = shots(&log.end(70_000));
    let told: Vec<_> =
        shots.iter().map(|shot| (shot.begin.as_secs(), shot.name.as_deref(), shot.entrance)).collect();
    let expected = [
        (0, Some("A"), Entrance::Cut),
        (10, Some("B"), Entrance::Effect(Manner::Mix, Duration::from_secs(1))),
        (20, Some("B + C"), Entrance::Cut),
        (50, Some("B"), Entrance::Cut),
        (60, None, Entrance::Cut),
        (61, Some("A"), Entrance::Cut),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_transition_is_never_longer_than_what_it_brings() {
    let mut log = Log::begin();
    log.cut(0, 1);
    log.auto(10_000, 1, 2, Manner::Mix, 2_000, 300);
    // Cut away to the third before the mix was done: the buses never said that the second was there alone.
    log.auto(20_000, 1, 2, Manner::Mix, 2_000, 0);
    log.cut(20_500, 3);
    let list = CutList::new(&log.end(30_000), rate(25), SourceTimes::Clock);
    for event in &list.events {
        if let EventKind::Effect(_, frames) = event.kind {
            assert!(frames <= event.length, "{event:?}");
        }
    }
}
