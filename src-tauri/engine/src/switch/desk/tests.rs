use super::*;

const fn ms(ms: u64) -> EngineTime {
    Duration::from_millis(ms)
}

fn source(number: u16) -> SourceNumber {
    SourceNumber::new(number).unwrap()
}

fn buses(programme: u16, preview: u16) -> Output {
    Output::Buses(Buses { programme: source(programme), preview: SourceNumber::new(preview), incoming: None })
}

fn drain(desk: &mut Desk) -> Vec<Output> {
    std::iter::from_fn(|| desk.poll_output()).collect()
}

/// Two live sources, the first on air since 10 ms.
fn running() -> Desk {
    let mut desk = Desk::new(2, SourceNumber::at(0), ms(0));
    desk.handle_health(source(1), true, ms(10));
    desk.handle_health(source(2), true, ms(10));
    assert_eq!(desk.handle_frame(source(1), ms(10)), Verdict::Air(ms(10)));
    assert_eq!(drain(&mut desk), [buses(1, 2)]);
    desk
}

#[test]
fn the_first_source_goes_on_air_with_its_first_frame_and_the_second_waits_on_preview() {
    running();
}

#[test]
fn a_cut_changes_the_lamps_at_the_incoming_frame_and_not_at_the_key() {
    let mut desk = running();
    desk.cut(source(2), ms(20)).unwrap();
    assert_eq!(drain(&mut desk), []);
    assert_eq!(
        desk.handle_frame(source(1), ms(27)),
        Verdict::Air(ms(27)),
        "the outgoing source stays on air"
    );
    assert_eq!(desk.handle_frame(source(2), ms(30)), Verdict::Air(ms(30)));
    assert_eq!(drain(&mut desk), [buses(2, 1)]);
    assert_eq!(desk.handle_frame(source(1), ms(44)), Verdict::Keep);
}

#[test]
fn a_cut_to_a_source_that_is_silent_happens_with_its_last_picture() {
    let mut desk = running();
    desk.handle_frame(source(2), ms(15));
    desk.cut(source(2), ms(20)).unwrap();
    assert_eq!(desk.poll_timeout(), Some((ms(120), Reason::Cut)));
    desk.handle_timeout(ms(120));
    assert_eq!(drain(&mut desk), [buses(2, 1), Output::LastPicture(source(2), ms(120))]);
}

#[test]
fn a_cut_to_a_lost_source_shows_its_slate_at_once() {
    let mut desk = running();
    desk.handle_health(source(2), false, ms(20));
    desk.cut(source(2), ms(30)).unwrap();
    assert_eq!(drain(&mut desk), [buses(2, 1), Output::Slate(source(2), ms(30))]);
}

/// Sixty a second that jitter leave no room before the next of their own; the lamps have changed.
#[test]
fn the_first_frame_of_a_cut_goes_on_air_however_soon_it_comes_after_the_last() {
    let mut desk = running();
    for (n, early) in (1..10).zip([0, 0, 12, 0, 0, 0, 12, 0, 0]) {
        desk.handle_frame(source(1), ms(10 + n * 16 + early));
    }
    desk.cut(source(2), ms(154)).unwrap();
    assert_eq!(desk.handle_frame(source(2), ms(155)), Verdict::Air(ms(155)));
    assert_eq!(drain(&mut desk), [buses(2, 1)]);
    desk.auto(Transition { manner: Manner::Mix, duration: ms(500) }, ms(156)).unwrap();
    let mixed = desk.handle_frame(source(1), ms(157));
    assert!(matches!(mixed, Verdict::Blend(blend) if blend.at == ms(157)), "{mixed:?}");
}

#[test]
fn a_slate_runs_at_thirty_until_the_source_is_back() {
    let mut desk = running();
    desk.handle_health(source(1), false, ms(800));
    assert_eq!(drain(&mut desk), [Output::Slate(source(1), ms(800))]);
    let mut shown = 0;
    for now in 801..1_800 {
        desk.handle_timeout(ms(now));
        shown += drain(&mut desk).len();
    }
    assert!((29..=31).contains(&shown), "{shown}");
    desk.handle_health(source(1), true, ms(1_800));
    assert_eq!(desk.handle_frame(source(1), ms(1_800)), Verdict::Air(ms(1_800)));
    assert_eq!(desk.poll_timeout(), None);
}

#[test]
fn a_source_that_never_starts_is_on_air_as_a_slate_after_a_second() {
    let mut desk = Desk::new(1, SourceNumber::at(0), ms(0));
    assert_eq!(desk.poll_timeout(), Some((ms(1_000), Reason::Cut)));
    desk.handle_timeout(ms(1_000));
    assert_eq!(
        drain(&mut desk),
        [
            Output::Buses(Buses { programme: source(1), preview: None, incoming: None }),
            Output::Slate(source(1), ms(1_000))
        ]
    );
}

#[test]
fn air_times_strictly_rise_even_when_two_sources_deliver_in_one_instant() {
    let mut desk = running();
    desk.cut(source(2), ms(20)).unwrap();
    assert_eq!(desk.handle_frame(source(1), ms(30)), Verdict::Air(ms(30)));
    assert_eq!(desk.handle_frame(source(2), ms(30)), Verdict::Air(ms(30) + TICK));
}

#[test]
fn a_cut_to_what_is_on_air_changes_nothing_and_withdraws_a_waiting_cut() {
    let mut desk = running();
    desk.cut(source(2), ms(20)).unwrap();
    desk.cut(source(1), ms(21)).unwrap();
    assert_eq!(desk.handle_frame(source(2), ms(25)), Verdict::Keep);
    assert_eq!(drain(&mut desk), []);
}

#[test]
fn an_unknown_source_is_refused_with_the_range_there_is() {
    let mut desk = running();
    let refusal = desk.cut(source(7), ms(20)).unwrap_err();
    assert_eq!(refusal.to_string(), "there is no source 7; the sources go from 1 to 2");
    assert_eq!(desk.set_preview(source(3)).unwrap_err().asked, source(3));
}

#[test]
fn a_preview_is_said_at_once_and_only_when_it_changes() {
    let mut desk = running();
    desk.set_preview(source(1)).unwrap();
    desk.set_preview(source(1)).unwrap();
    assert_eq!(drain(&mut desk), [buses(1, 1)]);
}

const SECOND: Transition = Transition { manner: Manner::Mix, duration: ms(1_000) };

/// Source 1 on air and 2 on preview, both live at 50 a second, 2 half a frame later; what a mix begun at 1,005 ms leads
/// to, frame by frame.
#[test]
fn a_mix_is_driven_by_the_incoming_frames_and_both_sides_are_on_air_from_its_first_to_its_last() {
    let mut desk = two_live();
    desk.auto(SECOND, ms(1_005)).unwrap();
    let (mut blends, mut said, mut old) = (Vec::new(), Vec::new(), 0);
    for now in 1_006..2_100 {
        desk.handle_timeout(ms(now));
        let verdict = match now % 20 {
            0 => desk.handle_frame(source(1), ms(now)),
            10 => desk.handle_frame(source(2), ms(now)),
            _ => Verdict::Keep,
        };
        said.extend(drain(&mut desk).into_iter().map(|output| (now, output)));
        match verdict {
            Verdict::Blend(blend) => blends.push(blend),
            Verdict::Air(at) if now < 2_005 => old += usize::from(at == ms(now)),
            Verdict::Air(_) | Verdict::Keep => {}
        }
    }
    assert_eq!(old, 0, "no frame of the old source alone");
    assert_eq!(blends.len(), 50);
    assert_eq!((blends[0].at, blends[0].part), (ms(1_010), Part::of(ms(5), ms(1_000))));
    assert!(blends.windows(2).all(|two| two[0].part < two[1].part && two[0].at < two[1].at));
    let mixing = Buses { programme: source(1), preview: Some(source(2)), incoming: Some(source(2)) };
    assert_eq!(
        said,
        [
            (1_010, Output::Transition(Some(SECOND))),
            (1_010, Output::Buses(mixing)),
            (2_010, Output::Transition(None)),
            (2_010, buses(2, 1)),
        ]
    );
}

#[test]
fn a_mix_to_a_source_that_falls_silent_goes_on_with_its_slate_and_ends() {
    let mut desk = two_live();
    desk.auto(SECOND, ms(1_000)).unwrap();
    desk.handle_frame(source(2), ms(1_010));
    drain(&mut desk);
    desk.handle_health(source(2), false, ms(1_400));
    let mut blends = 0;
    for now in 1_400..2_200 {
        desk.handle_timeout(ms(now));
        for output in drain(&mut desk) {
            match output {
                Output::Blend(_) => blends += 1,
                Output::Slate(of, at) => {
                    assert!(of == source(2) && at >= ms(2_000));
                    assert_eq!(
                        desk.buses(),
                        Some(Buses { programme: source(2), preview: Some(source(1)), incoming: None })
                    );
                }
                Output::Buses(_) | Output::Transition(_) => {}
                Output::LastPicture(..) => panic!("{output:?}"),
            }
        }
    }
    assert!((16..=20).contains(&blends), "30 a second: {blends}");
}

#[test]
fn a_cut_ends_a_mix_at_its_frame_whichever_side_it_is_to() {
    for (to, ends_with) in [(1, buses(1, 2)), (2, buses(2, 1))] {
        let mut desk = two_live();
        desk.auto(SECOND, ms(1_000)).unwrap();
        desk.handle_frame(source(2), ms(1_010));
        desk.cut(source(to), ms(1_200)).unwrap();
        drain(&mut desk);
        assert!(matches!(desk.handle_frame(source(to), ms(1_210)), Verdict::Air(_)), "{to}");
        assert_eq!(drain(&mut desk), [Output::Transition(None), ends_with], "{to}");
        assert_eq!(desk.transition(ms(1_211)), None);
    }
}

#[test]
fn a_transition_needs_something_to_come_and_is_alone() {
    let mut desk = two_live();
    desk.set_preview(source(1)).unwrap();
    assert_eq!(desk.auto(SECOND, ms(1_000)), Err(NoTransition::NothingToCome));
    desk.set_preview(source(2)).unwrap();
    let long = Transition { duration: ms(60_000), ..SECOND };
    assert_eq!(desk.auto(long, ms(1_000)), Err(NoTransition::TooLong));
    desk.auto(SECOND, ms(1_000)).unwrap();
    assert_eq!(desk.auto(SECOND, ms(1_000)), Err(NoTransition::Running));
    assert!(desk.swap(ms(1_001)).is_ok());
    assert!(matches!(desk.handle_frame(source(2), ms(1_010)), Verdict::Air(_)));
}

#[test]
fn what_is_put_on_preview_during_a_mix_stays_there() {
    let mut desk = Desk::new(3, source(1), ms(0));
    for number in 1..=3 {
        desk.handle_health(source(number), true, ms(0));
        desk.handle_frame(source(number), ms(1));
    }
    desk.auto(SECOND, ms(1_000)).unwrap();
    desk.handle_frame(source(2), ms(1_010));
    desk.set_preview(source(3)).unwrap();
    drain(&mut desk);
    desk.handle_frame(source(2), ms(2_010));
    assert_eq!(drain(&mut desk), [Output::Transition(None), buses(2, 3)]);
}

fn two_live() -> Desk {
    let mut desk = Desk::new(2, source(1), ms(0));
    for number in [1, 2] {
        desk.handle_health(source(number), true, ms(0));
        desk.handle_frame(source(number), ms(number.into()));
    }
    drain(&mut desk);
    desk
}
