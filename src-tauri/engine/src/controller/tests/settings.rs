//! Settings and what takes them back; and who switches.

use super::*;
use crate::gui::{Change, KeyState, ProgrammeMode};
use crate::switch::{Gain, KeyPicture, SoundSettings};

fn third(title: &str) -> Option<KeyPicture> {
    Some(KeyPicture::LowerThird { title: title.into(), subtitle: String::new() })
}

fn key(stage: &Stage) -> Option<KeyState> {
    let key = |notice| match notice {
        Notice::Key { state } => Some(state),
        _ => None,
    };
    stage.shown().into_iter().filter_map(key).next_back()
}

#[test]
fn an_empty_key_is_refused_and_a_loaded_one_goes_on_and_off() {
    let mut stage = Stage::of(2);
    assert!(stage.hear(Event::Command(Command::Key(true))).is_empty());
    assert!(matches!(&stage.shown()[..], [Notice::Refused { reason }] if reason.contains("load")));
    stage.hear(Event::KeyLoaded(Ok(third("Ada"))));
    assert!(matches!(stage.hear(Event::Command(Command::Key(true)))[..], [Action::Key(true)]));
    assert_eq!(key(&stage), Some(KeyState { on: true, shows: third("Ada"), trouble: None }));
    stage.hear(Event::KeyLoaded(Err("it is no PNG".into())));
    let stays = KeyState { on: true, shows: third("Ada"), trouble: Some("it is no PNG".into()) };
    assert_eq!(key(&stage), Some(stays), "what was loaded before stays");
}

#[test]
fn changes_are_taken_back_one_by_one_newest_first() {
    let mut stage = Stage::of(2);
    let louder = SoundSettings { gain: Gain::tenths(30), ..SoundSettings::default() };
    stage.hear(Event::KeyLoaded(Ok(third("Ada"))));
    stage.hear(Event::KeyLoaded(Ok(third("Bo"))));
    stage.hear(Event::Command(Command::Sound(louder)));
    assert!(stage.shown().contains(&Notice::Undo { change: Some(Change::Sound) }));
    let undo = |stage: &mut Stage| stage.hear(Event::Command(Command::Undo));
    assert!(matches!(undo(&mut stage)[..], [Action::Sound(sound)] if sound == SoundSettings::default()));
    assert!(matches!(&undo(&mut stage)[..], [Action::KeyPicture(picture)] if *picture == third("Ada")));
    stage.hear(Event::KeyLoaded(Ok(third("Ada"))));
    assert!(matches!(&undo(&mut stage)[..], [Action::KeyPicture(None)]));
    stage.shown();
    assert!(undo(&mut stage).is_empty());
    assert!(matches!(&stage.shown()[..], [Notice::Refused { .. }]));
}

#[test]
fn both_sides_of_a_transition_are_red_until_its_last_frame() {
    let mut stage = Stage::of(3);
    let mixing = Buses { programme: source(1), preview: Some(source(2)), incoming: Some(source(2)) };
    let during = stage.hear(Event::Buses(mixing, std::time::Duration::ZERO));
    assert_eq!(said(&during)[0].1, [Tally::Program, Tally::Program, Tally::Idle]);
    assert_eq!(lamps(&during), [(1, true, false), (2, true, false), (3, false, false)]);
    let after = stage.hear(buses(2, 1));
    assert_eq!(said(&after)[0].1, [Tally::Preview, Tally::Program, Tally::Idle]);
}

#[test]
fn beside_another_switcher_the_screen_says_so_and_a_cut_is_refused() {
    let sources = vec![ShowSource { number: source(1), label: "vMix".into() }];
    let config = ControllerConfig {
        sources,
        beside: Some(source(1)),
        switchers: vec!["vMix".into()],
        ..ControllerConfig::default()
    };
    let (screen, now) = (Screen::default(), Instant::now());
    let controller = Controller::new(config, screen.clone(), now);
    let mut stage = Stage { controller, screen, now };
    stage.actions();
    let mode = ProgrammeMode::Beside { source: source(1), switchers: vec!["vMix".into()] };
    assert!(stage.shown().contains(&Notice::Mode { mode }));
    assert!(stage.hear(Event::Command(Command::Cut(source(1)))).is_empty());
    assert!(matches!(&stage.shown()[..], [Notice::Refused { reason }] if reason.contains("cut there")));
}
