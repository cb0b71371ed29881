use super::*;
use crate::plan::Feed;

const OWN: &str = "ReturnFeed";

fn plan(number: u16, inputs: &[&str]) -> CameraPlan {
    let feeds = inputs.iter().map(|&input| Feed::of(OWN, input)).collect();
    fed(number, feeds)
}

fn fed(number: u16, feeds: Vec<Feed>) -> CameraPlan {
    CameraPlan { camera: camera(number), name: format!("Camera {number}"), feeds }
}

fn camera(number: u16) -> CameraNumber {
    number.try_into().unwrap()
}

fn facts(programme: &[&str], preview: &[&str]) -> Vec<InputFact> {
    let on = |name: &str| InputFact {
        programme: programme.contains(&name),
        preview: preview.contains(&name),
        ..InputFact::new(None, name)
    };
    ["a", "b", "c", "wide", "tight"].into_iter().map(on).collect()
}

/// A director and the clock on its wall.
struct Desk {
    director: Director,
    now: Instant,
}

#[expect(clippy::disallowed_methods, reason = "an Instant has no other origin; only differences are used")]
fn desk(cameras: Vec<CameraPlan>) -> Desk {
    let now = Instant::now();
    let config = DirectorConfig { epoch: Epoch(1), green: GreenRule::default(), cameras };
    Desk { director: Director::new(config, now).unwrap(), now }
}

impl Desk {
    fn hear(&mut self, switcher: &str, programme: &[&str], preview: &[&str]) {
        self.director.handle_inputs(&switcher.into(), facts(programme, preview), self.now);
    }

    fn lose(&mut self, switcher: &str, cause: &str) {
        self.director.handle_lost(&switcher.into(), cause, self.now);
    }

    fn tallies(&self) -> Vec<Tally> {
        self.director.lamps().iter().map(|lamp| lamp.tally).collect()
    }

    fn reason(&self, place: usize) -> &TallyReason {
        &self.director.lamps()[place].reason
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.director.handle_timeout(self.now);
    }
}

#[test]
fn a_director_that_heard_nothing_says_unknown() {
    let mut desk = desk(vec![plan(1, &["a"])]);
    let word = desk.director.poll_output().unwrap();
    assert_eq!(word.cameras[0].tally, Tally::Unknown);
    assert!(matches!(&word.cameras[0].reason, TallyReason::SwitcherLost { switcher, .. } if switcher == OWN));
}

#[test]
fn red_wins_over_green() {
    let mut desk = desk(vec![plan(1, &["a"]), plan(2, &["b"])]);
    desk.hear(OWN, &["a"], &["a", "b"]);
    assert_eq!(desk.tallies(), [Tally::Program, Tally::Preview]);
}

#[test]
fn both_sides_of_a_mix_are_red_and_so_is_the_source_of_a_key() {
    let mut desk = desk(vec![plan(1, &["a"]), plan(2, &["b"]), plan(3, &["c"])]);
    desk.hear(OWN, &["a", "b", "c"], &["b"]);
    assert_eq!(desk.tallies(), [Tally::Program; 3]);
}

#[test]
fn several_inputs_feed_one_camera_and_the_reason_names_the_one_on_air() {
    let mut desk = desk(vec![plan(1, &["wide", "tight"])]);
    desk.hear(OWN, &["tight"], &["wide"]);
    let expected = TallyReason::OnProgramme { switcher: OWN.into(), input: "tight".into() };
    assert_eq!(*desk.reason(0), expected);
}

#[test]
fn a_camera_behind_two_switchers_is_on_air_while_both_show_it() {
    let mut desk = desk(vec![fed(1, vec![Feed::of("ATEM", "a").through("vMix", "b")])]);
    for (atem, vmix, expected) in [
        ((["a"], [""]), (["b"], [""]), Tally::Program),
        ((["a"], [""]), (["c"], ["b"]), Tally::Preview),
        ((["c"], ["a"]), (["b"], [""]), Tally::Preview),
        ((["a"], [""]), (["c"], [""]), Tally::Idle),
    ] {
        desk.hear("ATEM", &atem.0, &atem.1);
        desk.hear("vMix", &vmix.0, &vmix.1);
        assert_eq!(desk.tallies(), [expected], "ATEM {atem:?}, vMix {vmix:?}");
    }
}

#[test]
fn what_may_be_on_air_is_never_green_and_what_surely_is_not_is_idle() {
    let either = fed(1, vec![Feed::of("ATEM", "a"), Feed::of("vMix", "b")]);
    let both = fed(2, vec![Feed::of("ATEM", "a").through("vMix", "b")]);
    let mut desk = desk(vec![either, both]);
    desk.hear("ATEM", &["c"], &["a"]);
    desk.lose("vMix", "the cable is out");
    assert_eq!(desk.tallies(), [Tally::Unknown, Tally::Unknown]);
    desk.hear("ATEM", &["c"], &[]);
    assert_eq!(desk.tallies(), [Tally::Unknown, Tally::Idle], "dark at the ATEM is dark behind it");
    desk.hear("ATEM", &["a"], &[]);
    assert_eq!(desk.tallies(), [Tally::Program, Tally::Unknown], "RED wins over what is not known");
}

#[test]
fn a_camera_without_an_input_is_not_mapped_whatever_the_switcher_says() {
    let mut desk = desk(vec![plan(7, &[])]);
    for step in 0..2 {
        assert_eq!(
            (desk.tallies(), desk.reason(0)),
            (vec![Tally::Unknown], &TallyReason::NotMapped),
            "{step}"
        );
        desk.hear(OWN, &["a"], &[]);
    }
}

#[test]
fn an_input_that_the_switcher_does_not_have_is_unknown_by_name() {
    let mut desk = desk(vec![plan(1, &["crane"])]);
    desk.hear(OWN, &["a"], &[]);
    let absent = TallyReason::InputAbsent { switcher: OWN.into(), input: "crane".into() };
    assert_eq!((desk.tallies(), desk.reason(0)), (vec![Tally::Unknown], &absent));
}

#[test]
fn a_lost_switcher_is_unknown_with_its_cause() {
    let mut desk = desk(vec![plan(1, &["a"])]);
    desk.hear(OWN, &["a"], &[]);
    desk.lose(OWN, "the cable is out");
    assert_eq!(desk.tallies(), [Tally::Unknown]);
    assert!(matches!(desk.reason(0), TallyReason::SwitcherLost { cause, .. } if cause == "the cable is out"));
}

#[test]
fn without_a_preview_every_camera_that_is_not_red_is_green_but_none_that_is_unknown() {
    let mut desk = desk(vec![plan(1, &["a"]), plan(2, &["b"]), plan(3, &[])]);
    desk.hear(OWN, &["a"], &[]);
    desk.director.set_green(GreenRule::EveryOther, desk.now);
    assert_eq!(desk.tallies(), [Tally::Program, Tally::Preview, Tally::Unknown]);
    assert_eq!(*desk.reason(1), TallyReason::EveryOther);
    desk.lose(OWN, "gone");
    assert_eq!(desk.tallies(), [Tally::Unknown; 3]);
}

#[test]
fn a_test_lights_a_lamp_for_ten_seconds_and_never_hides_red() {
    let mut desk = desk(vec![plan(1, &["a"]), plan(2, &["b"]), plan(3, &[])]);
    desk.hear(OWN, &["a"], &[]);
    desk.director.test(Lamps::All, Tally::Preview, desk.now);
    assert_eq!(desk.tallies(), [Tally::Program, Tally::Preview, Tally::Preview]);
    assert_eq!(*desk.reason(2), TallyReason::Test);

    desk.director.end_test(Lamps::Of(camera(2)), desk.now);
    assert_eq!(desk.tallies(), [Tally::Program, Tally::Idle, Tally::Preview]);
    for _ in 0..9 {
        desk.pass(Duration::from_secs(1));
    }
    desk.pass(Duration::from_millis(999));
    assert_eq!(desk.director.poll_timeout(), (desk.now + Duration::from_millis(1), Reason::TestEnds));
    assert_eq!(desk.tallies()[2], Tally::Preview);
    desk.pass(Duration::from_millis(1));
    assert_eq!(desk.tallies(), [Tally::Program, Tally::Idle, Tally::Unknown]);
}

#[test]
fn a_test_of_a_camera_that_is_not_in_the_show_is_nothing() {
    let mut desk = desk(vec![plan(1, &["a"])]);
    desk.director.poll_output();
    desk.director.test(Lamps::Of(camera(9)), Tally::Program, desk.now);
    assert_eq!(desk.director.poll_output(), None);
}

#[test]
fn a_change_is_said_at_once_and_the_state_again_each_second() {
    let mut desk = desk(vec![plan(1, &["a"])]);
    let first = desk.director.poll_output().unwrap();
    desk.hear(OWN, &["a"], &[]);
    let second = desk.director.poll_output().unwrap();
    assert!(second.supersedes(&first));

    desk.hear(OWN, &["a"], &[]);
    assert_eq!(desk.director.poll_output(), None, "nothing changed");

    let said = desk.now;
    desk.pass(REPEAT - Duration::from_millis(1));
    assert_eq!(desk.director.poll_output(), None, "too early");
    assert_eq!(desk.director.poll_timeout(), (said + REPEAT, Reason::Repeat));
    desk.pass(Duration::from_millis(1));
    let repeat = desk.director.poll_output().unwrap();
    assert!(repeat.supersedes(&second));
    assert_eq!(repeat.cameras, second.cameras);
}

#[test]
fn a_new_run_begins_its_own_sequence_and_an_older_one_is_passed_over() {
    let mut desk = desk(vec![plan(1, &["a"])]);
    let before = desk.director.poll_output().unwrap();
    desk.director.begin_epoch(Epoch(4), desk.now);
    let word = desk.director.poll_output().unwrap();
    assert_eq!((word.epoch, word.seq), (Epoch(4), TallySequence(1)));
    assert!(word.supersedes(&before));
    desk.director.begin_epoch(Epoch(3), desk.now);
    assert_eq!(desk.director.poll_output(), None);
}

#[test]
fn the_last_word_is_that_nobody_knows_a_test_included() {
    let mut desk = desk(vec![plan(1, &["a"]), fed(2, vec![Feed::of("vMix", "1")])]);
    desk.hear(OWN, &["a"], &[]);
    desk.director.test(Lamps::Of(camera(2)), Tally::Program, desk.now);
    desk.director.end("the director has ended", desk.now);
    assert_eq!(desk.tallies(), [Tally::Unknown; 2]);
}

#[test]
fn cameras_are_said_in_order_and_each_number_once() {
    let mut desk = desk(vec![plan(3, &["c"]), plan(1, &["a"])]);
    let numbers: Vec<_> = desk.director.lamps().iter().map(|lamp| lamp.camera.get()).collect();
    assert_eq!(numbers, [1, 3]);
    let twice = desk.director.set_cameras(vec![plan(2, &["a"]), plan(2, &["b"])], desk.now);
    assert_eq!(twice, Err(PlanRefusal::Twice { camera: camera(2) }));
    assert_eq!(desk.director.lamps().len(), 2, "the old show stays");
}
