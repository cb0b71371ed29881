use returnfeed_protocol::{CameraLamp, ParticipantId, TallyReason};

use super::*;

#[expect(clippy::disallowed_methods, reason = "an Instant has no other origin; only differences are used")]
fn start() -> Instant {
    Instant::now()
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn camera(number: u16) -> CameraNumber {
    number.try_into().unwrap()
}

struct Show {
    witness: Witness,
    now: Instant,
    seq: u64,
}

impl Show {
    /// Pages 1 and 2 follow camera 1, page 3 camera 2; all have said that they are idle.
    fn begin() -> Self {
        let mut show = Self { witness: Witness::new(), now: start(), seq: 0 };
        show.say(Tally::Idle, Tally::Idle);
        for (page, number) in [(1, 1), (2, 1), (3, 2)] {
            show.joins(page, number);
            show.shows(page, number, Tally::Idle);
        }
        show.noticed();
        show
    }

    fn say(&mut self, one: Tally, two: Tally) {
        self.seq += 1;
        let lamp = |number, tally| CameraLamp {
            camera: camera(number),
            name: String::new(),
            tally,
            reason: TallyReason::NotInUse,
        };
        let cameras = vec![lamp(1, one), lamp(2, two)];
        let state = TallyState { epoch: Epoch(1), seq: TallySequence(self.seq), cameras };
        self.witness.handle_word(&state, self.now);
    }

    fn joins(&mut self, page: u64, number: u16) {
        let presence = OperatorPresence {
            participant: ParticipantId::from_parts(page, [0; 10]),
            name: String::new(),
            camera: Some(camera(number)),
            asks: None,
            shows: None,
            delay: None,
            readiness: None,
            signal: None,
            answered: None,
        };
        self.witness.handle_operator(PageNumber(page), Some(&presence), self.now);
    }

    /// The newest word, as the page has it on its screen.
    fn shows(&mut self, page: u64, number: u16, tally: Tally) {
        self.shows_word(self.seq, page, number, tally);
    }

    fn shows_word(&mut self, seq: u64, page: u64, number: u16, tally: Tally) {
        let shown = Acknowledgement {
            page: PageNumber(page),
            camera: camera(number),
            epoch: Epoch(1),
            seq: TallySequence(seq),
            tally,
        };
        self.witness.handle_shown(&shown, self.now);
    }

    fn wait(&mut self, duration: Duration) {
        self.now += duration;
        while self.witness.poll_timeout().is_some_and(|due| due <= self.now) {
            self.witness.handle_timeout(self.now);
        }
    }

    fn noticed(&mut self) -> Vec<(u64, Seen)> {
        let next = || self.witness.poll_output().map(|noticed| (noticed.page.0, noticed.seen));
        std::iter::from_fn(next).collect()
    }
}

const RED: Tally = Tally::Program;

fn shown(tally: Tally, took: u64) -> Seen {
    Seen::Shown { tally, took: Some(ms(took)) }
}

#[test]
fn each_phone_of_a_camera_is_confirmed_for_itself_with_what_it_took() {
    let mut show = Show::begin();
    show.say(RED, Tally::Idle);
    show.wait(ms(40));
    show.shows(2, 1, RED);
    show.wait(ms(34));
    show.shows(1, 1, RED);
    assert_eq!(show.noticed(), [(2, shown(RED, 40)), (1, shown(RED, 74))]);
    let [one, two] = &show.witness.accounts()[..] else { panic!("two cameras") };
    assert_eq!((one.tally, one.confirmed, one.last), (RED, 2, Some(ms(74))));
    assert_eq!((two.confirmed, two.last), (1, None), "its lamp did not change");
}

#[test]
fn a_lamp_that_is_not_confirmed_within_a_second_is_said_once_and_so_is_its_return() {
    let mut show = Show::begin();
    show.say(RED, Tally::Idle);
    show.shows(2, 1, RED);
    show.noticed();
    show.wait(ms(999));
    assert_eq!(show.noticed(), []);
    show.wait(ms(1));
    assert_eq!(show.noticed(), [(1, Seen::Missing { tally: RED })]);
    assert_eq!(show.witness.accounts()[0].missing, [PageNumber(1)]);
    for _ in 0..5 {
        show.say(RED, Tally::Idle);
        show.shows(2, 1, RED);
        show.shows(3, 2, Tally::Idle);
        show.wait(ms(1_000));
    }
    assert_eq!(show.noticed(), [], "a repeat is no news of who is missing");
    show.shows(1, 1, RED);
    let back = Seen::Shown { tally: RED, took: None };
    assert_eq!(show.noticed(), [(1, back)]);
    assert!(show.witness.accounts()[0].missing.is_empty());
}

#[test]
fn the_answer_to_an_older_word_confirms_nothing() {
    let mut show = Show::begin();
    show.say(RED, Tally::Idle);
    show.say(Tally::Idle, RED);
    show.say(RED, Tally::Idle);
    // RED of the first cut, when the third has made it RED again: the page may still turn to idle.
    show.shows_word(2, 1, 1, RED);
    assert_eq!(show.noticed(), []);
    show.shows_word(4, 1, 1, RED);
    assert_eq!(show.noticed(), [(1, shown(RED, 0))]);
}

#[test]
fn a_page_that_falls_silent_without_a_cut_is_missing_when_its_word_has_grown_stale() {
    let mut show = Show::begin();
    show.say(Tally::Idle, Tally::Idle);
    show.shows(2, 1, Tally::Idle);
    show.shows(3, 2, Tally::Idle);
    show.wait(ms(TALLY_FRESH_MS));
    assert_eq!(show.noticed(), [(1, Seen::Missing { tally: Tally::Idle })]);
}

#[test]
fn a_page_that_shows_unknown_is_told_at_once_and_counted_apart() {
    let mut show = Show::begin();
    show.say(RED, Tally::Idle);
    show.shows(1, 1, Tally::Unknown);
    assert_eq!(show.noticed(), [(1, Seen::Unknown)]);
    assert_eq!(show.witness.accounts()[0].unknown, [PageNumber(1)]);
    show.say(RED, Tally::Idle);
    show.shows(1, 1, RED);
    assert_eq!(show.noticed(), [(1, Seen::Shown { tally: RED, took: None })]);
}

#[test]
fn a_lamp_that_nobody_can_vouch_for_is_confirmed_by_unknown() {
    let mut show = Show::begin();
    show.say(Tally::Unknown, Tally::Idle);
    show.wait(ms(20));
    show.shows(1, 1, Tally::Unknown);
    assert_eq!(show.noticed(), [(1, shown(Tally::Unknown, 20))]);
}

#[test]
fn who_joins_or_changes_the_camera_owes_the_lamp_and_no_measured_time() {
    let mut show = Show::begin();
    show.joins(4, 1);
    show.joins(3, 1);
    show.wait(ms(50));
    show.shows(4, 1, Tally::Idle);
    assert_eq!(show.noticed(), [(4, Seen::Shown { tally: Tally::Idle, took: None })]);
    show.wait(ms(950));
    assert_eq!(show.noticed(), [(3, Seen::Missing { tally: Tally::Idle })]);
    assert_eq!(show.witness.accounts()[0].p95, None);
}

#[test]
fn a_page_that_is_gone_and_a_cloud_that_is_absent_leave_nobody_missing() {
    let mut show = Show::begin();
    show.say(RED, RED);
    show.witness.handle_operator(PageNumber(1), None, show.now);
    show.witness.handle_absence(|_| false);
    show.wait(ms(5_000));
    assert_eq!(show.noticed(), []);
    assert_eq!(show.witness.poll_timeout(), None);
}

#[test]
fn p95_is_of_this_cameras_confirmations_alone() {
    let mut show = Show::begin();
    for n in 1..=50 {
        show.say(if n % 2 == 1 { RED } else { Tally::Idle }, Tally::Idle);
        let tally = if n % 2 == 1 { RED } else { Tally::Idle };
        show.wait(ms(n));
        show.shows(1, 1, tally);
        show.wait(ms(10));
        show.shows(2, 1, tally);
        show.shows(3, 2, Tally::Idle);
    }
    let accounts = show.witness.accounts();
    assert_eq!(accounts[0].p95, Some(ms(55)), "of 1..=50 and 11..=60");
    assert_eq!(accounts[1].p95, None);
}
