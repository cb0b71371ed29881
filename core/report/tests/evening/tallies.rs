//! The tally report.

use returnfeed_protocol::{CameraNumber, PageNumber, ParticipantId, Tally};
use returnfeed_report::{Happening, Health, Language, Latency, OutageOf, TallyReport};

use crate::log::Log;

fn camera(number: u16) -> CameraNumber {
    CameraNumber::try_from(number).unwrap()
}

fn lamp(number: u16, tally: Tally, test: bool) -> Happening {
    Happening::Lamp { camera: camera(number), name: format!("Cam {number}"), tally, test }
}

fn shown(page: u64, number: u16, tally: Tally, took_ms: u64) -> Happening {
    let took_ms = Some(took_ms);
    Happening::Shown {
        page: PageNumber(page),
        name: "Ada".to_owned(),
        camera: camera(number),
        tally,
        took_ms,
    }
}

fn missing(page: u64, number: u16, tally: Tally) -> Happening {
    Happening::Missing { page: PageNumber(page), name: "민수".to_owned(), camera: camera(number), tally }
}

fn operator(id: &str, here: bool) -> Happening {
    let participant: ParticipantId = id.parse().unwrap();
    Happening::Operator { participant, name: "Ada".to_owned(), camera: Some(camera(1)), here }
}

const ADA: &str = "0193a7e0-0000-7000-8000-000000000001";

#[test]
fn red_is_counted_and_timed_and_what_was_only_tried_is_not() {
    let mut log = Log::begin();
    log.write(1_000, lamp(1, Tally::Program, false));
    for took in 1..=100 {
        log.write(1_100, shown(1, 1, Tally::Program, took));
    }
    log.write(1_200, shown(1, 1, Tally::Preview, 400));
    log.write(5_000, lamp(1, Tally::Idle, false));
    log.write(6_000, lamp(1, Tally::Program, true));
    log.write(9_000, lamp(1, Tally::Preview, false));
    log.write(10_000, lamp(1, Tally::Program, false));
    let report = TallyReport::new(&log.end(12_000));
    let [one] = report.cameras.as_slice() else { panic!("{report:?}") };
    assert_eq!((one.red, one.red_for.as_secs(), one.green), (2, 6, 1));
    assert_eq!(one.red_shown, Some(Latency { count: 100, p50_ms: 50, p95_ms: 95, max_ms: 100 }));
    assert_eq!(one.shown.unwrap().max_ms, 400);
}

#[test]
fn a_lamp_that_was_not_confirmed_says_when_and_whether_it_came_late_or_never() {
    let mut log = Log::begin();
    log.write(1_000, lamp(1, Tally::Program, false));
    log.write(2_000, missing(1, 1, Tally::Program));
    log.write(2_000, missing(2, 1, Tally::Program));
    log.write(2_400, shown(1, 1, Tally::Program, 1_400));
    log.write(9_000, shown(2, 1, Tally::Idle, 20));
    let report = TallyReport::new(&log.end(12_000));
    let told: Vec<_> = report.cameras[0]
        .unconfirmed
        .iter()
        .map(|one| (one.at.time_of_day(), one.operator.as_str(), one.shown_after_ms))
        .collect();
    assert_eq!(told, [("04:00:02".to_owned(), "민수", Some(1_400)), ("04:00:02".to_owned(), "민수", None)]);
}

#[test]
fn outages_say_what_was_away_from_when_and_for_how_long() {
    let mut log = Log::begin();
    let atem = |health| Happening::Switcher { switcher: "ATEM".to_owned(), health };
    log.write(1_000, operator(ADA, true));
    log.write(10_000, Happening::Cloud { health: Health::down("no route") });
    log.write(12_000, Happening::Cloud { health: Health::down("refused") });
    log.write(15_000, Happening::Cloud { health: Health::UP });
    // A reconnection tells of everybody anew.
    log.write(15_000, operator(ADA, false));
    log.write(15_200, operator(ADA, true));
    log.write(20_000, atem(Health::down("no answer")));
    log.write(30_000, operator(ADA, false));
    log.write(50_000, operator(ADA, true));
    log.write(60_000, Happening::Source { source: 2, health: Health::down("the cable is out") });
    log.write(60_000, Happening::Alive);
    log.begin_run(70_000, false);
    log.write(5_000, operator(ADA, true));
    log.write(59_000, operator(ADA, false));
    let report = TallyReport::new(&log.end(60_000));
    let told: Vec<_> = report
        .outages
        .iter()
        .map(|outage| {
            let what = match &outage.of {
                OutageOf::Cloud => "cloud",
                OutageOf::Switcher { name } | OutageOf::Source { name } | OutageOf::Operator { name, .. } => {
                    name
                }
                OutageOf::Director => "director",
            };
            (
                what,
                outage.from.time_of_day(),
                outage.lasted.map(|lasted| lasted.as_secs()),
                outage.reason.as_deref(),
            )
        })
        .collect();
    let expected = [
        ("cloud", "04:00:10".to_owned(), Some(5), Some("no route")),
        ("ATEM", "04:00:20".to_owned(), None, Some("no answer")),
        ("Ada", "04:00:30".to_owned(), Some(20), None),
        ("왼쪽", "04:01:00".to_owned(), None, Some("the cable is out")),
        ("director", "04:01:00".to_owned(), Some(10), None),
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_report_is_a_page_in_both_languages_and_a_name_cannot_break_its_table() {
    let mut log = Log::begin();
    let name = "Roof | <wide>".to_owned();
    log.write(1_000, Happening::Lamp { camera: camera(3), name, tally: Tally::Program, test: false });
    log.write(2_000, missing(1, 3, Tally::Program));
    log.write(3_000, Happening::Cloud { health: Health::down("no route") });
    let report = TallyReport::new(&log.end(65_000));
    let english = report.markdown(Language::En);
    for line in [
        "# Tally report: Sunday",
        "Began: 2026-11-24 04:00:00 · Length: 0:01:05",
        r"| 3 Roof \| \<wide> | 1 | 0:01:04 | 0 | 0 | nobody confirmed | 1 |",
        "- 04:00:02 camera 3, 민수: RED, never confirmed",
        "- 04:00:03 Cloud, until the end: no route",
    ] {
        assert!(english.lines().any(|one| one == line), "{line}\n---\n{english}");
    }
    let korean = report.markdown(Language::Ko);
    assert!(korean.contains("# 탤리 보고서: Sunday"));
    assert!(korean.contains("- 04:00:02 카메라 3, 민수: 빨강, 끝내 확인되지 않음"), "{korean}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["cameras"][0]["unconfirmed"][0]["at"], "2026-11-24T04:00:02+09:00");
    assert_eq!(json["outages"][0]["of"], "cloud");
}
