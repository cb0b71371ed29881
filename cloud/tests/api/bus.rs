//! Two servers over one PostgreSQL: a session's director at one, its operators at the other.

use std::path::Path;
use std::time::Duration;

use returnfeed_cloud::config::{BusKind, Config};
use returnfeed_cloud::store::DatabaseUrl;
use returnfeed_protocol::{
    CloudToDirector, CloudToPage, Epoch, JoinResponse, PageToCloud, SessionState, Tally, TallySequence,
};
use tempfile::TempDir;

use crate::cloud::{Cloud, Session, config};
use crate::postgres::{Cluster, name_for, shared};
use crate::socket::{Crew, Socket, camera_number, word};

const RED: &[(u16, Tally)] = &[(1, Tally::Program), (2, Tally::Idle)];
const IDLE: &[(u16, Tally)] = &[(1, Tally::Idle), (2, Tally::Program)];

/// A server of those that share a database; the second has the keys of the first, so that a token is good at both.
async fn server(database: &DatabaseUrl, keys_of: Option<&Path>) -> Cloud {
    let dir = tempfile::tempdir().unwrap();
    if let Some(other) = keys_of {
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        for key in ["token-key.pem", "pepper", "sealing-keys"] {
            std::fs::copy(other.join("data").join(key), data.join(key)).unwrap();
        }
    }
    let config = Config { database: database.clone(), bus: BusKind::Database, ..config(dir.path()) };
    Cloud::start_with(dir, &config).await
}

async fn two(database: &DatabaseUrl) -> [Cloud; 2] {
    let one = server(database, None).await;
    let two = server(database, Some(one.dir.path())).await;
    [one, two]
}

fn shared_database() -> (TempDir, DatabaseUrl) {
    let dir = tempfile::tempdir().unwrap();
    let database = shared().database(&name_for(dir.path()));
    (dir, database)
}

async fn director_at(cloud: &Cloud, session: &Session) -> (Socket, Epoch) {
    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let mut socket = cloud.client.open("/ws/director", &director.token).await;
    let welcome = socket.greet_as_director(epoch).await;
    assert!(matches!(welcome, CloudToDirector::Welcome { .. }), "{welcome:?}");
    (socket, epoch)
}

async fn camera_at(cloud: &Cloud, session: &Session, number: u16) -> (Socket, JoinResponse) {
    let camera = session.camera("Ada").await;
    let mut socket = cloud.client.open("/ws/page", &camera.token).await;
    let welcome = socket.greet_as_page(Some(number)).await;
    assert!(matches!(welcome, CloudToPage::Welcome { .. }), "{welcome:?}");
    (socket, camera)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_said_at_one_server_reaches_the_operators_at_the_other_and_their_answer_comes_back() {
    let (_dir, database) = shared_database();
    let [one, two] = two(&database).await;
    let session = one.session().await;
    let (mut far, _) = camera_at(&two, &session, 1).await;
    let (mut near, _) = camera_at(&one, &session, 2).await;
    let (mut director, epoch) = director_at(&one, &session).await;
    let mut crew = Crew::default();
    director.people(&mut crew, |operators, _| operators.len() == 2).await;

    director.say_tally(epoch, 1, RED).await;
    for page in [&mut near, &mut far] {
        let (age, state) = page.tally().await;
        assert_eq!(state, word(epoch, 1, RED));
        assert!(age < 2_500, "{age}");
    }
    let seq = TallySequence(1);
    far.say(&PageToCloud::Shown { epoch, seq, camera: camera_number(1), tally: Tally::Program }).await;
    let shown = director.shown().await;
    assert_eq!((shown.camera, shown.tally), (camera_number(1), Tally::Program));
    assert_eq!(crew.operators[&shown.page].camera, Some(camera_number(1)), "the page that it knows");

    drop(far);
    director.people(&mut crew, |operators, _| operators.len() == 1).await;
    director.say_tally(epoch, 2, IDLE).await;
    assert_eq!(near.tally().await.1, word(epoch, 2, IDLE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_director_at_another_server_takes_over_and_the_one_before_is_told() {
    let (_dir, database) = shared_database();
    let [one, two] = two(&database).await;
    let session = one.session().await;
    let (mut page, _) = camera_at(&two, &session, 1).await;
    let (mut old, first) = director_at(&one, &session).await;
    old.say_tally(first, 1, RED).await;
    assert_eq!(page.tally().await.1, word(first, 1, RED));

    let (mut new, second) = director_at(&two, &session).await;
    assert!(second > first);
    assert_eq!(old.director_bye().await.code, "stale_director");
    new.say_tally(second, 1, IDLE).await;
    assert_eq!(page.tally().await.1, word(second, 1, IDLE));
    let mut late = one.client.open("/ws/director", &session.director().await.token).await;
    let said: CloudToDirector = late.greet_as_director(first).await;
    assert!(
        matches!(&said, CloudToDirector::Bye { problem } if problem.code == "stale_director"),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_taken_out_and_what_ends_at_one_server_ends_at_the_other() {
    let (_dir, database) = shared_database();
    let [one, two] = two(&database).await;
    let session = one.session().await;
    let (removed, camera) = camera_at(&two, &session, 1).await;
    let (stays, _) = camera_at(&two, &session, 2).await;
    let path = session.path(&format!("/participants/{}", camera.participant));
    let answer =
        one.client.request(reqwest::Method::DELETE, &path, Some(&session.owner)).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    assert_eq!(removed.page_bye().await.code, "removed");
    session.set(SessionState::Ended).await;
    assert_eq!(stays.page_bye().await.code, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_hear_each_other_again_when_their_database_is_back() {
    let cluster = Cluster::start();
    let dir = tempfile::tempdir().unwrap();
    let [one, two] = two(&cluster.database(&name_for(dir.path()))).await;
    let session = one.session().await;
    let (mut far, _) = camera_at(&two, &session, 1).await;
    let (mut near, _) = camera_at(&one, &session, 2).await;
    let (mut director, epoch) = director_at(&one, &session).await;
    director.say_tally(epoch, 1, RED).await;
    assert_eq!(far.tally().await.1, word(epoch, 1, RED));

    cluster.kill();
    director.say_tally(epoch, 2, IDLE).await;
    assert_eq!(near.tally().await.1, word(epoch, 1, RED));
    assert_eq!(near.tally().await.1, word(epoch, 2, IDLE), "its own server needs no database");
    cluster.resume();
    // As a director does: each second.
    let mut seq = 3;
    let heard = loop {
        director.say_tally(epoch, seq, RED).await;
        if let Ok((_, state)) = tokio::time::timeout(Duration::from_secs(1), far.tally()).await {
            break state;
        }
        seq += 1;
        assert!(seq < 30, "nothing is heard any more");
    };
    assert_eq!(heard.cameras, word(epoch, seq, RED).cameras);
    let mut crew = Crew::default();
    director.people(&mut crew, |operators, _| operators.len() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_has_no_operators_any_more() {
    let (_dir, database) = shared_database();
    let [one, two] = two(&database).await;
    let session = one.session().await;
    let (far, _) = camera_at(&two, &session, 1).await;
    let (mut director, _) = director_at(&one, &session).await;
    let mut crew = Crew::default();
    director.people(&mut crew, |operators, _| operators.len() == 1).await;
    two.server.stop().await;
    drop(far);
    director.people(&mut crew, |operators, _| operators.is_empty()).await;
}
