//! Three servers over one PostgreSQL, which hear each other in it or over a real NATS: a session's director at one, its
//! operators at others. The same sheets over both.

use std::time::Duration;

use returnfeed_cloud::clock::Clock;
use returnfeed_cloud::config::{BusPlace, Config};
use returnfeed_cloud::server::Server;
use returnfeed_cloud::store::DatabaseUrl;
use returnfeed_protocol::{
    CloudToDirector, CloudToPage, Epoch, JoinResponse, PageToCloud, SessionState, Tally, TallySequence,
    TallyState,
};
use tempfile::TempDir;

use crate::cloud::{Cloud, Session, config};
use crate::nats::Nats;
use crate::postgres::{Cluster, name_for, shared};
use crate::socket::{Crew, Socket, camera_number, word};

const RED: &[(u16, Tally)] = &[(1, Tally::Program), (2, Tally::Idle)];
const IDLE: &[(u16, Tally)] = &[(1, Tally::Idle), (2, Tally::Program)];

/// What carries the words of the servers of one sheet.
enum Carrier {
    /// PostgreSQL, shared with other sheets or of this one alone.
    Database(Option<Cluster>),
    Nats(Nats),
}

/// Servers of the same sessions.
struct Farm {
    carrier: Carrier,
    servers: [Cloud; 3],
    _dir: TempDir,
}

/// Each sheet below, over each carrier.
macro_rules! over_each_bus {
    ($($sheet:ident)*) => {
        mod database {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $sheet() {
                super::$sheet(super::Carrier::Database(None)).await;
            })*
        }
        mod nats {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $sheet() {
                super::$sheet(super::Carrier::Nats(super::Nats::start())).await;
            })*
        }
    };
}

over_each_bus! {
    a_word_said_at_one_server_reaches_the_operators_at_the_others_and_their_answer_comes_back
    a_director_at_another_server_takes_over_and_the_one_before_is_told
    who_is_taken_out_and_what_ends_at_one_server_ends_at_the_others
    servers_hear_each_other_again_when_what_carries_their_words_is_back
    a_server_that_is_gone_has_no_operators_any_more
}

impl Carrier {
    fn place(&self) -> BusPlace {
        match self {
            Self::Database(_) => BusPlace::Database,
            Self::Nats(nats) => nats.open_place(),
        }
    }

    fn database(&self, dir: &TempDir) -> DatabaseUrl {
        let cluster = match self {
            Self::Database(Some(own)) => own,
            Self::Database(None) | Self::Nats(_) => shared(),
        };
        cluster.database(&name_for(dir.path()))
    }

    /// One that nobody else needs, to be killed.
    fn alone(self) -> Self {
        match self {
            Self::Database(_) => Self::Database(Some(Cluster::start())),
            Self::Nats(nats) => Self::Nats(nats),
        }
    }

    fn kill(&mut self) {
        match self {
            Self::Database(own) => own.as_ref().unwrap().kill(),
            Self::Nats(nats) => nats.kill(),
        }
    }

    fn resume(&mut self) {
        match self {
            Self::Database(own) => own.as_ref().unwrap().resume(),
            Self::Nats(nats) => nats.resume(),
        }
    }
}

impl Farm {
    async fn start(carrier: Carrier) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (database, place) = (carrier.database(&dir), carrier.place());
        let one = server(&database, &place, None, |_| {}).await;
        let two = server(&database, &place, Some(&one), |_| {}).await;
        let three = server(&database, &place, Some(&one), |_| {}).await;
        Self { carrier, servers: [one, two, three], _dir: dir }
    }
}

/// A server of those that share a database; the others have the keys of the first, so that a token is good at each.
pub(crate) async fn server(
    database: &DatabaseUrl,
    bus: &BusPlace,
    keys_of: Option<&Cloud>,
    change: impl FnOnce(&mut Config),
) -> Cloud {
    let dir = tempfile::tempdir().unwrap();
    if let Some(other) = keys_of {
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        for key in ["token-key.pem", "pepper", "sealing-keys"] {
            std::fs::copy(other.dir.path().join("data").join(key), data.join(key)).unwrap();
        }
    }
    let mut config = Config { database: database.clone(), bus: bus.clone(), ..config(dir.path()) };
    change(&mut config);
    Cloud::start_with(dir, &config).await
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

/// As a director does, each second, from `first` on until the page hears one of these words.
async fn say_until_heard(director: &mut Socket, epoch: Epoch, first: u64, page: &mut Socket) -> TallyState {
    for seq in first..first + 30 {
        director.say_tally(epoch, seq, RED).await;
        match tokio::time::timeout(Duration::from_secs(1), page.tally()).await {
            Ok((_, state)) if state.seq >= TallySequence(first) => return state,
            Ok(_) | Err(_) => {}
        }
    }
    panic!("nothing is heard");
}

async fn a_word_said_at_one_server_reaches_the_operators_at_the_others_and_their_answer_comes_back(
    carrier: Carrier,
) {
    let farm = Farm::start(carrier).await;
    let [one, two, three] = &farm.servers;
    let session = one.session().await;
    let (mut far, _) = camera_at(two, &session, 1).await;
    let (mut farther, _) = camera_at(three, &session, 1).await;
    let (mut near, _) = camera_at(one, &session, 2).await;
    let (mut director, epoch) = director_at(one, &session).await;
    let mut crew = Crew::default();
    director.people(&mut crew, |operators, _| operators.len() == 3).await;

    director.say_tally(epoch, 1, RED).await;
    for page in [&mut near, &mut far, &mut farther] {
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
    director.people(&mut crew, |operators, _| operators.len() == 2).await;
    director.say_tally(epoch, 2, IDLE).await;
    assert_eq!(near.tally().await.1, word(epoch, 2, IDLE));
    assert_eq!(farther.tally().await.1, word(epoch, 2, IDLE));
}

async fn a_director_at_another_server_takes_over_and_the_one_before_is_told(carrier: Carrier) {
    let farm = Farm::start(carrier).await;
    let [one, two, three] = &farm.servers;
    let session = one.session().await;
    let (mut page, _) = camera_at(three, &session, 1).await;
    let (mut old, first) = director_at(one, &session).await;
    old.say_tally(first, 1, RED).await;
    assert_eq!(page.tally().await.1, word(first, 1, RED));

    let (mut new, second) = director_at(two, &session).await;
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

async fn who_is_taken_out_and_what_ends_at_one_server_ends_at_the_others(carrier: Carrier) {
    let farm = Farm::start(carrier).await;
    let [one, two, three] = &farm.servers;
    let session = one.session().await;
    let (removed, camera) = camera_at(two, &session, 1).await;
    let (stays, _) = camera_at(three, &session, 2).await;
    let path = session.path(&format!("/participants/{}", camera.participant));
    let answer =
        one.client.request(reqwest::Method::DELETE, &path, Some(&session.owner)).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    assert_eq!(removed.page_bye().await.code, "removed");
    session.set(SessionState::Ended).await;
    assert_eq!(stays.page_bye().await.code, "session_ended");
}

async fn servers_hear_each_other_again_when_what_carries_their_words_is_back(carrier: Carrier) {
    let mut farm = Farm::start(carrier.alone()).await;
    let [one, two, _] = &farm.servers;
    let session = one.session().await;
    let (mut far, _) = camera_at(two, &session, 1).await;
    let (mut near, _) = camera_at(one, &session, 2).await;
    let (mut director, epoch) = director_at(one, &session).await;
    director.say_tally(epoch, 1, RED).await;
    assert_eq!(far.tally().await.1, word(epoch, 1, RED));

    farm.carrier.kill();
    director.say_tally(epoch, 2, IDLE).await;
    assert_eq!(near.tally().await.1, word(epoch, 1, RED));
    assert_eq!(near.tally().await.1, word(epoch, 2, IDLE), "its own server needs nobody");
    farm.carrier.resume();
    let heard = say_until_heard(&mut director, epoch, 3, &mut far).await;
    assert_eq!(heard.cameras, word(epoch, 3, RED).cameras);
    let mut crew = Crew::default();
    director.people(&mut crew, |operators, _| operators.len() == 2).await;
}

async fn a_server_that_is_gone_has_no_operators_any_more(carrier: Carrier) {
    let farm = Farm::start(carrier).await;
    let [one, two, _three] = farm.servers;
    let session = one.session().await;
    let (far, _) = camera_at(&two, &session, 1).await;
    let (mut director, _) = director_at(&one, &session).await;
    let mut crew = Crew::default();
    director.people(&mut crew, |operators, _| operators.len() == 1).await;
    two.server.stop().await;
    drop(far);
    director.people(&mut crew, |operators, _| operators.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_without_nats_and_hears_the_others_once_it_is_there() {
    let mut farm = Farm::start(Carrier::Nats(Nats::away())).await;
    let [one, two, _] = &farm.servers;
    let session = one.session().await;
    let (mut far, _) = camera_at(two, &session, 1).await;
    let (mut near, _) = camera_at(one, &session, 2).await;
    let (mut director, epoch) = director_at(one, &session).await;
    director.say_tally(epoch, 1, RED).await;
    assert_eq!(near.tally().await.1, word(epoch, 1, RED), "its own server needs nobody");
    farm.carrier.resume();
    let heard = say_until_heard(&mut director, epoch, 2, &mut far).await;
    assert_eq!(heard.cameras, word(epoch, 2, RED).cameras);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nats_does_not_let_in_says_so_and_does_not_start() {
    let (nats, dir) = (Nats::start(), tempfile::tempdir().unwrap());
    let database = shared().database(&name_for(dir.path()));
    let config = Config { database, bus: nats.place("south"), ..config(dir.path()) };
    let refused = Server::start(&config, Clock::default()).await.err().unwrap().to_string();
    assert!(refused.contains("setting bus") && refused.contains("does not let us in"), "{refused}");
    assert!(!refused.contains("south"), "{refused}");
}
