//! Who has which camera number, who decides, and who is sent out.

use reqwest::{Method, Response, StatusCode};
use returnfeed_protocol::{
    CloudToDirector, CloudToPage, JoinResponse, ParticipantSummary, Place, PlaceAnswer, SessionState, Ticket,
};
use serde_json::{Value, json};

use crate::cloud::{Cloud, Session, read, refused};
use crate::picture::{OnAir, offer, until};
use crate::quality;
use crate::socket::Socket;

async fn ask_place(session: &Session, who: &JoinResponse, wish: Value) -> PlaceAnswer {
    read(session.client.post("/api/me/place", Some(&who.token), &wish).await, StatusCode::OK).await
}

/// An operator on a camera, with a page.
async fn operator(cloud: &Cloud, session: &Session, name: &str, camera: u16) -> (JoinResponse, Socket) {
    let who = session.camera(name).await;
    let answer = ask_place(session, &who, json!({ "camera": camera, "wish": "beside" })).await;
    assert_eq!(answer.place.camera.map(|number| number.get()), Some(camera));
    (who.clone(), page(cloud, &who).await)
}

async fn page(cloud: &Cloud, who: &JoinResponse) -> Socket {
    let mut page = cloud.client.open("/ws/page", &who.token).await;
    let welcome = page.greet_as_page(None).await;
    assert!(matches!(welcome, CloudToPage::Welcome { .. }), "{welcome:?}");
    page
}

/// The next place that a page is told and that is so.
async fn told(page: &mut Socket, is_so: impl Fn(&Place) -> bool) -> Place {
    page.find(|message| match message {
        CloudToPage::Place { place } if is_so(&place) => Some(place),
        _ => None,
    })
    .await
}

async fn direct(session: &Session, method: Method, rest: &str, token: &str, body: Value) -> Response {
    let request = session.client.request(method, &session.path(rest), Some(token));
    request.json(&body).send().await.unwrap()
}

fn number(place: &Place) -> Option<u16> {
    place.camera.map(|number| number.get())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_taken_says_who_has_it_and_a_second_may_join() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (ada, mut ada_page) = operator(&cloud, &session, "Ada", 3).await;
    told(&mut ada_page, |place| number(place) == Some(3)).await;
    let bob = session.camera("Bob").await;
    let taken = ask_place(&session, &bob, json!({ "name": " Bob Lee\u{7}", "camera": 3 })).await;
    assert_eq!((taken.taken_by.as_slice(), number(&taken.place)), (["Ada".to_owned()].as_slice(), None));
    assert_eq!(taken.place.name, "Bob Lee", "the name is kept whatever becomes of the number");
    let second = ask_place(&session, &bob, json!({ "camera": 3, "wish": "beside" })).await;
    assert_eq!((second.taken_by.len(), number(&second.place)), (0, Some(3)));
    let me: JoinResponse = read(cloud.client.get("/api/me", Some(&ada.token)).await, StatusCode::OK).await;
    assert_eq!(me.camera.map(|camera| camera.get()), Some(3), "Ada keeps it");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_gone_away_loses_the_number_to_whoever_wants_it() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (ada, ada_page) = operator(&cloud, &session, "Ada", 3).await;
    drop(ada_page);
    let bob = session.camera("Bob").await;
    until("Ada is gone and Bob has it", async || {
        number(&ask_place(&session, &bob, json!({ "camera": 3 })).await.place) == Some(3)
    })
    .await;
    let me: JoinResponse = read(cloud.client.get("/api/me", Some(&ada.token)).await, StatusCode::OK).await;
    assert_eq!(me.camera, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_number_is_seen_by_its_holder_and_gets_it_by_the_directors_word() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await;
    let (_, mut ada_page) = operator(&cloud, &session, "Ada", 3).await;
    let bob = session.camera("Bob").await;
    let mut bob_page = page(&cloud, &bob).await;
    let asked = ask_place(&session, &bob, json!({ "camera": 3, "wish": "take_over" })).await;
    assert_eq!((number(&asked.place), asked.place.asks.map(|n| n.get())), (None, Some(3)));
    let question = told(&mut ada_page, |place| !place.asked_by.is_empty()).await;
    assert_eq!(
        (question.asked_by[0].participant, question.asked_by[0].name.as_str()),
        (bob.participant, "Bob")
    );
    let list: Vec<ParticipantSummary> =
        read(session.client.get(&session.path("/participants"), Some(&director.token)).await, StatusCode::OK)
            .await;
    let seen = list.iter().find(|who| who.participant == bob.participant).unwrap();
    assert_eq!((seen.asks.map(|n| n.get()), seen.connected), (Some(3), true));

    let decide = format!("/participants/{}/takeover", bob.participant);
    let by_asker = direct(&session, Method::POST, &decide, &bob.token, json!({ "allow": true })).await;
    refused(by_asker, 403, "not_the_director").await;
    let allowed = direct(&session, Method::POST, &decide, &director.token, json!({ "allow": true })).await;
    assert_eq!(allowed.status(), StatusCode::NO_CONTENT);
    told(&mut bob_page, |place| number(place) == Some(3) && place.asks.is_none()).await;
    told(&mut ada_page, |place| place.camera.is_none() && place.asked_by.is_empty()).await;
    let again = direct(&session, Method::POST, &decide, &director.token, json!({ "allow": true })).await;
    refused(again, 409, "not_asked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_may_yield_and_the_director_may_say_no() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await;
    let (ada, mut ada_page) = operator(&cloud, &session, "Ada", 3).await;
    let bob = session.camera("Bob").await;
    let mut bob_page = page(&cloud, &bob).await;
    let decide = format!("/participants/{}/takeover", bob.participant);
    let ask = json!({ "camera": 3, "wish": "take_over" });
    ask_place(&session, &bob, ask.clone()).await;
    let no = json!({ "allow": false });
    refused(direct(&session, Method::POST, &decide, &ada.token, no.clone()).await, 403, "not_the_director")
        .await;
    assert_eq!(
        direct(&session, Method::POST, &decide, &director.token, no).await.status(),
        StatusCode::NO_CONTENT
    );
    told(&mut bob_page, |place| place.asks.is_none() && place.camera.is_none()).await;
    ask_place(&session, &bob, ask).await;
    told(&mut ada_page, |place| !place.asked_by.is_empty()).await;
    let yielded = direct(&session, Method::POST, &decide, &ada.token, json!({ "allow": true })).await;
    assert_eq!(yielded.status(), StatusCode::NO_CONTENT);
    told(&mut bob_page, |place| number(place) == Some(3)).await;
    told(&mut ada_page, |place| place.camera.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_director_renames_moves_swaps_and_frees_and_each_page_shows_it_at_once() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await.token;
    let (ada, mut ada_page) = operator(&cloud, &session, "Ada", 1).await;
    let (bob, mut bob_page) = operator(&cloud, &session, "Bob", 2).await;
    let of = |who: &JoinResponse| format!("/participants/{}", who.participant);
    let patch = async |who: &JoinResponse, body: Value| {
        let answer = direct(&session, Method::PATCH, &of(who), &director, body).await;
        read::<ParticipantSummary>(answer, StatusCode::OK).await
    };
    patch(&ada, json!({ "name": "Ada L." })).await;
    told(&mut ada_page, |place| place.name == "Ada L." && number(place) == Some(1)).await;
    patch(&ada, json!({ "camera": 7 })).await;
    told(&mut ada_page, |place| number(place) == Some(7)).await;
    let swap = json!({ "one": ada.participant, "other": bob.participant });
    let swapped = direct(&session, Method::POST, "/participants/swap", &director, swap).await;
    assert_eq!(read::<Vec<ParticipantSummary>>(swapped, StatusCode::OK).await.len(), 2);
    told(&mut ada_page, |place| number(place) == Some(2)).await;
    told(&mut bob_page, |place| number(place) == Some(7)).await;
    assert_eq!(patch(&bob, json!({ "camera": null })).await.camera, None);
    told(&mut bob_page, |place| place.camera.is_none()).await;

    refused(direct(&session, Method::PATCH, &of(&bob), &ada.token, json!({})).await, 403, "not_the_director")
        .await;
    let viewer = session.viewer().await;
    let camera = json!({ "camera": 1 });
    refused(direct(&session, Method::PATCH, &of(&viewer), &director, camera).await, 422, "invalid_input")
        .await;
    let other = cloud.session_of(session.owner.clone()).await;
    let elsewhere = direct(&other, Method::PATCH, &of(&ada), &session.owner, json!({ "name": "x" })).await;
    refused(elsewhere, 404, "participant_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_taken_out_loses_page_and_picture_and_the_token_opens_nothing_any_more() {
    let air = OnAir::start().await;
    let (ada, bob) = (air.session.camera("Ada").await, air.session.camera("Bob").await);
    let (by_ada, by_bob) = (air.watch(&ada).await, air.watch(&bob).await);
    let ada_page = page(&air.cloud, &ada).await;
    let mut bob_page = page(&air.cloud, &bob).await;
    let unused = air.cloud.client.ticket(&ada.token).await;
    let remove = format!("/participants/{}", ada.participant);
    let removed = direct(&air.session, Method::DELETE, &remove, &air.director.token, json!({})).await;
    assert_eq!(removed.status(), StatusCode::NO_CONTENT);
    let bye = ada_page.page_bye().await;
    assert_eq!((bye.status, bye.code.as_str()), (403, "removed"));
    until("the picture ends", async || !air.is_watching(&ada, &by_ada).await).await;
    assert!(air.is_watching(&bob, &by_bob).await, "nobody else loses anything");
    bob_page.say(&returnfeed_protocol::PageToCloud::Ping { n: 7 }).await;
    bob_page.find(|message| matches!(message, CloudToPage::Pong { n: 7, .. }).then_some(())).await;

    let client = &air.cloud.client;
    refused(client.get("/api/me", Some(&ada.token)).await, 403, "removed").await;
    refused(air.ask(&ada.token, "", offer()).await, 403, "removed").await;
    let place = client.post("/api/me/place", Some(&ada.token), &json!({ "camera": 1 })).await;
    refused(place, 403, "removed").await;
    let ticket = client.request(Method::POST, "/api/tickets", Some(&ada.token)).send().await.unwrap();
    refused(ticket, 403, "removed").await;
    let streams = direct(&air.session, Method::POST, "/streams", &ada.token, json!({})).await;
    refused(streams, 403, "removed").await;
    let mut late = client.open_by_ticket("/ws/page", &unused).await;
    let CloudToPage::Bye { problem } = late.greet_as_page(None).await else {
        panic!("let in by a ticket of before")
    };
    assert_eq!((problem.status, problem.code.as_str()), (403, "removed"));
    let again = direct(&air.session, Method::DELETE, &remove, &air.director.token, json!({})).await;
    refused(again, 404, "participant_not_found").await;
    let director = format!("/participants/{}", air.director.participant);
    let self_removed = direct(&air.session, Method::DELETE, &director, &air.director.token, json!({})).await;
    refused(self_removed, 409, "director_stays").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_everywhere_ends_what_the_account_directs_and_nothing_of_others() {
    let mut air = OnAir::start().await;
    let (ada, director) = (air.session.camera("Ada").await, air.director.clone());
    let client = air.cloud.client.clone();
    let (by_ada, by_director) = (air.watch(&ada).await, air.watch(&director).await);
    let mut ada_page = page(&air.cloud, &ada).await;
    let epoch = air.session.grant(&director).await.epoch;
    let mut uplink = client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(epoch).await;
    let unused = client.ticket(&director.token).await;

    let out = client.request(Method::POST, "/api/logout-everywhere", Some(&air.session.owner)).send().await;
    assert_eq!(out.unwrap().status(), StatusCode::NO_CONTENT);
    let bye = uplink.director_bye().await;
    assert_eq!((bye.status, bye.code.as_str()), (403, "logged_out"));
    until("the director's picture ends", async || !air.is_watching(&director, &by_director).await).await;
    let mut late = client.open_by_ticket("/ws/director", &unused).await;
    let CloudToDirector::Bye { problem } = late.greet_as_director(epoch).await else { panic!("let in") };
    assert_eq!(problem.code, "logged_out");
    for (method, path) in
        [(Method::POST, "/publish"), (Method::GET, "/participants"), (Method::GET, "/quality")]
    {
        let answer = direct(&air.session, method, path, &director.token, json!({})).await;
        refused(answer, 403, "logged_out").await;
    }
    refused(air.ask(&director.token, "", offer()).await, 403, "logged_out").await;

    assert!(air.is_watching(&ada, &by_ada).await, "nobody else loses anything");
    ada_page.say(&returnfeed_protocol::PageToCloud::Ping { n: 7 }).await;
    ada_page.find(|message| matches!(message, CloudToPage::Pong { n: 7, .. }).then_some(())).await;
    assert!(!air.encoder.has_ended(), "and the show goes on");
}

/// Somebody directs the session of `air` by a login of its own: what is open by it.
struct Directing {
    login: String,
    director: JoinResponse,
    picture: String,
    quality: [quality::Page; 2],
}

impl Directing {
    async fn by(air: &OnAir, login: String) -> Self {
        let (client, session) = (&air.cloud.client, &air.session);
        let made = client.post(&session.path("/direct"), Some(&login), &json!({})).await;
        let director: JoinResponse = read(made, StatusCode::CREATED).await;
        let read_along = async |token: &str| {
            let page = client.get(&session.path("/quality"), Some(token)).await;
            quality::Page::opened(page).await
        };
        let quality = [read_along(&director.token).await, read_along(&login).await];
        let picture = air.watch(&director).await;
        Self { login, director, picture, quality }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_one_login_ends_what_it_lent_and_nothing_of_the_same_accounts_others() {
    let air = OnAir::start().await;
    let client = air.cloud.client.clone();
    let owner = air.session.owner.clone();
    let mut stays = Directing::by(&air, owner.clone()).await;
    for way in ["by itself", "by another login", "by a new password"] {
        let second = air.cloud.log_in_again(&owner).await;
        let Directing { login, director, picture, mut quality } = Directing::by(&air, second).await;
        assert_ne!(director.participant, stays.director.participant);
        let epoch = air.session.grant(&director).await.epoch;
        let mut uplink = client.open("/ws/director", &director.token).await;
        uplink.greet_as_director(epoch).await;
        let unused = client.ticket(&director.token).await;

        match way {
            "by itself" => {
                let out = client.request(Method::POST, "/api/logout", Some(&login)).send().await.unwrap();
                assert_eq!(out.status(), StatusCode::NO_CONTENT);
            }
            "by another login" => {
                let id = air.cloud.server.app().tokens.read_account(&login).unwrap().login;
                let out = client.request(Method::DELETE, &format!("/api/logins/{id}"), Some(&owner));
                assert_eq!(out.send().await.unwrap().status(), StatusCode::NO_CONTENT);
            }
            _ => {
                let app = air.cloud.server.app();
                let claims = app.tokens.read_account(&owner).unwrap();
                let hash = app.passwords.hash(&"correct horse".into()).await.unwrap();
                app.store.set_password(claims.user, &hash, app.clock.unix_ms()).await.unwrap();
                let body = json!({ "current": "correct horse", "password": "another horse" });
                let changed = client.post("/api/password", Some(&owner), &body).await;
                assert_eq!(changed.status(), StatusCode::NO_CONTENT);
            }
        }
        let bye = uplink.director_bye().await;
        assert_eq!((bye.status, bye.code.as_str()), (403, "logged_out"), "{way}");
        until("its picture ends", async || !air.is_watching(&director, &picture).await).await;
        assert_eq!(quality[0].bye().await.code, "logged_out", "{way}");
        assert_eq!(quality[1].bye().await.code, "token_invalid", "{way}");
        let mut late = client.open_by_ticket("/ws/director", &unused).await;
        let CloudToDirector::Bye { problem } = late.greet_as_director(epoch).await else { panic!("let in") };
        assert_eq!(problem.code, "logged_out");
        for (method, path) in
            [(Method::POST, "/publish"), (Method::GET, "/participants"), (Method::GET, "/quality")]
        {
            let answer = direct(&air.session, method, path, &director.token, json!({})).await;
            refused(answer, 403, "logged_out").await;
        }
        refused(air.ask(&director.token, "", offer()).await, 403, "logged_out").await;
    }

    assert!(air.is_watching(&stays.director, &stays.picture).await);
    for page in &mut stays.quality {
        page.second(|_| true).await;
    }
    let again = client.post(&air.session.path("/direct"), Some(&stays.login), &json!({})).await;
    let again: JoinResponse = read(again, StatusCode::CREATED).await;
    assert_eq!(again.participant, stays.director.participant, "the same login is the same participant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_outlives_a_restart_of_the_server() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    session.set(SessionState::Rehearsal).await;
    let (ada, _page) = operator(&cloud, &session, "Ada", 9).await;
    let Cloud { server, dir, .. } = cloud;
    server.stop().await;
    let cloud = Cloud::start_in(dir).await;
    let mut page = page(&cloud, &ada).await;
    let place = told(&mut page, |_| true).await;
    assert_eq!((place.name.as_str(), number(&place)), ("Ada", Some(9)));
    let ticket = cloud.client.request(Method::POST, "/api/tickets", Some(&ada.token)).send().await.unwrap();
    read::<Ticket>(ticket, StatusCode::CREATED).await;
}
