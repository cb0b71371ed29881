//! What director and operators say to each other beside the tally: cues and their answers, signals, readiness.

use returnfeed_protocol::{
    Ability, Answered, CloudToDirector, CloudToPage, Cue, CueAnswer, CueId, CueSheet, DirectorToCloud, Epoch,
    PageToCloud, PictureState, Readiness, Signal,
};

use crate::cloud::{Cloud, Session};
use crate::socket::{Crew, Socket, camera_number};

async fn director(cloud: &Cloud, session: &Session) -> (Socket, Epoch) {
    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let mut socket = cloud.client.open("/ws/director", &director.token).await;
    let welcome = socket.greet_as_director(epoch).await;
    assert!(matches!(welcome, CloudToDirector::Welcome { .. }), "{welcome:?}");
    (socket, epoch)
}

async fn page(cloud: &Cloud, token: &str, camera: u16) -> Socket {
    let mut socket = cloud.client.open("/ws/page", token).await;
    socket.greet_as_page(Some(camera)).await;
    socket
}

fn cue(epoch: Epoch, n: u64, to: Option<u16>, text: &str) -> Cue {
    let id = CueId { epoch, n };
    Cue { id, to: to.map(camera_number), text: text.to_owned().try_into().unwrap() }
}

async fn say(director: &mut Socket, silent: bool, cues: Vec<Cue>) {
    director.say(&DirectorToCloud::Cues { sheet: CueSheet { silent, cues } }).await;
}

/// Hears until this is what stands: silence, the text, what was answered. What stood before may be told once more.
async fn hears(page: &mut Socket, silent: bool, text: Option<&str>, answered: Option<Answered>) {
    page.find(|message| match message {
        CloudToPage::Cue { silent: now, cue, answered: said } => {
            let cue = cue.map(|cue| String::from(cue.text));
            (now == silent && cue.as_deref() == text && said == answered).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cue_reaches_whom_it_is_for_and_stands_for_who_comes_later_until_it_is_answered() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (ada, bo) = (session.camera("Ada").await, session.camera("Bo").await);
    let mut one = page(&cloud, &ada.token, 1).await;
    hears(&mut one, false, None, None).await;
    let (mut director, epoch) = director(&cloud, &session).await;
    let (hold, wide) = (cue(epoch, 1, None, "hold"), cue(epoch, 2, Some(1), "<b>wide</b>"));
    say(&mut director, true, vec![hold, wide.clone()]).await;
    let text = Some("<b>wide</b>");
    hears(&mut one, true, text, None).await;
    let mut two = page(&cloud, &bo.token, 2).await;
    hears(&mut two, true, Some("hold"), None).await;

    // The page loses its connection before its operator has answered.
    drop(one);
    let mut one = page(&cloud, &ada.token, 1).await;
    hears(&mut one, true, text, None).await;
    let answer = |answer| Answered { cue: wide.id, answer };
    let cannot = Some(answer(CueAnswer::Cannot));
    one.say(&PageToCloud::Answer { answered: answer(CueAnswer::Cannot) }).await;
    hears(&mut one, true, text, cannot).await;
    one.say(&PageToCloud::Answer { answered: answer(CueAnswer::Ready) }).await;
    let mut crew = Crew::default();
    director.people(&mut crew, |operators, _| operators.iter().any(|one| one.answered == cannot)).await;

    // A director that connects again says its sheet again: nobody is asked twice, and the first answer stands.
    let mut back = cloud.client.open("/ws/director", &session.director().await.token).await;
    back.greet_as_director(epoch).await;
    say(&mut back, false, vec![wide]).await;
    hears(&mut one, false, text, cannot).await;
    back.people(&mut Crew::default(), |operators, _| {
        operators.iter().any(|one| one.participant == ada.participant && one.answered == cannot)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cue_follows_the_camera_that_is_chosen_and_ends_with_its_director() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut first, epoch) = director(&cloud, &session).await;
    say(&mut first, false, vec![cue(epoch, 1, Some(2), "tight")]).await;
    let mut one = page(&cloud, &session.camera("Ada").await.token, 1).await;
    hears(&mut one, false, None, None).await;
    one.say(&PageToCloud::Follow { camera: camera_number(2) }).await;
    hears(&mut one, false, Some("tight"), None).await;
    let (_newer, _) = director(&cloud, &session).await;
    hears(&mut one, false, None, None).await;
    let mut viewer = page(&cloud, &session.viewer().await.token, 2).await;
    viewer.say(&PageToCloud::Ping { n: 1 }).await;
    let next: CloudToPage = viewer.hear().await;
    assert!(matches!(next, CloudToPage::Pong { .. }), "cues are for operators: {next:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_can_do_and_what_its_operator_says_reach_the_director() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut director, _) = director(&cloud, &session).await;
    let mut one = page(&cloud, &session.camera("Ada").await.token, 1).await;
    let readiness = Readiness {
        sound: Ability::Unarmed,
        vibration: Ability::Impossible,
        screen: Ability::Refused,
        visible: false,
        picture: PictureState::Blocked,
        layer: None,
        loss_per_mille: Some(4),
        round_trip_ms: Some(31),
        second_way: true,
        lan: None,
        battery: None,
    };
    one.say(&PageToCloud::Readiness { readiness }).await;
    one.say(&PageToCloud::Signal { signal: Some(Signal::Problem) }).await;
    let mut crew = Crew::default();
    director
        .people(&mut crew, |operators, _| {
            matches!(operators, [one] if one.readiness == Some(readiness) && one.signal == Some(Signal::Problem))
        })
        .await;
    one.say(&PageToCloud::Signal { signal: None }).await;
    director.people(&mut crew, |operators, _| operators[0].signal.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_that_is_none_ends_the_uplink_and_what_stood_stands() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut uplink, epoch) = director(&cloud, &session).await;
    say(&mut uplink, false, vec![cue(epoch, 1, None, "hold")]).await;
    let mut one = page(&cloud, &session.camera("Ada").await.token, 1).await;
    hears(&mut one, false, Some("hold"), None).await;
    say(&mut uplink, false, vec![cue(epoch, 2, None, "a"), cue(epoch, 3, None, "b")]).await;
    assert_eq!(uplink.director_bye().await.code, "message_not_understood");
    for text in [format!("\"{}\"", "x".repeat(81)), r#""two\nlines""#.to_owned(), "\"\"".to_owned()] {
        let token = session.director().await.token;
        let mut uplink = cloud.client.open("/ws/director", &token).await;
        uplink.greet_as_director(epoch).await;
        uplink
            .say_text(&format!(
                r#"{{"type":"cues","sheet":{{"silent":false,"cues":[{{"id":{{"epoch":1,"n":9}},"to":null,"text":{text}}}]}}}}"#
            ))
            .await;
        assert_eq!(uplink.director_bye().await.code, "message_not_understood", "{text}");
    }
    one.say(&PageToCloud::Follow { camera: camera_number(3) }).await;
    hears(&mut one, false, Some("hold"), None).await;
}
