//! What the host of a server sees and does, and what each account sees of its own logins.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use returnfeed_protocol::{AccountSummary, AuditEntry, HostNow, HostUser, LoginSummary, OneTimeLink, UserId};
use serde_json::{Value, json};

use crate::cloud::{Client, Cloud, read, refused};

/// A server whose host is logged in, and somebody else.
struct Hosted {
    cloud: Cloud,
    host: String,
    ada: String,
    ada_id: UserId,
}

async fn who_is(client: &Client, token: &str) -> AccountSummary {
    read(client.get("/api/account", Some(token)).await, StatusCode::OK).await
}

impl Hosted {
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let host = cloud.account("host@example.org").await;
        let ada = cloud.account("ada@example.org").await;
        let ada_id = who_is(&cloud.client, &ada).await.id;
        Self { cloud, host, ada, ada_id }
    }

    async fn post(&self, token: &str, path: &str) -> Response {
        self.cloud.client.request(Method::POST, path, Some(token)).send().await.unwrap()
    }

    async fn patch(&self, user: UserId, patch: &Value) -> Response {
        let path = format!("/api/admin/users/{user}");
        self.cloud.client.request(Method::PATCH, &path, Some(&self.host)).json(patch).send().await.unwrap()
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        read(self.cloud.client.get(path, Some(&self.host)).await, StatusCode::OK).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_proven_by_a_link_that_is_good_once_and_for_three_days() {
    let hosted = Hosted::start().await;
    let client = &hosted.cloud.client;
    let make =
        async |token: &str| hosted.post(token, &format!("/api/users/{}/verify-link", hosted.ada_id)).await;
    let made = async || read::<OneTimeLink>(make(&hosted.host).await, StatusCode::CREATED).await;
    let verify = async |token: &str| client.post("/api/email/verify", None, &json!({ "token": token })).await;
    refused(make(&hosted.ada).await, 403, "not_the_host").await;
    let superseded = made().await;
    let link = made().await;
    assert_eq!(link.path, format!("/account/#verify/{}", link.token));
    refused(verify("guess").await, 403, "proof_invalid").await;
    refused(verify(&superseded.token).await, 403, "proof_invalid").await;
    let reset = json!({ "token": link.token, "password": "another horse" });
    refused(client.post("/api/password/reset", None, &reset).await, 403, "reset_invalid").await;
    assert!(!who_is(client, &hosted.ada).await.email_verified);
    assert_eq!(verify(&link.token).await.status(), StatusCode::NO_CONTENT);
    assert!(who_is(client, &hosted.ada).await.email_verified);
    assert!(!who_is(client, &hosted.host).await.email_verified, "nobody else's");
    refused(verify(&link.token).await, 403, "proof_invalid").await;

    let late = made().await;
    hosted.cloud.clock.advance(Duration::from_secs(3 * 86_400));
    refused(verify(&late.token).await, 403, "proof_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_make_hosts_and_the_last_one_stays_and_nobody_shuts_a_host_out() {
    let hosted = Hosted::start().await;
    let client = &hosted.cloud.client;
    let first = who_is(client, &hosted.host).await.id;
    let as_host = |host: bool| json!({ "host": host });
    refused(hosted.patch(first, &as_host(false)).await, 409, "last_host").await;
    refused(hosted.patch(first, &json!({ "disabled": true })).await, 404, "user_not_found").await;

    // An account that is shut would be a host's that nobody could open again.
    assert_eq!(
        hosted.patch(hosted.ada_id, &json!({ "disabled": true })).await.status(),
        StatusCode::NO_CONTENT
    );
    refused(client.get("/api/account", Some(&hosted.ada)).await, 401, "token_invalid").await;
    refused(hosted.patch(hosted.ada_id, &as_host(true)).await, 404, "user_not_found").await;
    assert_eq!(
        hosted.patch(hosted.ada_id, &json!({ "disabled": false })).await.status(),
        StatusCode::NO_CONTENT
    );

    assert_eq!(hosted.patch(hosted.ada_id, &as_host(true)).await.status(), StatusCode::NO_CONTENT);
    refused(hosted.patch(hosted.ada_id, &json!({ "disabled": true })).await, 404, "user_not_found").await;
    let hosts = async || {
        let users: Vec<HostUser> = hosted.read("/api/admin/users").await;
        users.into_iter().filter(|user| user.host).map(|user| user.email).collect::<Vec<_>>()
    };
    assert_eq!(hosts().await, ["host@example.org", "ada@example.org"]);
    assert_eq!(hosted.patch(hosted.ada_id, &as_host(false)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(hosts().await, ["host@example.org"]);

    let audit: Vec<AuditEntry> = hosted.read("/api/admin/audit?what=account").await;
    let done: Vec<_> = audit.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(done, ["account.host_revoked", "account.host_granted", "account.opened", "account.shut"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_ends_every_login_of_an_account() {
    let hosted = Hosted::start().await;
    let path = format!("/api/admin/users/{}/logout", hosted.ada_id);
    refused(hosted.post(&hosted.ada, &path).await, 403, "not_the_host").await;
    assert_eq!(hosted.post(&hosted.host, &path).await.status(), StatusCode::NO_CONTENT);
    refused(hosted.cloud.client.get("/api/account", Some(&hosted.ada)).await, 401, "token_invalid").await;
    who_is(&hosted.cloud.client, &hosted.host).await;
    refused(hosted.post(&hosted.host, "/api/admin/users/nobody/logout").await, 404, "user_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_a_part_of_name_or_email_and_by_nothing_that_like_would_take_for_a_joker() {
    let hosted = Hosted::start().await;
    hosted.cloud.account("100%_ada@example.org").await;
    let found = async |who: &str| {
        let users: Vec<HostUser> = hosted.read(&format!("/api/admin/users?who={who}")).await;
        users.into_iter().map(|user| user.email).collect::<Vec<_>>()
    };
    assert_eq!(found("HOST%40").await, ["host@example.org"]);
    assert_eq!(found("%25").await, ["100%_ada@example.org"]);
    assert_eq!(found("_").await, ["100%_ada@example.org"]);
    assert_eq!(found("%27%20OR%201%3D1").await, [""; 0]);
    let long = format!("/api/admin/users?who={}", "a".repeat(255));
    refused(hosted.cloud.client.get(&long, Some(&hosted.host)).await, 422, "invalid_input").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_reads_what_the_server_takes_of_its_machine() {
    let hosted = Hosted::start().await;
    let session = hosted.cloud.session_of(hosted.ada.clone()).await;
    let camera = session.camera("Ada").await;
    let mut socket = hosted.cloud.client.open("/ws/page", &camera.token).await;
    socket.greet_as_page(None).await;
    let now: HostNow = hosted.read("/api/admin/now").await;
    assert_eq!((now.connected, now.sessions.len(), now.audit_days), (1, 1, 365));
    if cfg!(target_os = "linux") {
        let process = now.process.unwrap();
        assert!(process.resident_bytes > 1_000_000 && process.open_files > 0 && process.cpu_ms > 0);
        assert!(process.open_files < process.max_files);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_sees_its_own_logins_and_ends_them_one_by_one() {
    let hosted = Hosted::start().await;
    let client = &hosted.cloud.client;
    let elsewhere = {
        let app = hosted.cloud.server.app();
        let account = app.store.account(hosted.ada_id).await.unwrap().unwrap();
        let address = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        let peer = returnfeed_cloud::listen::Peer { address, secure: true };
        let agent = "<b>a browser</b>".to_owned();
        let caller = returnfeed_cloud::api::accounts::Caller { peer, agent };
        let by = returnfeed_protocol::RefreshBy::Body;
        let login = returnfeed_cloud::api::accounts::log_in(app, account, &caller, by).await;
        login.ok().unwrap().body().access_token.clone()
    };
    let logins = async |token: &str| -> Vec<LoginSummary> {
        read(client.get("/api/logins", Some(token)).await, StatusCode::OK).await
    };
    let end = async |token: &str, login: &str| {
        client.request(Method::DELETE, &format!("/api/logins/{login}"), Some(token)).send().await.unwrap()
    };
    let seen = logins(&hosted.ada).await;
    assert_eq!(seen.iter().filter(|login| login.current).count(), 1);
    let other = seen.iter().find(|login| !login.current).unwrap();
    assert_eq!((other.agent.as_str(), other.address.as_str()), ("<b>a browser</b>", "127.0.0.1"));
    refused(end(&hosted.host, &other.id).await, 404, "login_not_found").await;
    refused(end(&hosted.ada, "nonsense").await, 404, "login_not_found").await;
    assert_eq!(end(&hosted.ada, &other.id).await.status(), StatusCode::NO_CONTENT);
    refused(client.get("/api/account", Some(&elsewhere)).await, 401, "token_invalid").await;
    refused(end(&hosted.ada, &other.id).await, 404, "login_not_found").await;
    assert_eq!(logins(&hosted.ada).await.len(), 1);
}
