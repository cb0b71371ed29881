use super::*;

const fn ms(ms: u64) -> EngineTime {
    Duration::from_millis(ms)
}

fn source(number: u16) -> SourceNumber {
    SourceNumber::new(number).unwrap()
}

fn buses(programme: u16, preview: u16) -> Output {
    Output::Buses(Buses { programme: source(programme), preview: SourceNumber::new(preview) })
}

fn drain(desk: &mut Desk) -> Vec<Output> {
    std::iter::from_fn(|| desk.poll_output()).collect()
}

/// Two live sources, the first on air since 10 ms.
fn running() -> Desk {
    let mut desk = Desk::new(2, ms(0));
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
    let mut desk = Desk::new(1, ms(0));
    assert_eq!(desk.poll_timeout(), Some((ms(1_000), Reason::Cut)));
    desk.handle_timeout(ms(1_000));
    assert_eq!(
        drain(&mut desk),
        [Output::Buses(Buses { programme: source(1), preview: None }), Output::Slate(source(1), ms(1_000))]
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
