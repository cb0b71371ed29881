use std::sync::{Arc, Mutex};
use std::time::Duration;

use returnfeed_protocol::{
    CloudToDirector, Delay, IngestState, Layer, OperatorPresence, PageNumber, ParticipantId, PublishGrant,
    PublishKeyId, SrtTarget, Tally,
};
use returnfeed_srt::{CallerEnd, Refusal};
use returnfeed_tally::Lamps;

use super::*;
use crate::gui::SourceState;
use crate::inputs::InputEvent;
use crate::push::{PushEvent, PushFailure};
use crate::sources::Health;
use crate::switch::Buses;
use crate::uplink::{Grant, UplinkConfig, UplinkEvent};

mod air;
mod crew;
mod foreign;
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

#[test]
fn a_test_shows_red_on_the_lamp_that_is_meant() {
    let mut stage = Stage::of(2);
    stage.hear(buses(1, 0));
    let tested = stage.hear(Event::Command(Command::Test(Lamps::Of(2.try_into().unwrap()))));
    assert_eq!(said(&tested)[0].1, [Tally::Program, Tally::Program]);
}
