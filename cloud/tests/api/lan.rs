//! The way on the local network is introduced by the relay: one page, its own director, and nobody else.

use returnfeed_protocol::{
    CertificateFingerprint, CloudToDirector, CloudToPage, DirectorToCloud, Epoch, IceFragment, IcePassword,
    LanAddress, LanAnswer, LanOffer, LanPeer, LanSide, PageNumber, PageToCloud,
};

use crate::cloud::{Cloud, Session};
use crate::socket::Socket;

fn side() -> LanSide {
    LanSide {
        fragment: IceFragment::try_from("abcd".to_owned()).unwrap(),
        password: IcePassword::try_from("p".repeat(24)).unwrap(),
        fingerprint: CertificateFingerprint::of(&[7; 32]),
    }
}

fn offer(n: u32) -> LanOffer {
    LanOffer { peer: LanPeer::try_from("0f".repeat(16)).unwrap(), n, side: side() }
}

fn answer(n: u32, addresses: usize) -> LanAnswer {
    let address = LanAddress { ip: [192, 168, 1, 5].into(), port: 8444 };
    LanAnswer::Open { n, side: side(), addresses: vec![address; addresses] }
}

async fn director(cloud: &Cloud, session: &Session) -> (Socket, Epoch) {
    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let mut socket = cloud.client.open("/ws/director", &director.token).await;
    let welcome = socket.greet_as_director(epoch).await;
    assert!(matches!(welcome, CloudToDirector::Welcome { .. }), "{welcome:?}");
    (socket, epoch)
}

async fn page(cloud: &Cloud, token: &str) -> Socket {
    let mut socket = cloud.client.open("/ws/page", token).await;
    socket.greet_as_page(None).await;
    socket
}

/// The next offer that a director hears.
async fn offered(director: &mut Socket) -> (PageNumber, LanOffer) {
    let offered = |message| match message {
        CloudToDirector::LanOffer { page, offer } => Some((page, offer)),
        _ => None,
    };
    director.find(offered).await
}

/// What a page was told of the local network until its ping was answered.
async fn told(page: &mut Socket) -> Vec<LanAnswer> {
    page.say(&PageToCloud::Ping { n: 9 }).await;
    let mut told = Vec::new();
    loop {
        match page.hear().await {
            CloudToPage::LanAnswer { answer } => told.push(answer),
            CloudToPage::Pong { n: 9, .. } => return told,
            _ => {}
        }
    }
}

async fn hears(page: &mut Socket) -> LanAnswer {
    let answered = |message| match message {
        CloudToPage::LanAnswer { answer } => Some(answer),
        _ => None,
    };
    page.find(answered).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_reaches_the_director_of_its_session_and_the_answer_that_page_alone() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let other = cloud.session_of(cloud.account("bo@example.org").await).await;
    let (mut director_here, _) = director(&cloud, &session).await;
    let (mut director_there, _) = director(&cloud, &other).await;
    let mut ada = page(&cloud, &session.camera("Ada").await.token).await;
    let mut bo = page(&cloud, &session.camera("Bo").await.token).await;
    let mut far = page(&cloud, &other.camera("Cho").await.token).await;

    bo.say(&PageToCloud::LanOffer { offer: offer(1) }).await;
    let (number, heard) = offered(&mut director_here).await;
    assert_eq!(heard, offer(1));

    // A director of another session names that page: there is none of that number there, and here it says nothing.
    director_there.say(&DirectorToCloud::LanAnswer { page: number, answer: answer(66, 1) }).await;
    far.say(&PageToCloud::LanOffer { offer: offer(7) }).await;
    let (there, _) = offered(&mut director_there).await;
    director_there.say(&DirectorToCloud::LanAnswer { page: there, answer: answer(7, 1) }).await;
    assert_eq!(hears(&mut far).await, answer(7, 1));

    // More addresses than a machine has are not handed on.
    let crowd = LanAnswer::ADDRESSES + 1;
    director_here.say(&DirectorToCloud::LanAnswer { page: number, answer: answer(2, crowd) }).await;
    director_here.say(&DirectorToCloud::LanAnswer { page: number, answer: answer(1, 2) }).await;
    assert_eq!(hears(&mut bo).await, answer(1, 2));
    assert_eq!(told(&mut bo).await, []);
    assert_eq!(told(&mut ada).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_offers_to_nobody_and_a_page_at_most_once_a_second() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (mut director, _) = director(&cloud, &session).await;
    let mut viewer = page(&cloud, &session.viewer().await.token).await;
    viewer.say(&PageToCloud::LanOffer { offer: offer(1) }).await;
    assert_eq!(told(&mut viewer).await, []);
    let mut ada = page(&cloud, &session.camera("Ada").await.token).await;
    for n in 2..12 {
        ada.say(&PageToCloud::LanOffer { offer: offer(n) }).await;
    }
    assert_eq!(told(&mut ada).await, []); // all ten have arrived there
    let mut bo = page(&cloud, &session.camera("Bo").await.token).await;
    bo.say(&PageToCloud::LanOffer { offer: offer(90) }).await;

    let mut heard = Vec::new();
    while heard.last() != Some(&90) {
        heard.push(offered(&mut director).await.1.n);
    }
    // On a machine that took more than a second for ten messages there are more; never all.
    assert!(heard.starts_with(&[2]) && heard.len() < 10, "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_would_break_a_session_description_ends_its_page() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let ada = session.camera("Ada").await;
    let right = serde_json::to_string(&PageToCloud::LanOffer { offer: offer(1) }).unwrap();
    for (from, to) in [("abcd", "ab\\r\\ncd"), ("pppp", &"p".repeat(300)), ("07:", "zz:"), ("0f0f", "")] {
        let mut page = page(&cloud, &ada.token).await;
        page.say_text(&right.replacen(from, to, 1)).await;
        assert_eq!(page.page_bye().await.code, "message_not_understood", "{from:?} as {to:?}");
    }
}
