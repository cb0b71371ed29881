use std::sync::{Arc, Mutex};
use std::time::Duration;

use returnfeed_protocol::{
    Ability, Acknowledgement, Answered, CueAnswer, Delay, IngestState, OperatorPresence, PageNumber,
    ParticipantId, PictureState, PublishGrant, PublishKeyId, Readiness, Signal, SrtTarget, Tally,
    TallySequence,
};

use returnfeed_tally::{Concern, GreenRule, Lamps};

use super::*;
use crate::gui::{LampState, SourceState};
use crate::sources::Health;
use crate::uplink::{Grant, UplinkConfig};

mod air;
mod near;
mod settings;

/// A director's screen that keeps what it was shown.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<Notice>>>);

impl Gui for Screen {
    fn show(&mut self, notice: Notice) {
        self.0.lock().unwrap().push(notice);
    }
}

struct Stage {
    controller: Controller<Screen>,
    screen: Screen,
    now: Instant,
}

impl Stage {
    fn of(sources: u16) -> Self {
        Self::with(sources, TallyConfig::default())
    }

    /// As the headless director is started: for a session.
    fn by_the_cloud(sources: u16) -> Self {
        Self::start(sources, TallyConfig::default(), Some(air::session(1)))
    }

    fn with(sources: u16, tally: TallyConfig) -> Self {
        Self::start(sources, tally, None)
    }

    fn start(sources: u16, tally: TallyConfig, cloud: Option<Arc<UplinkConfig>>) -> Self {
        let sources: Vec<ShowSource> =
            (1..=sources).map(|n| ShowSource { number: source(n), label: format!("cam {n}") }).collect();
        let (screen, now) = (Screen::default(), Instant::now());
        let controller = Controller::new(
            ControllerConfig { sources, tally, cloud, ..ControllerConfig::default() },
            screen.clone(),
            now,
        );
        let mut stage = Self { controller, screen, now };
        stage.actions();
        stage.shown();
        stage
    }

    fn hear(&mut self, event: Event) -> Vec<Action> {
        self.controller.handle_event(event, self.now);
        self.actions()
    }

    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.controller.poll_action()).collect()
    }

    fn shown(&self) -> Vec<Notice> {
        std::mem::take(&mut self.screen.0.lock().unwrap())
    }
}

fn source(number: u16) -> SourceNumber {
    SourceNumber::new(number).unwrap()
}

fn buses(programme: u16, preview: u16) -> Event {
    let now = Buses { programme: source(programme), preview: SourceNumber::new(preview), incoming: None };
    Event::Buses(now, Duration::ZERO)
}

fn said(actions: &[Action]) -> Vec<(Epoch, Vec<Tally>)> {
    actions
        .iter()
        .filter_map(|action| match action {
            Action::Say(state) => Some((state.epoch, state.cameras.iter().map(|lamp| lamp.tally).collect())),
            _ => None,
        })
        .collect()
}

fn lamps(actions: &[Action]) -> Vec<(u16, bool, bool)> {
    actions
        .iter()
        .filter_map(|action| match action {
            Action::Lamp(source, lamp) => Some((source.get(), lamp.programme, lamp.preview)),
            _ => None,
        })
        .collect()
}

fn grant(epoch: u64) -> Grant {
    let srt = SrtTarget {
        port: 8890,
        passphrase: "0123456789".into(),
        stream_id_high: "h".into(),
        stream_id_low: "l".into(),
        latency_ms: 20,
    };
    let key = PublishKeyId::from_parts(1, [1; 10]);
    Grant(Box::new(PublishGrant { key, epoch: Epoch(epoch), expires_at: 0, srt }))
}

fn refused(refusal: Refusal) -> Event {
    ended(CallerEnd::Refused(refusal))
}

fn ended(end: CallerEnd) -> Event {
    let failure = PushFailure::End(end);
    Event::Push(Layer::High, PushEvent::Failed { failure, retry_in: Duration::from_secs(1) })
}

#[test]
fn a_cut_is_asked_of_the_mixer_and_the_tally_follows_what_the_mixer_shows() {
    let mut stage = Stage::of(3);
    let asked = stage.hear(Event::Command(Command::Cut(source(2))));
    assert!(matches!(asked[..], [Action::Cut(two)] if two == source(2)), "{asked:?}");
    let done = stage.hear(buses(2, 1));
    assert_eq!(said(&done), [(Epoch(0), vec![Tally::Preview, Tally::Program, Tally::Idle])]);
    assert_eq!(lamps(&done), [(1, false, true), (2, true, false), (3, false, false)]);
}

#[test]
fn a_source_on_both_buses_is_red_alone() {
    let mut stage = Stage::of(2);
    let done = stage.hear(buses(1, 1));
    assert_eq!(said(&done)[0].1, [Tally::Program, Tally::Idle]);
    assert_eq!(lamps(&done), [(1, true, false), (2, false, false)]);
}

#[test]
fn the_tally_is_said_again_each_second_and_after_each_connection() {
    let mut stage = Stage::of(2);
    stage.hear(buses(1, 2));
    let wait = stage.controller.poll_timeout() - stage.now;
    assert_eq!(wait, Duration::from_secs(1));
    stage.now += wait;
    stage.controller.handle_timeout(stage.now);
    assert_eq!(said(&stage.actions()).len(), 1);
    let connected = UplinkEvent::Connected { session: "Evening".into(), software: "cloud".into() };
    assert_eq!(said(&stage.hear(Event::Uplink(connected))).len(), 1);
}

#[test]
fn a_grant_begins_its_epoch_and_pushes() {
    let mut stage = Stage::of(1);
    let actions = stage.hear(Event::Uplink(UplinkEvent::Granted(grant(7))));
    assert!(actions.iter().any(|action| matches!(action, Action::Push(grant) if grant.0.epoch == Epoch(7))));
    assert_eq!(said(&actions)[0].0, Epoch(7));
}

#[test]
fn an_expired_key_asks_for_another_and_a_taken_over_session_ends_the_run_once() {
    let mut stage = Stage::by_the_cloud(1);
    assert!(matches!(stage.hear(refused(Refusal::KeyUnknown))[..], [Action::Regrant]));
    assert!(stage.hear(refused(Refusal::Unavailable)).is_empty());
    assert!(matches!(stage.hear(refused(Refusal::Superseded))[..], [Action::Stop(Some(_))]));
    assert!(stage.hear(refused(Refusal::SessionEnded)).is_empty());
    let ends = stage.shown().into_iter().filter(|notice| matches!(notice, Notice::Ended { .. })).count();
    assert_eq!(ends, 1);
}

#[test]
fn a_passphrase_that_was_changed_is_fetched_anew() {
    let mut stage = Stage::of(1);
    assert!(matches!(stage.hear(ended(CallerEnd::WrongPassphrase))[..], [Action::Regrant]));
    assert!(stage.hear(ended(CallerEnd::PeerGone)).is_empty());
}

#[test]
fn an_absent_cloud_stops_nothing() {
    let mut stage = Stage::by_the_cloud(2);
    stage.hear(buses(1, 2));
    let down = UplinkEvent::Down { reason: "no route".into(), retry_in: Duration::from_secs(1) };
    assert!(stage.hear(Event::Uplink(down)).is_empty());
    assert!(matches!(stage.hear(Event::Command(Command::Cut(source(2))))[..], [Action::Cut(_)]));
    let ended = stage.hear(Event::Uplink(UplinkEvent::Ended { reason: "taken over".into() }));
    assert!(matches!(ended[..], [Action::Stop(Some(_))]));
}

#[test]
fn a_keyframe_request_reaches_the_layer_it_names() {
    let mut stage = Stage::of(1);
    let request = CloudToDirector::KeyframeRequest { layer: Layer::Low };
    let actions = stage.hear(Event::Uplink(UplinkEvent::Heard(request)));
    assert!(matches!(actions[..], [Action::Keyframe(Layer::Low)]));
}

#[test]
fn status_says_the_newest_of_everything_again_and_changes_are_said_once() {
    let mut stage = Stage::of(1);
    stage.hear(Event::Source(source(1), Health::Starting));
    stage.hear(Event::Source(source(1), Health::Live));
    stage.hear(Event::Source(source(1), Health::Live));
    stage.hear(buses(1, 0));
    let operator = OperatorPresence {
        participant: ParticipantId::from_parts(1, [1; 10]),
        name: "Ana".into(),
        camera: None,
        asks: None,
        shows: None,
        delay: None,
        readiness: None,
        signal: None,
        answered: None,
    };
    let page = PageNumber(1);
    let presence = CloudToDirector::Operator { page, presence: Some(operator) };
    stage.hear(Event::Uplink(UplinkEvent::Heard(presence)));
    let ingest = CloudToDirector::Ingest {
        layer: Layer::High,
        ingest: IngestState::Receiving { problems: Vec::new() },
    };
    stage.hear(Event::Uplink(UplinkEvent::Heard(ingest)));
    assert_eq!(stage.shown().len(), 6);
    let delay = Some(Delay { ms: 38, error_ms: 4 });
    let late = CloudToDirector::Delay { page, delay };
    stage.hear(Event::Uplink(UplinkEvent::Heard(late)));
    assert_eq!(stage.shown().len(), 1);
    stage.hear(Event::Command(Command::Status));
    let again = stage.shown();
    assert_eq!(again.len(), 7, "and who switches");
    let knows =
        |notice: &Notice| matches!(notice, Notice::Presence { operators, .. } if operators[0].delay == delay);
    assert!(again.iter().any(knows), "{again:?}");
    assert_eq!(again[0], Notice::Status);
    assert!(matches!(&again[1], Notice::Source { state: SourceState::Live, .. }), "{again:?}");
}

#[test]
fn the_last_word_is_that_nobody_knows() {
    let mut stage = Stage::of(1);
    stage.hear(buses(1, 0));
    stage.controller.end(stage.now);
    assert_eq!(said(&stage.actions())[0].1, [Tally::Unknown]);
}

/// A show whose tally comes from these switchers, as the command line would have it.
fn foreign(tallies: &[&str], cameras: &[&str]) -> Stage {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let inputs = crate::inputs::InputSpec::parse_all(&owned(tallies)).unwrap();
    let cameras = CameraMap::parse(&owned(cameras), &inputs).unwrap();
    Stage::with(1, TallyConfig { cameras, green: GreenRule::PreviewBus })
}

fn switcher(name: &str, lights: &[(&str, bool, bool)]) -> Event {
    let fact = |(number, (name, programme, preview)): (u16, &(&str, bool, bool))| InputFact {
        programme: *programme,
        preview: *preview,
        ..InputFact::new(Some(number), *name)
    };
    Event::Switcher(name.into(), InputEvent::Inputs((1..).zip(lights).map(fact).collect()))
}

#[test]
fn a_foreign_switchers_inputs_are_the_cameras_and_the_own_source_lights_none() {
    let mut stage = foreign(&["vmix:h"], &[]);
    stage.hear(buses(1, 0));
    let heard = stage.hear(switcher("vMix", &[("Wide", true, false), ("Tight", false, true)]));
    assert_eq!(said(&heard), [(Epoch(0), vec![Tally::Program, Tally::Preview])]);
    let shown = stage.shown();
    let mapping = shown.iter().find_map(|notice| match notice {
        Notice::Mapping { switcher, inputs } => Some((switcher.as_str(), inputs.len())),
        _ => None,
    });
    assert_eq!(mapping, Some(("vMix", 2)));
}

#[test]
fn a_lost_switcher_darkens_its_own_cameras_alone_until_it_is_heard_again() {
    let mut stage = foreign(&["vmix:h", "atem:h"], &["1=vMix:1", "2=ATEM:1"]);
    stage.hear(switcher("vMix", &[("Wide", true, false)]));
    stage.hear(switcher("ATEM", &[("Crane", false, true)]));
    let lost = InputEvent::Lost { reason: "it closed the connection".into(), retry_in: None };
    let heard = stage.hear(Event::Switcher("vMix".into(), lost));
    assert_eq!(said(&heard)[0].1, [Tally::Unknown, Tally::Preview]);
    let heard = stage.hear(switcher("vMix", &[("Wide", true, false)]));
    assert_eq!(said(&heard)[0].1, [Tally::Program, Tally::Preview]);
}

#[test]
fn a_test_shows_red_on_the_lamp_that_is_meant() {
    let mut stage = Stage::of(2);
    stage.hear(buses(1, 0));
    let tested = stage.hear(Event::Command(Command::Test(Lamps::Of(2.try_into().unwrap()))));
    assert_eq!(said(&tested)[0].1, [Tally::Program, Tally::Program]);
}

fn joins(stage: &mut Stage, page: u64, name: &str, camera: u16) {
    is(stage, page, operator(page, name, camera));
}

fn is(stage: &mut Stage, page: u64, presence: OperatorPresence) {
    let joined = CloudToDirector::Operator { page: PageNumber(page), presence: Some(presence) };
    stage.hear(Event::Uplink(UplinkEvent::Heard(joined)));
}

fn operator(page: u64, name: &str, camera: u16) -> OperatorPresence {
    OperatorPresence {
        participant: ParticipantId::from_parts(page, [1; 10]),
        name: name.into(),
        camera: Some(camera.try_into().unwrap()),
        asks: None,
        shows: None,
        delay: None,
        readiness: None,
        signal: None,
        answered: None,
    }
}

fn shows(stage: &mut Stage, page: u64, camera: u16, seq: TallySequence, tally: Tally) {
    let (page, camera) = (PageNumber(page), camera.try_into().unwrap());
    let shown = vec![Acknowledgement { page, camera, epoch: Epoch(0), seq, tally }];
    stage.hear(Event::Uplink(UplinkEvent::Heard(CloudToDirector::Shown { shown })));
}

fn told(stage: &Stage) -> Vec<(String, LampState)> {
    let told = |notice| match notice {
        Notice::Lamp { who, state, .. } => Some((who.name, state)),
        _ => None,
    };
    stage.shown().into_iter().filter_map(told).collect()
}

#[test]
fn a_cut_is_told_with_when_each_phone_showed_it_and_which_did_not() {
    let mut stage = Stage::of(2);
    joins(&mut stage, 1, "Ada", 1);
    joins(&mut stage, 2, "Bo", 1);
    let word = stage.hear(buses(1, 2)).into_iter().find_map(|action| match action {
        Action::Say(state) => Some(state.seq),
        _ => None,
    });
    stage.shown();
    stage.now += Duration::from_millis(74);
    shows(&mut stage, 2, 1, word.unwrap(), Tally::Program);
    let took = Some(Duration::from_millis(74));
    assert_eq!(told(&stage), [("Bo".to_owned(), LampState::Shown { tally: Tally::Program, took })]);
    let due = stage.controller.poll_timeout();
    assert_eq!(due - stage.now, Duration::from_millis(926), "a second after the cut");
    stage.now = due;
    stage.controller.handle_timeout(due);
    assert_eq!(told(&stage), [("Ada".to_owned(), LampState::Missing { tally: Tally::Program })]);
    stage.hear(Event::Command(Command::Confirmations));
    let shown = stage.shown();
    let [Notice::Confirmations { cameras }] = &shown[..] else { panic!("{shown:?}") };
    let one = &cameras[0];
    assert_eq!((one.confirmed, one.last, one.missing[0].name.as_str()), (1, took, "Ada"));
}

#[test]
fn a_cue_goes_to_whom_it_is_meant_for_and_its_answer_is_told_once() {
    let mut stage = Stage::of(2);
    joins(&mut stage, 1, "Ada", 1);
    let say = |to: Option<u16>, text: &str| {
        let to = to.map(|camera| camera.try_into().unwrap());
        let text = Some(text.to_owned()).filter(|text| !text.is_empty());
        Event::Command(Command::Cue { to, text: text.map(|text| text.try_into().unwrap()) })
    };
    let sheet = |actions: Vec<Action>| match &actions[..] {
        [Action::Cues(sheet)] => sheet.clone(),
        other => panic!("{other:?}"),
    };
    stage.hear(say(None, "hold"));
    let said = sheet(stage.hear(say(Some(1), "wide")));
    assert_eq!(said.cues.iter().map(|cue| cue.text.as_str()).collect::<Vec<_>>(), ["hold", "wide"]);
    assert!(sheet(stage.hear(Event::Command(Command::Silence(true)))).silent);
    stage.shown();

    let answered = Some(Answered { cue: said.cues[1].id, answer: CueAnswer::Cannot });
    for _ in 0..2 {
        is(&mut stage, 1, OperatorPresence { answered, ..operator(1, "Ada", 1) });
    }
    let told: Vec<_> =
        stage.shown().into_iter().filter(|one| matches!(one, Notice::Answered { .. })).collect();
    assert!(
        matches!(&told[..], [Notice::Answered { text, answer: CueAnswer::Cannot, .. }] if text.as_str() == "wide"),
        "{told:?}"
    );
    let left = sheet(stage.hear(say(Some(1), "")));
    assert_eq!(left.cues.len(), 1, "taken back");
    assert!(sheet(stage.hear(say(None, ""))).cues.is_empty(), "all of it");
}

#[test]
fn who_needs_attention_stands_first_and_what_a_phone_lost_is_told() {
    let mut stage = Stage::of(2);
    let ready = Readiness {
        sound: Ability::Ready,
        vibration: Ability::Impossible,
        screen: Ability::Ready,
        visible: true,
        picture: PictureState::Playing,
        layer: Some(Layer::High),
        loss_per_mille: None,
        round_trip_ms: None,
        second_way: false,
        lan: None,
        battery: None,
    };
    let with =
        |readiness, signal| OperatorPresence { readiness: Some(readiness), signal, ..operator(2, "Bo", 2) };
    is(&mut stage, 1, OperatorPresence { readiness: Some(ready), ..operator(1, "Ada", 1) });
    is(&mut stage, 2, with(ready, None));
    stage.shown();
    let unarmed = Readiness { sound: Ability::Unarmed, ..ready };
    is(&mut stage, 2, with(unarmed, None));
    is(&mut stage, 2, with(unarmed, Some(Signal::Problem)));
    let told = stage.shown();
    let news: Vec<_> = told.iter().filter(|one| !matches!(one, Notice::Presence { .. })).collect();
    let [Notice::Attention { need }, Notice::Signal { signal: Some(Signal::Problem), .. }] = news[..] else {
        panic!("{told:?}")
    };
    assert_eq!(need.concerns, [Concern::SoundUnarmed]);
    stage.hear(Event::Command(Command::Readiness));
    let shown = stage.shown();
    let [Notice::Readiness { needs }] = &shown[..] else { panic!("{shown:?}") };
    assert_eq!(needs.iter().map(|need| need.who.name.as_str()).collect::<Vec<_>>(), ["Bo", "Ada"]);
    assert_eq!(needs[0].concerns, [Concern::Problem, Concern::SoundUnarmed]);
}
