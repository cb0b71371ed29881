//! Invitations: what each lets in, for how long, for how many, and what a guess is worth.

use std::borrow::Cow;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use returnfeed_protocol::{
    Invite, InviteState, JoinResponse, Layer, PlaceAnswer, Role, SessionPatch, SessionState,
};
use serde_json::{Value, json};

use sqlx::Connection as _;

use crate::cloud::{Cloud, Session, read, refused};

async fn invite(session: &Session, terms: Value) -> Invite {
    let made = session.client.post(&session.path("/invites"), Some(&session.owner), &terms).await;
    read(made, StatusCode::CREATED).await
}

async fn listed(session: &Session) -> Vec<Invite> {
    let list = session.client.get(&session.path("/invites"), Some(&session.owner)).await;
    read(list, StatusCode::OK).await
}

async fn take(session: &Session, code: &str) -> reqwest::Response {
    session.client.post("/api/join", None, &json!({ "code": code })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_with_an_invitation_for_each_role() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let all = listed(&session).await;
    let roles: Vec<_> = all.iter().map(|one| (one.role, one.state, one.code.clone())).collect();
    let (camera, viewer) = (session.created.camera_code.clone(), session.created.viewer_code.clone());
    assert!(roles.contains(&(Role::Camera, InviteState::Open, camera.clone())), "{roles:?}");
    assert!(roles.contains(&(Role::Viewer, InviteState::Open, viewer)), "{roles:?}");
    assert_eq!(all.len(), 2);
    session.camera("Ada").await;
    let used = listed(&session).await.into_iter().find(|one| one.code == camera).unwrap();
    assert_eq!(used.terms.uses, 1);
    assert_eq!(used.path, format!("/camera/#{}", camera.replace('-', "")), "the code stands behind #");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_lets_in_as_many_as_it_says_also_when_they_come_at_once() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let thrice = invite(&session, json!({ "role": "viewer", "max_uses": 3 })).await;
    let joining = (0..8).map(|_| {
        let (client, code) = (session.client.clone(), thrice.code.clone());
        tokio::spawn(async move { client.post("/api/join", None, &json!({ "code": code })).await })
    });
    let mut let_in = 0;
    for answer in joining.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status() == StatusCode::CREATED {
            let_in += 1;
        } else {
            refused(answer, 410, "invite_used_up").await;
        }
    }
    assert_eq!(let_in, 3);
    let now = listed(&session).await.into_iter().find(|one| one.id == thrice.id).unwrap();
    assert_eq!((now.terms.uses, now.state), (3, InviteState::UsedUp));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_ends_with_its_time_and_when_it_is_taken_back_and_who_came_stays() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await;
    let hour = invite(&session, json!({ "role": "camera", "valid_for_ms": 3_600_000 })).await;
    let other = invite(&session, json!({ "role": "viewer", "label": " Balcony\u{7} " })).await;
    assert_eq!(other.label, "Balcony");
    let came: JoinResponse = read(take(&session, &other.code).await, StatusCode::CREATED).await;
    let revoke = async |token: &str| {
        let path = session.path(&format!("/invites/{}", other.id));
        cloud.client.request(Method::DELETE, &path, Some(token)).send().await.unwrap()
    };
    refused(revoke(&came.token).await, 403, "not_the_director").await;
    let revoked: Invite = read(revoke(&director.token).await, StatusCode::OK).await;
    assert_eq!(revoked.state, InviteState::Revoked);
    refused(take(&session, &other.code).await, 410, "invite_revoked").await;
    assert_eq!(cloud.client.get("/api/me", Some(&came.token)).await.status(), StatusCode::OK);
    let again: Invite = read(revoke(&session.owner).await, StatusCode::OK).await;
    assert_eq!(again.terms.revoked_at, revoked.terms.revoked_at, "the first time counts");

    let elsewhere = cloud.session_of(session.owner.clone()).await;
    let path = elsewhere.path(&format!("/invites/{}", other.id));
    let wrong = cloud.client.request(Method::DELETE, &path, Some(&session.owner)).send().await.unwrap();
    refused(wrong, 404, "invite_not_found").await;

    let came: JoinResponse = read(take(&session, &hour.code).await, StatusCode::CREATED).await;
    cloud.clock.advance(Duration::from_secs(3_600));
    refused(take(&session, &hour.code).await, 410, "invite_expired").await;
    assert_eq!(cloud.client.get("/api/me", Some(&came.token)).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_viewer_has_the_layer_of_the_invitation_whatever_the_public_link_gives() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let guest = invite(&session, json!({ "role": "viewer", "max_layer": "high" })).await;
    let guest: JoinResponse = read(take(&session, &guest.code).await, StatusCode::CREATED).await;
    assert_eq!((guest.max_layer, session.viewer().await.max_layer), (Layer::High, Layer::Low));
    let lower = SessionPatch { public_layer: Some(Layer::Low), ..SessionPatch::default() };
    session.patch(&session.owner, &lower).await;
    let me: JoinResponse = read(cloud.client.get("/api/me", Some(&guest.token)).await, StatusCode::OK).await;
    assert_eq!(me.max_layer, Layer::High);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_for_one_camera_gives_that_camera_and_no_other() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let crane = invite(&session, json!({ "role": "camera", "camera": 3 })).await;
    let ada: JoinResponse = read(take(&session, &crane.code).await, StatusCode::CREATED).await;
    let three = 3.try_into().unwrap();
    assert_eq!((ada.offered, ada.camera), (Some(three), None));
    let place = async |camera: u16| {
        cloud.client.post("/api/me/place", Some(&ada.token), &json!({ "camera": camera })).await
    };
    let problem = refused(place(4).await, 409, "camera_bound").await;
    assert!(problem.detail.contains("camera 3"), "{}", problem.detail);
    let answer: PlaceAnswer = read(place(3).await, StatusCode::OK).await;
    assert_eq!(answer.place.camera, Some(three));
    let me: JoinResponse = read(cloud.client.get("/api/me", Some(&ada.token)).await, StatusCode::OK).await;
    assert_eq!((me.offered, me.camera), (Some(three), Some(three)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_fetched_spends_or_tells_of_an_invitation() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let once = invite(&session, json!({ "role": "camera", "max_uses": 1 })).await;
    let bare = once.code.replace('-', "");
    for path in [
        once.path.split('#').next().unwrap().to_owned(),
        format!("/camera/?code={bare}"),
        format!("/api/join?code={bare}"),
        format!("/camera/{bare}"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = cloud.client.request(method, &path, None).send().await.unwrap();
            let headers = answer.headers().clone();
            let text = answer.text().await.unwrap();
            assert!(!text.contains("Sunday") && !text.contains(&session.id().to_string()), "{path}: {text}");
            if path.starts_with("/camera/") {
                assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
            }
        }
    }
    read::<JoinResponse>(take(&session, &once.code).await, StatusCode::CREATED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_that_make_no_sense_are_refused_by_field() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    for (terms, named) in [
        (json!({ "role": "director" }), "signs in"),
        (json!({ "role": "viewer", "camera": 3 }), "camera"),
        (json!({ "role": "camera", "camera": 0 }), "camera"),
        (json!({ "role": "camera", "max_uses": 0 }), "max_uses"),
        (json!({ "role": "camera", "max_uses": -1 }), "max_uses"),
        (json!({ "role": "camera", "valid_for_ms": 0 }), "valid_for_ms"),
        (json!({ "role": "camera", "valid_for_ms": u64::MAX }), "valid_for_ms"),
        (json!({ "role": "camera", "label": "x".repeat(81) }), "label"),
    ] {
        let answer = session.client.post(&session.path("/invites"), Some(&session.owner), &terms).await;
        let problem = refused(answer, 422, "invalid_input").await;
        assert!(problem.detail.contains(named), "{terms}: {}", problem.detail);
    }
    session.set(SessionState::Ended).await;
    let camera = json!({ "role": "camera" });
    let late = session.client.post(&session.path("/invites"), Some(&session.owner), &camera).await;
    refused(late, 409, "session_ended").await;
}

/// A database as a server wrote it before there were invitations, with a session of which links were sent.
async fn older_database(file: &std::path::Path) {
    let mut older = sqlx::migrate!("../migrations/sqlite");
    older.migrations = Cow::Owned(older.iter().filter(|step| step.version <= 2).cloned().collect());
    let path = format!("sqlite://{}?mode=rwc", file.display());
    let mut database = sqlx::SqliteConnection::connect(&path).await.unwrap();
    older.run(&mut database).await.unwrap();
    for statement in [
        "INSERT INTO users (id, email, name, created_at, updated_at) \
         VALUES ('01900000-0000-7000-8000-000000000001', 'ada@example.org', 'Ada', 1, 1)",
        "INSERT INTO sessions (id, name, created_by, state, public_layer, camera_code, viewer_code, passphrase, \
         created_at, updated_at) VALUES ('01900000-0000-7000-8000-000000000002', 'Sunday', \
         '01900000-0000-7000-8000-000000000001', 'live', 'low', 'ABCDEFGHJK', 'MNPQRSTVWX', 'written-as-it-was', 1, 1)",
    ] {
        sqlx::query(statement).execute(&mut database).await.unwrap();
    }
    database.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_before_there_were_invitations_go_on_opening() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    let file = dir.path().join("data/returnfeed.db");
    older_database(&file).await;
    let cloud = Cloud::start_on_sqlite(dir).await;
    for (code, role) in [("abcde-fghjk", Role::Camera), ("MNPQR STVWX", Role::Viewer)] {
        let joined = cloud.client.post("/api/join", None, &json!({ "code": code })).await;
        assert_eq!(read::<JoinResponse>(joined, StatusCode::CREATED).await.role, role);
    }
    let mut database =
        sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let passphrase: String =
        sqlx::query_scalar("SELECT passphrase FROM sessions").fetch_one(&mut database).await.unwrap();
    assert!(passphrase.starts_with("aesgcm."), "what stood there as it was is sealed: {passphrase}");
}
