//! How late the picture is: the director's clock is measured, the pages learn how sure that is, the director hears
//! what each operator's screen says.

use returnfeed_protocol::{CloudToDirector, CloudToPage, Delay, DirectorToCloud, Epoch, PageToCloud, Tally};

use crate::cloud::{Cloud, Session};
use crate::socket::{Crew, Socket};

const LAMPS: &[(u16, Tally)] = &[(1, Tally::Program)];
const LATE: Delay = Delay { ms: 38, error_ms: 4 };

async fn director(cloud: &Cloud, session: &Session) -> (Socket, Epoch) {
    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let mut socket = cloud.client.open("/ws/director", &director.token).await;
    socket.greet_as_director(epoch).await;
    (socket, epoch)
}

async fn page(cloud: &Cloud, token: &str) -> Socket {
    let mut socket = cloud.client.open("/ws/page", token).await;
    socket.greet_as_page(Some(1)).await;
    socket
}

async fn pong(page: &mut Socket, asked: u64) -> (u64, Option<u64>) {
    page.say(&PageToCloud::Ping { n: asked }).await;
    let answer = |message| match message {
        CloudToPage::Pong { n, unix_us, capture_error_us, .. } if n == asked => {
            Some((unix_us, capture_error_us))
        }
        _ => None,
    };
    page.find(answer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directors_clock_is_asked_for_and_the_pages_learn_how_sure_the_capture_times_are() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let mut viewer = page(&cloud, &session.viewer().await.token).await;
    let (mut director, epoch) = director(&cloud, &session).await;
    let (unix_us, unknown) = pong(&mut viewer, 1).await;
    assert!(unix_us > 1_700_000_000_000_000, "{unix_us} is no Unix time in µs");
    assert_eq!(unknown, None);

    director.say_tally(epoch, 1, LAMPS).await;
    let question = |message| match message {
        CloudToDirector::ClockRequest { n, .. } => Some(n),
        _ => None,
    };
    let n = director.find(question).await;
    // An answer to another question says nothing; the right one, by a clock an hour ahead, does.
    director.say(&DirectorToCloud::Clock { n: n + 1, unix_us, run_us: None }).await;
    director.say_tally(epoch, 2, LAMPS).await;
    assert_eq!(pong(&mut viewer, 2).await.1, None);
    director.say(&DirectorToCloud::Clock { n, unix_us: unix_us + 3_600_000_000, run_us: None }).await;
    let mut asked = 3;
    let error_us = loop {
        match pong(&mut viewer, asked).await.1 {
            Some(error_us) => break error_us,
            None => asked += 1,
        }
        assert!(asked < 1_000, "the answer was never taken");
    };
    assert!(error_us < 30_000_000, "half of what the answer took, not {error_us} µs");

    // A newer run may be another machine: nothing is known of its clock.
    let (_newer, _) = self::director(&cloud, &session).await;
    assert_eq!(pong(&mut viewer, asked + 1).await.1, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_delay_reaches_the_director_and_whoever_directs_next_and_a_viewers_nobody() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let camera = session.camera("Ada").await;
    let mut operator = page(&cloud, &camera.token).await;
    let mut viewer = page(&cloud, &session.viewer().await.token).await;
    let (mut first, _) = director(&cloud, &session).await;
    viewer.say(&PageToCloud::Delay { delay: Some(Delay { ms: 9, error_ms: 1 }) }).await;
    pong(&mut viewer, 1).await; // it has been heard
    operator.say(&PageToCloud::Delay { delay: Some(LATE) }).await;
    let told = |message| match message {
        CloudToDirector::Delay { page, delay } => Some((page, delay)),
        _ => None,
    };
    let (page, late) = first.find(told).await;
    assert_eq!(late, Some(LATE));

    let (mut next, _) = director(&cloud, &session).await;
    let mut crew = Crew::default();
    next.people(&mut crew, |operators, _| operators.len() == 1).await;
    assert_eq!(crew.operators[&page].delay, Some(LATE));
    assert_eq!(crew.operators[&page].participant, camera.participant);

    operator.say(&PageToCloud::Delay { delay: None }).await;
    assert_eq!(next.find(told).await, (page, None));
}
