//! What operators show, answer and lack.

use returnfeed_protocol::{
    Ability, Acknowledgement, Answered, CueAnswer, PictureState, Readiness, Signal, TallySequence,
};
use returnfeed_tally::Concern;

use super::*;
use crate::gui::LampState;

pub(super) fn joins(stage: &mut Stage, page: u64, name: &str, camera: u16) {
    is(stage, page, operator(page, name, camera));
}

pub(super) fn is(stage: &mut Stage, page: u64, presence: OperatorPresence) {
    let joined = CloudToDirector::Operator { page: PageNumber(page), presence: Some(presence) };
    stage.hear(Event::Uplink(UplinkEvent::Heard(joined)));
}

pub(super) fn operator(page: u64, name: &str, camera: u16) -> OperatorPresence {
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

pub(super) fn shows(stage: &mut Stage, page: u64, camera: u16, seq: TallySequence, tally: Tally) {
    let (page, camera) = (PageNumber(page), camera.try_into().unwrap());
    let shown = vec![Acknowledgement { page, camera, epoch: Epoch(0), seq, tally }];
    stage.hear(Event::Uplink(UplinkEvent::Heard(CloudToDirector::Shown { shown })));
}

pub(super) fn told(stage: &Stage) -> Vec<(String, LampState)> {
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
