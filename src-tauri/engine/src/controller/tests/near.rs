//! Pages that are heard on the local network, with the cloud and without it.

use returnfeed_protocol::{
    Ability, Acknowledgement, CertificateFingerprint, IceFragment, IcePassword, LanAnswer, LanOffer, LanPath,
    LanPeer, LanSide, PictureState, Readiness, TallySequence,
};

use super::crew::{is, joins, operator, told};
use super::*;
use crate::gui::LampState;
use crate::lan::LanEvent;

fn offer(page: u64) -> Event {
    let side = LanSide {
        fragment: IceFragment::try_from("abcd".to_owned()).unwrap(),
        password: IcePassword::try_from("p".repeat(24)).unwrap(),
        fingerprint: CertificateFingerprint::of(&[7; 32]),
    };
    let offer = LanOffer { peer: LanPeer::try_from("0f".repeat(16)).unwrap(), n: 1, side };
    Event::Uplink(UplinkEvent::Heard(CloudToDirector::LanOffer { page: PageNumber(page), offer }))
}

fn path(page: u64, proven: bool) -> Event {
    Event::Lan(LanEvent::Path { page: PageNumber(page), proven })
}

fn shows_near(page: u64, seq: TallySequence, tally: Tally) -> Event {
    let (page, camera) = (PageNumber(page), 1.try_into().unwrap());
    Event::Lan(LanEvent::Shown(Acknowledgement { page, camera, epoch: Epoch(0), seq, tally }))
}

fn down() -> Event {
    let (reason, retry_in) = ("it was killed".into(), Duration::from_secs(1));
    Event::Uplink(UplinkEvent::Down { reason, retry_in })
}

fn welcome() -> Event {
    Event::Uplink(UplinkEvent::Connected { session: "Sunday".into(), software: "test".into() })
}

fn cut(stage: &mut Stage) -> TallySequence {
    let said = stage.hear(buses(1, 2)).into_iter().find_map(|action| match action {
        Action::Say(state) => Some(state.seq),
        _ => None,
    });
    said.expect("a cut is said")
}

/// Who is there, and how they stand to us, as was said last.
fn near(stage: &Stage) -> Option<Vec<(String, Option<LanPath>)>> {
    let of = |one: &OperatorPresence| (one.name.clone(), one.readiness.and_then(|phone| phone.lan));
    let said = stage.shown().into_iter().rev().find_map(|notice| match notice {
        Notice::Presence { operators, .. } => Some(operators),
        _ => None,
    });
    said.map(|operators| operators.iter().map(of).collect())
}

fn phone() -> Readiness {
    Readiness {
        sound: Ability::Ready,
        vibration: Ability::Ready,
        screen: Ability::Ready,
        visible: true,
        picture: PictureState::Playing,
        layer: None,
        loss_per_mille: None,
        round_trip_ms: None,
        second_way: false,
        lan: Some(LanPath::Trying),
        battery: None,
    }
}

#[test]
fn an_offer_is_taken_to_the_local_network_and_its_answer_back_to_the_page() {
    let mut stage = Stage::of(2);
    joins(&mut stage, 1, "Ada", 1);
    let asked = stage.hear(offer(1));
    assert!(matches!(&asked[..], [Action::LanOffer(PageNumber(1), offer)] if offer.n == 1), "{asked:?}");
    let said = stage.hear(Event::Lan(LanEvent::Answer(PageNumber(1), LanAnswer::Closed { n: 1 })));
    assert!(matches!(&said[..], [Action::LanAnswer(PageNumber(1), LanAnswer::Closed { n: 1 })]), "{said:?}");
}

#[test]
fn who_is_heard_on_the_local_network_is_believed_and_blamed_while_the_cloud_is_away() {
    let mut stage = Stage::of(2);
    joins(&mut stage, 1, "Ada", 1);
    joins(&mut stage, 2, "Bo", 1);
    stage.hear(offer(1));
    stage.hear(path(1, true));
    stage.hear(down());
    let seq = cut(&mut stage);
    stage.shown();
    stage.now += Duration::from_millis(40);
    stage.hear(shows_near(1, seq, Tally::Program));
    let took = Some(Duration::from_millis(40));
    assert_eq!(told(&stage), [("Ada".to_owned(), LampState::Shown { tally: Tally::Program, took })]);

    stage.hear(buses(2, 1));
    stage.shown();
    stage.now += Duration::from_secs(2);
    stage.controller.handle_timeout(stage.now);
    // Bo was only ever heard by the cloud: nobody knows what Bo sees.
    assert_eq!(told(&stage), [("Ada".to_owned(), LampState::Missing { tally: Tally::Preview })]);
}

#[test]
fn a_page_whose_way_to_the_cloud_broke_stays_until_it_is_not_heard_here_either() {
    let mut stage = Stage::of(2);
    is(&mut stage, 1, OperatorPresence { readiness: Some(phone()), ..operator(1, "Ada", 1) });
    stage.hear(offer(1));
    stage.hear(path(1, true));
    assert_eq!(near(&stage), Some(vec![("Ada".to_owned(), Some(LanPath::Proven))]));
    let gone = CloudToDirector::Operator { page: PageNumber(1), presence: None };
    stage.hear(Event::Uplink(UplinkEvent::Heard(gone)));
    let seq = cut(&mut stage);
    stage.shown();
    stage.hear(shows_near(1, seq, Tally::Program));
    assert!(matches!(&told(&stage)[..], [(name, LampState::Shown { .. })] if name == "Ada"));
    stage.hear(path(1, false));
    assert_eq!(near(&stage), Some(Vec::new()));
}

#[test]
fn a_number_that_a_new_cloud_gives_to_another_is_not_taken_for_the_one_who_had_it() {
    let mut stage = Stage::of(2);
    joins(&mut stage, 1, "Ada", 1);
    stage.hear(offer(1));
    stage.hear(path(1, true));
    stage.hear(down());
    stage.hear(welcome());
    is(&mut stage, 1, operator(2, "Bo", 1));
    let seq = cut(&mut stage);
    stage.shown();
    stage.hear(shows_near(1, seq, Tally::Program));
    assert_eq!(told(&stage), [], "it is Ada's phone that shows it");
    stage.hear(offer(1));
    stage.hear(shows_near(1, seq, Tally::Program));
    assert!(matches!(&told(&stage)[..], [(name, LampState::Shown { .. })] if name == "Bo"));
}
