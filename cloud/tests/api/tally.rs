//! The relay over real WebSockets: words, snapshots, takeovers, presence, farewells.

use std::time::{Duration, Instant};

use returnfeed_protocol::{
    CloudToDirector, CloudToPage, DirectorToCloud, Epoch, IngestState, JoinResponse, Layer, PROTOCOL_VERSION,
    PageToCloud, Picture, Role, SessionState, SocketTicket, Tally, TallySequence,
};

use crate::cloud::{Cloud, Session};
use crate::socket::{Crew, DEADLINE, Socket, camera_number, word};

const RED: &[(u16, Tally)] = &[(1, Tally::Program), (2, Tally::Idle)];
const IDLE: &[(u16, Tally)] = &[(1, Tally::Idle), (2, Tally::Program)];

async fn director(cloud: &Cloud, session: &Session) -> (Socket, Epoch) {
    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let mut socket = cloud.client.open("/ws/director", &director.token).await;
    let welcome = socket.greet_as_director(epoch).await;
    assert!(matches!(welcome, CloudToDirector::Welcome { protocol: PROTOCOL_VERSION, .. }), "{welcome:?}");
    (socket, epoch)
}

async fn camera(cloud: &Cloud, session: &Session, number: u16) -> (Socket, JoinResponse) {
    let camera = session.camera("Ada").await;
    let mut socket = cloud.client.open("/ws/page", &camera.token).await;
    let welcome = socket.greet_as_page(Some(number)).await;
    let CloudToPage::Welcome { participant, role: Role::Camera, picture, .. } = welcome else {
        panic!("{welcome:?}")
    };
    assert_eq!((participant, picture), (camera.participant, Picture { layers: Vec::new() }));
    let placed: CloudToPage = socket.hear().await;
    assert!(matches!(&placed, CloudToPage::Place { place } if place.name == "Ada"), "{placed:?}");
    (socket, camera)
}

/// The next message to an operator's page that is no cue.
async fn next(page: &mut Socket) -> CloudToPage {
    page.find(|message| (!matches!(message, CloudToPage::Cue { .. })).then_some(message)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_reaches_every_operator_as_it_was_said() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut one, _) = camera(&cloud, &session, 1).await;
    let (mut two, _) = camera(&cloud, &session, 2).await;
    let (mut director, epoch) = director(&cloud, &session).await;
    director.say_tally(epoch, 1, RED).await;
    for page in [&mut one, &mut two] {
        assert_eq!(page.tally().await.1, word(epoch, 1, RED));
    }
    director.say_tally(epoch, 2, IDLE).await;
    assert_eq!(one.tally().await.1, word(epoch, 2, IDLE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joiner_gets_the_newest_word_with_its_age_and_no_repeat_of_it() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut director, epoch) = director(&cloud, &session).await;
    let said = Instant::now();
    director.say_tally(epoch, 1, RED).await;
    let (mut first, _) = camera(&cloud, &session, 1).await;
    assert_eq!(first.tally().await.1, word(epoch, 1, RED));

    // Age grows with real time, so this one waits for it: two pongs of the socket are ten seconds, a joiner after
    // half a second is enough to tell an age from a zero.
    let mut age = 0;
    while age < 500 {
        let (mut page, _) = camera(&cloud, &session, 1).await;
        let (told, state) = page.tally().await;
        let bound = u64::try_from(said.elapsed().as_millis()).unwrap();
        assert!((age..=bound).contains(&told), "{told} after {age}, at most {bound}");
        assert_eq!(state, word(epoch, 1, RED));
        age = told;
        assert!(said.elapsed() < DEADLINE);
    }
    // Only the director's word refreshes: after the joiners, the first page hears the next word and nothing else.
    director.say_tally(epoch, 2, IDLE).await;
    assert_eq!(first.tally().await.1, word(epoch, 2, IDLE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_director_is_dismissed_and_its_words_go_nowhere() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut old, old_epoch) = director(&cloud, &session).await;
    old.say_tally(old_epoch, 1, RED).await;
    let (mut page, _) = camera(&cloud, &session, 1).await;
    assert_eq!(page.tally().await.1.epoch, old_epoch);

    let (mut new, new_epoch) = director(&cloud, &session).await;
    new.say_tally(new_epoch, 1, IDLE).await;
    assert_eq!(page.tally().await.1, word(new_epoch, 1, IDLE));
    let bye = old.director_bye().await;
    assert_eq!((bye.status, bye.code.as_str()), (409, "stale_director"));

    // It comes back with its old run: refused at the door, and the newer one goes on.
    let director = session.director().await;
    let mut back = cloud.client.open("/ws/director", &director.token).await;
    let refused = back.greet_as_director(old_epoch).await;
    let CloudToDirector::Bye { problem } = refused else { panic!("{refused:?}") };
    assert_eq!(problem.code, "stale_director");
    new.say_tally(new_epoch, 2, RED).await;
    assert_eq!(page.tally().await.1, word(new_epoch, 2, RED));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_still_refuses_the_stale_director() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let token = session.director().await.token;
    let (_old, old_epoch) = director(&cloud, &session).await;
    let (_new, new_epoch) = director(&cloud, &session).await;
    let Cloud { server, dir, .. } = cloud;
    server.stop().await;

    let cloud = Cloud::start_in(dir).await;
    let mut back = cloud.client.open("/ws/director", &token).await;
    let refused = back.greet_as_director(old_epoch).await;
    assert!(
        matches!(&refused, CloudToDirector::Bye { problem } if problem.code == "stale_director"),
        "{refused:?}"
    );
    let mut newest = cloud.client.open("/ws/director", &token).await;
    let welcome = newest.greet_as_director(new_epoch).await;
    assert!(matches!(welcome, CloudToDirector::Welcome { .. }), "{welcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_run_that_connects_again_replaces_its_older_uplink() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (first, epoch) = director(&cloud, &session).await;
    let mut again = cloud.client.open("/ws/director", &session.director().await.token).await;
    assert!(matches!(again.greet_as_director(epoch).await, CloudToDirector::Welcome { .. }));
    assert_eq!(first.director_bye().await.code, "uplink_replaced");
    let (mut page, _) = camera(&cloud, &session, 1).await;
    again.say_tally(epoch, 7, RED).await;
    assert_eq!(page.tally().await.1, word(epoch, 7, RED));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_never_granted_cannot_lock_the_others_out() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director_token = session.director().await.token;
    let mut forger = cloud.client.open("/ws/director", &director_token).await;
    let refused = forger.greet_as_director(Epoch(u64::MAX)).await;
    assert!(
        matches!(&refused, CloudToDirector::Bye { problem } if problem.code == "epoch_unknown"),
        "{refused:?}"
    );
    director(&cloud, &session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_not_newer_or_of_another_run_ends_the_uplink() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut uplink, epoch) = director(&cloud, &session).await;
    uplink.say_tally(epoch, 2, RED).await;
    uplink.say_tally(epoch, 2, IDLE).await;
    assert_eq!(uplink.director_bye().await.code, "message_not_understood");
    let (mut uplink, epoch) = director(&cloud, &session).await;
    uplink.say_tally(Epoch(epoch.0 + 1), 1, RED).await;
    assert_eq!(uplink.director_bye().await.code, "stale_director");
    let (mut page, _) = camera(&cloud, &session, 1).await;
    assert_eq!(page.tally().await.1, word(Epoch(epoch.0 - 1), 2, RED), "the good word stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_hear_of_the_session_and_never_of_the_tally() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let viewer = session.viewer().await;
    let mut page = cloud.client.open("/ws/page", &viewer.token).await;
    page.greet_as_page(None).await;
    let (mut director, epoch) = director(&cloud, &session).await;
    director.people(&mut Crew::default(), |operators, viewers| operators.is_empty() && viewers == 1).await;
    let (mut camera, _) = camera(&cloud, &session, 1).await;
    director.say_tally(epoch, 1, RED).await;
    camera.tally().await; // the word has been handed on
    session.set(SessionState::Live).await;
    let message: CloudToPage = page.hear().await;
    assert!(
        matches!(&message, CloudToPage::Session { session } if session.state == SessionState::Live),
        "{message:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_director_sees_who_is_there_and_what_each_shows() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut director, epoch) = director(&cloud, &session).await;
    let mut crew = Crew::default();
    let (mut page, ada) = camera(&cloud, &session, 1).await;
    director
        .people(&mut crew, |operators, _| {
            matches!(operators, [one] if one.name == "Ada" && one.camera == Some(camera_number(1)) && one.shows.is_none())
        })
        .await;
    page.say(&PageToCloud::Follow { camera: camera_number(2) }).await;
    director.people(&mut crew, |operators, _| operators[0].camera == Some(camera_number(2))).await;

    page.say(&shown(epoch, 9, 2, Tally::Program)).await;
    let told = director.shown().await;
    let number = *crew.operators.keys().next().unwrap();
    assert_eq!(
        (told.page, told.camera, told.seq, told.tally),
        (number, camera_number(2), TallySequence(9), Tally::Program)
    );
    assert_eq!((crew.operators[&number].participant, told.epoch), (ada.participant, epoch));

    // Whoever directs next is told what was said last.
    let (mut next, _) = self::director(&cloud, &session).await;
    next.people(&mut Crew::default(), |operators, _| {
        operators.iter().any(|one| one.shows == Some(Tally::Program))
    })
    .await;
    drop(page);
    next.people(&mut crew, |operators, _| operators.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_of_one_operator_acknowledge_for_themselves() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let ada = session.camera("Ada").await;
    let mut phones = Vec::new();
    for _ in 0..2 {
        let mut phone = cloud.client.open("/ws/page", &ada.token).await;
        phone.greet_as_page(Some(1)).await;
        phones.push(phone);
    }
    let (mut director, epoch) = director(&cloud, &session).await;
    let mut crew = Crew::default();
    director.people(&mut crew, |operators, _| operators.len() == 2).await;
    phones[0].say(&shown(epoch, 1, 1, Tally::Program)).await;
    let one = director.shown().await.page;
    phones[1].say(&shown(epoch, 1, 1, Tally::Unknown)).await;
    let two = director.shown().await;
    assert_eq!(two.tally, Tally::Unknown);
    assert_ne!(one, two.page);
    assert!(crew.operators.contains_key(&one) && crew.operators.contains_key(&two.page));
    drop(phones.remove(0));
    director.people(&mut crew, |operators, _| operators.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_viewer_claims_to_show_is_told_to_nobody() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut director, epoch) = director(&cloud, &session).await;
    let mut viewer = cloud.client.open("/ws/page", &session.viewer().await.token).await;
    viewer.greet_as_page(Some(1)).await;
    viewer.say(&shown(epoch, 1, 1, Tally::Program)).await;
    let (mut page, _) = camera(&cloud, &session, 1).await;
    page.say(&shown(epoch, 2, 1, Tally::Idle)).await;
    assert_eq!(director.shown().await.seq, TallySequence(2));
}

fn shown(epoch: Epoch, seq: u64, camera: u16, tally: Tally) -> PageToCloud {
    PageToCloud::Shown { epoch, seq: TallySequence(seq), camera: camera_number(camera), tally }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_director_is_told_how_each_layer_arrives() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut director, _) = director(&cloud, &session).await;
    let mut told = Vec::new();
    while told.len() < 2 {
        told.push(
            director
                .find(|message| match message {
                    CloudToDirector::Ingest { layer, ingest } => Some((layer, ingest)),
                    _ => None,
                })
                .await,
        );
    }
    told.sort_by_key(|(layer, _)| *layer);
    assert_eq!(told, [(Layer::Low, IngestState::Absent), (Layer::High, IngestState::Absent)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_session_ends_every_socket_of_it_and_of_no_other() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let other = cloud.session_of(session.owner.clone()).await;
    let (page, _) = camera(&cloud, &session, 1).await;
    let (director, _) = director(&cloud, &session).await;
    let (mut elsewhere, _) = camera(&cloud, &other, 1).await;
    session.set(SessionState::Ended).await;
    let bye = page.page_bye().await;
    assert_eq!((bye.status, bye.code.as_str()), (409, "session_ended"));
    assert_eq!(director.director_bye().await.code, "session_ended");
    elsewhere.say(&PageToCloud::Ping { n: 4 }).await;
    assert!(matches!(next(&mut elsewhere).await, CloudToPage::Pong { n: 4, .. }));

    // Who comes late is told the same.
    let token = other.camera("").await.token;
    other.set(SessionState::Ended).await;
    let mut late = cloud.client.open("/ws/page", &token).await;
    let told = late.greet_as_page(Some(1)).await;
    assert!(matches!(&told, CloudToPage::Bye { problem } if problem.code == "session_ended"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_one_session_is_heard_in_no_other() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let other = cloud.session_of(session.owner.clone()).await;
    let (mut here, _) = camera(&cloud, &session, 1).await;
    let (mut there, _) = camera(&cloud, &other, 1).await;
    let (mut director, epoch) = director(&cloud, &session).await;
    director.say_tally(epoch, 1, RED).await;
    here.tally().await;
    there.say(&PageToCloud::Ping { n: 1 }).await;
    let message = next(&mut there).await;
    assert!(matches!(message, CloudToPage::Pong { n: 1, .. }), "{message:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_keep_to_the_protocol_is_told_why() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let token = session.camera("").await.token;
    let hello = |protocol| {
        let ticket = Some(SocketTicket::new("TICKET"));
        serde_json::to_string(&PageToCloud::Hello { protocol, ticket, camera: None }).unwrap()
    };
    let ping = serde_json::to_string(&PageToCloud::Ping { n: 1 }).unwrap();
    let cases = [
        (vec![ping], "hello_expected"),
        (vec![hello(PROTOCOL_VERSION), hello(PROTOCOL_VERSION)], "hello_expected"),
        (vec![hello(PROTOCOL_VERSION + 1)], "protocol_unknown"),
        (vec!["{}".to_owned()], "message_not_understood"),
        (vec!["\u{ac00}".to_owned()], "message_not_understood"),
        (vec![r#"{"type":"hello","protocol":1,"camera":100}"#.to_owned()], "message_not_understood"),
    ];
    for (said, code) in cases {
        let mut page = cloud.client.open("/ws/page", &token).await;
        for text in &said {
            page.say_text(&text.replace("TICKET", page.ticket().unwrap().expose())).await;
        }
        assert_eq!(page.page_bye().await.code, code, "{said:?}");
    }
    let mut page = cloud.client.open("/ws/page", &token).await;
    page.greet_as_page(None).await;
    for n in 0..80 {
        page.say(&PageToCloud::Ping { n }).await;
    }
    assert_eq!(page.page_bye().await.code, "too_many_messages");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_previous_version_is_understood_and_a_newer_one_is_told_to_update_the_server() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let token = session.camera("").await.token;
    let mut page = cloud.client.open("/ws/page", &token).await;
    let ticket = page.ticket();
    page.say(&PageToCloud::Hello { protocol: PROTOCOL_VERSION - 1, ticket, camera: None }).await;
    assert!(matches!(page.hear().await, CloudToPage::Welcome { .. }));
    let mut page = cloud.client.open("/ws/page", &token).await;
    let ticket = page.ticket();
    page.say(&PageToCloud::Hello { protocol: u16::MAX, ticket, camera: None }).await;
    assert!(page.page_bye().await.detail.contains("update the server"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_read_costs_itself_alone() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (_deaf, _) = camera(&cloud, &session, 1).await;
    let (mut page, _) = camera(&cloud, &session, 1).await;
    let (mut director, epoch) = director(&cloud, &session).await;
    let lamps: Vec<_> = (1..=99).map(|number| (number, Tally::Idle)).collect();
    let start = Instant::now();
    for seq in 1..=2_000 {
        director.say_tally(epoch, seq, &lamps).await; // some 20 MB, far more than the sockets between hold
    }
    while page.tally().await.1.seq != TallySequence(2_000) {}
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    let (mut joiner, _) = camera(&cloud, &session, 1).await;
    let (age, state) = joiner.tally().await;
    assert_eq!(state.seq, TallySequence(2_000));
    assert!(Duration::from_millis(age) < DEADLINE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_says_goodbye() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (page, _) = camera(&cloud, &session, 1).await;
    let (director, _) = director(&cloud, &session).await;
    let Cloud { server, dir: _dir, .. } = cloud;
    let (page, director, ()) = tokio::join!(page.page_bye(), director.director_bye(), server.stop());
    assert_eq!((page.code.as_str(), page.status), ("server_stopping", 503));
    assert_eq!(director.code, "server_stopping");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_answers_no_ping_is_ended() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let ticket = cloud.client.ticket(&session.camera("Ada").await.token).await;
    // By hand and by plain HTTP, because a library answers pings by itself.
    let mut raw =
        tokio::net::TcpStream::connect(("127.0.0.1", cloud.server.ready().https_port)).await.unwrap();
    let request = concat!(
        "GET /ws/page HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n",
        "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    raw.write_all(request.as_bytes()).await.unwrap();
    let hello = PageToCloud::Hello { protocol: PROTOCOL_VERSION, ticket: Some(ticket), camera: None };
    let hello = serde_json::to_vec(&hello).unwrap();
    // One text frame of up to 125 bytes, masked with zeros (RFC 6455 5.2).
    raw.write_all(&[0x81, 0x80 | u8::try_from(hello.len()).unwrap(), 0, 0, 0, 0]).await.unwrap();
    raw.write_all(&hello).await.unwrap();
    let mut heard = Vec::new();
    tokio::time::timeout(2 * DEADLINE, raw.read_to_end(&mut heard))
        .await
        .expect("silence is noticed")
        .unwrap();
    let heard = String::from_utf8_lossy(&heard);
    assert!(heard.starts_with("HTTP/1.1 101") && heard.contains("connection_silent"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_without_a_hello_is_nobodys_and_is_ended_soon() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let silent = cloud.client.open("/ws/page", &session.camera("Ada").await.token).await;
    let stranger = cloud.client.open("/ws/director", &session.director().await.token).await;
    assert_eq!(silent.page_bye().await.code, "hello_expected");
    assert_eq!(stranger.director_bye().await.code, "hello_expected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_dated_is_as_old_as_its_director_s_count_makes_it_wherever_it_stood() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut page, _) = camera(&cloud, &session, 1).await;
    let (mut director, epoch) = director(&cloud, &session).await;
    // By a count of its own, on which it is a day old.
    let begun = Instant::now();
    let count_us = || 86_400_000_000 + u64::try_from(begun.elapsed().as_micros()).expect("a test of minutes");
    let said =
        |seq, lamps, run_us| DirectorToCloud::Tally { state: word(epoch, seq, lamps), run_us: Some(run_us) };
    let first_us = count_us();
    director.say(&said(1, RED, first_us)).await;
    let question = |message| match message {
        CloudToDirector::ClockRequest { n, .. } => Some(n),
        _ => None,
    };
    let n = director.find(question).await;
    // Nobody knows yet how old the first one is: it may have stood there since before the server did.
    director.say(&said(2, RED, first_us)).await;
    director.say(&DirectorToCloud::Clock { n, unix_us: 0, run_us: Some(count_us()) }).await;
    let (_, first) = page.tally().await;
    assert_eq!(first.seq, TallySequence(2), "the newest of those that waited");
    let stood = Duration::from_secs(4);
    let since = |from_us: u64| (count_us() - from_us) / 1_000;
    let old_us = count_us() - u64::try_from(stood.as_micros()).expect("four seconds");
    director.say(&said(3, IDLE, old_us)).await;
    let (age_ms, old) = page.tally().await;
    assert_eq!(old.seq, TallySequence(3));
    assert!(age_ms >= 4_000 && age_ms <= since(first_us) + 4_000, "{age_ms} ms; it stood for four seconds");
}
