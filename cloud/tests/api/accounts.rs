//! Setup, login and the account token.

use std::time::Duration;

use reqwest::StatusCode;
use returnfeed_protocol::{AccountSummary, LoginResponse};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::cloud::{Cloud, read, refused};

#[tokio::test(flavor = "multi_thread")]
async fn the_setup_token_makes_the_first_account_once() {
    let cloud = Cloud::start().await;
    let token = cloud.server.setup_token().unwrap().expose_secret();
    let request = |token: &str, password: &str| json!({ "setup_token": token, "email": "Ada@Example.org", "password": password, "name": "Ada" });
    let setup =
        async |token, password| cloud.client.post("/api/setup", None, &request(token, password)).await;

    refused(setup("guess", "correct horse").await, 403, "setup_token_wrong").await;
    refused(setup(token, "short").await, 422, "invalid_input").await;
    let made: LoginResponse = read(setup(token, "correct horse").await, StatusCode::CREATED).await;
    assert_eq!((made.account.email.as_str(), made.expires_in), ("ada@example.org", 600));
    refused(setup(token, "correct horse").await, 409, "already_set_up").await;

    let login = json!({ "email": " ADA@example.org", "password": "correct horse" });
    let login: LoginResponse =
        read(cloud.client.post("/api/login", None, &login).await, StatusCode::OK).await;
    assert_eq!(login.account.id, made.account.id);
    let account: AccountSummary =
        read(cloud.client.get("/api/account", Some(&login.access_token)).await, StatusCode::OK).await;
    assert_eq!((account.name.as_str(), account.id), ("Ada", made.account.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_with_an_account_has_no_setup_token() {
    let cloud = Cloud::start().await;
    cloud.account("ada@example.org").await;
    let Cloud { server, dir, .. } = cloud;
    server.stop().await;
    assert!(Cloud::start_in(dir).await.server.setup_token().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_account_are_told_the_same_and_then_to_wait() {
    let cloud = Cloud::start().await;
    cloud.account("ada@example.org").await;
    let login = async |email: &str| {
        let body = json!({ "email": email, "password": "wrong horse" });
        cloud.client.post("/api/login", None, &body).await
    };
    let known = refused(login("ada@example.org").await, 401, "login_failed").await;
    let unknown = refused(login("bob@example.org").await, 401, "login_failed").await;
    assert_eq!(known, unknown);

    for _ in 0..9 {
        refused(login("ada@example.org").await, 401, "login_failed").await;
    }
    // Each further failure doubles the wait, so however slow this machine is, the next one comes too early at last.
    let mut throttled = login("ADA@example.org ").await;
    while throttled.status() == StatusCode::UNAUTHORIZED {
        throttled = login("ADA@example.org ").await;
    }
    let wait: u32 = throttled.headers().get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    refused(throttled, 429, "too_many_attempts").await;
    refused(login("carol@example.org").await, 401, "login_failed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_token_is_told_apart() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let camera = session.camera("").await.token;
    let account = async |token: Option<&str>| cloud.client.get("/api/account", token).await;
    let me = async |token: Option<&str>| cloud.client.get("/api/me", token).await;

    refused(account(None).await, 401, "token_missing").await;
    refused(account(Some("a.b.c")).await, 401, "token_invalid").await;
    refused(account(Some(&camera)).await, 401, "token_invalid").await;
    refused(me(Some(&session.owner)).await, 401, "token_invalid").await;
    let basic = cloud.client.request(reqwest::Method::GET, "/api/me", None).basic_auth("a", Some("b"));
    let basic = basic.send().await.unwrap();
    assert_eq!(basic.headers().get("www-authenticate").unwrap(), "Bearer");
    refused(basic, 401, "token_missing").await;

    cloud.clock.advance(Duration::from_secs(601));
    refused(account(Some(&session.owner)).await, 401, "token_expired").await;
    assert_eq!(me(Some(&camera)).await.status(), StatusCode::OK);
    cloud.clock.advance(Duration::from_secs(86_400));
    refused(me(Some(&camera)).await, 401, "token_expired").await;
}
