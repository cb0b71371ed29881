//! Every order of presses around going on air.

use std::time::Duration;

use secrecy::SecretString;

use super::*;
use crate::gui::{AirState, Door};
use crate::uplink::Trust;

/// What a person or the cloud does.
#[derive(Clone, Copy)]
enum Does {
    Rehearse,
    GoLive,
    GoLiveElsewhere,
    Stop,
    Connects,
    LetsIn(Door),
    GoesAway,
    Refuses,
    Left,
}

pub(super) fn session(n: u64) -> Arc<UplinkConfig> {
    Arc::new(UplinkConfig {
        cloud: "https://cloud.example".parse().unwrap(),
        session: returnfeed_protocol::SessionId::from_parts(n, [1; 10]),
        token: SecretString::from("token"),
        trust: Trust::System,
    })
}

fn event(does: Does) -> Event {
    let go = |session, door| Event::Command(Command::GoOnAir { uplink: session, door });
    match does {
        Does::Rehearse => go(session(1), Door::Operators),
        Does::GoLive => go(session(1), Door::Everybody),
        Does::GoLiveElsewhere => go(session(2), Door::Everybody),
        Does::Stop => Event::Command(Command::GoOffAir),
        Does::Connects => {
            Event::Uplink(UplinkEvent::Connected { session: "Evening".into(), software: "cloud".into() })
        }
        Does::LetsIn(door) => Event::Uplink(UplinkEvent::Door(door)),
        Does::GoesAway => {
            Event::Uplink(UplinkEvent::Down { reason: "no route".into(), retry_in: Duration::from_secs(1) })
        }
        Does::Refuses => {
            Event::Uplink(UplinkEvent::Ended { reason: "the token has expired; sign in again".into() })
        }
        Does::Left => Event::OffAir,
    }
}

/// What was done about it, and what the screen says of the air.
fn play(steps: &[Does]) -> (Vec<&'static str>, Vec<AirState>, Stage) {
    let mut stage = Stage::of(2);
    let (mut done, mut shown) = (Vec::new(), Vec::new());
    for step in steps {
        done.extend(stage.hear(event(*step)).into_iter().filter_map(|action| match action {
            Action::OpenUplink(_) => Some("open"),
            Action::Door(Door::Operators) => Some("operators"),
            Action::Door(Door::Everybody) => Some("everybody"),
            Action::CloseUplink => Some("close"),
            Action::Stop(_) => Some("END"),
            _ => None,
        }));
        shown.extend(stage.shown().into_iter().filter_map(|notice| match notice {
            Notice::Air { state } => Some(state),
            _ => None,
        }));
    }
    (done, shown, stage)
}

const EVERYBODY: Option<Door> = Some(Door::Everybody);
const OPERATORS: Option<Door> = Some(Door::Operators);

fn off(reason: &str) -> AirState {
    AirState::Off { reason: reason.into() }
}

#[test]
fn a_rehearsal_goes_live_without_a_new_push() {
    use Does::{Connects, GoLive, LetsIn, Rehearse};
    let steps = [Rehearse, Connects, LetsIn(Door::Operators), GoLive, LetsIn(Door::Everybody)];
    let (done, shown, _) = play(&steps);
    assert_eq!(done, ["open", "operators", "everybody"]);
    let (starting, on) = (|door| AirState::Starting { door }, |door| AirState::On { door });
    assert_eq!(shown, [starting(OPERATORS), on(OPERATORS), starting(EVERYBODY), on(EVERYBODY)]);
}

#[test]
fn a_double_click_on_go_live_is_one() {
    use Does::{Connects, GoLive, LetsIn};
    let (done, shown, _) = play(&[GoLive, GoLive, Connects, GoLive, LetsIn(Door::Everybody), GoLive]);
    assert_eq!(done, ["open", "everybody"]);
    assert_eq!(shown, [AirState::Starting { door: EVERYBODY }, AirState::On { door: EVERYBODY }]);
}

#[test]
fn a_stop_during_the_start_closes_what_was_opened_and_what_comes_late_changes_nothing() {
    use Does::{Connects, GoLive, Left, LetsIn, Stop};
    let (done, shown, _) = play(&[GoLive, Stop, Stop, Connects, LetsIn(Door::Everybody), Left]);
    assert_eq!(done, ["open", "everybody", "close"]);
    assert_eq!(shown, [AirState::Starting { door: EVERYBODY }, AirState::Stopping, off("")]);
}

#[test]
fn a_press_while_the_last_session_is_left_is_done_after_it() {
    use Does::{GoLive, GoLiveElsewhere, Left, Stop};
    let (done, _, _) = play(&[GoLive, Stop, GoLiveElsewhere, Left]);
    assert_eq!(done, ["open", "everybody", "close", "open", "everybody"]);
    let (done, shown, _) = play(&[GoLive, Stop, GoLive, Stop, Left]);
    assert_eq!(done, ["open", "everybody", "close"]);
    assert_eq!(shown.last(), Some(&off("")));
}

#[test]
fn a_cloud_that_is_lost_during_the_start_is_waited_for_and_the_local_show_goes_on() {
    use Does::{Connects, GoLive, GoesAway, LetsIn};
    let (done, shown, mut stage) =
        play(&[GoLive, GoesAway, Connects, GoesAway, Connects, LetsIn(Door::Everybody), GoesAway]);
    assert_eq!(done, ["open", "everybody"]);
    assert_eq!(shown, [AirState::Starting { door: EVERYBODY }, AirState::On { door: EVERYBODY }]);
    assert!(matches!(stage.hear(Event::Command(Command::Cut(source(2))))[..], [Action::Cut(_)]));
}

#[test]
fn a_token_that_has_expired_takes_the_programme_off_air_and_ends_nothing_else() {
    use Does::{GoLive, Left, Refuses};
    let (done, shown, mut stage) = play(&[GoLive, Refuses, Left]);
    assert_eq!(done, ["open", "everybody", "close"]);
    assert_eq!(shown.last(), Some(&off("the token has expired; sign in again")));
    assert!(matches!(stage.hear(Event::Command(Command::Cut(source(2))))[..], [Action::Cut(_)]));
}

#[test]
fn another_session_is_refused_while_one_is_on_air() {
    let (done, _, mut stage) = play(&[Does::GoLive]);
    stage.hear(event(Does::GoLiveElsewhere));
    assert_eq!(done, ["open", "everybody"]);
    assert!(
        matches!(&stage.shown()[..], [Notice::Refused { reason }] if reason.contains("off air there first"))
    );
}

#[test]
fn a_full_disk_stops_the_recording_alone() {
    let (_, _, mut stage) = play(&[Does::GoLive, Does::Connects, Does::LetsIn(Door::Everybody)]);
    let reason = "the disk is nearly full; free some of it".to_owned();
    let state = crate::gui::RecordingState::Stopped { reason };
    let done = stage.hear(Event::Recording(state.clone()));
    assert!(done.is_empty(), "{done:?}");
    assert_eq!(stage.shown(), [Notice::Recording { state }]);
}
