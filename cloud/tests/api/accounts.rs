//! Setup, login and the account token.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use returnfeed_cloud::config::{Config, Registration};
use returnfeed_protocol::{AccountSummary, LoginResponse, OneTimeLink};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::cloud::{Cloud, config, read, refused};

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

#[tokio::test(flavor = "multi_thread")]
async fn an_easy_password_is_refused_wherever_one_is_chosen() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { registration: Registration::Open, ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    let client = &cloud.client;
    let token = cloud.server.setup_token().unwrap().expose_secret();
    let setup = |password: &str| json!({ "setup_token": token, "email": "host@example.org", "password": password, "name": "Host" });
    refused(client.post("/api/setup", None, &setup("password1")).await, 422, "password_easy").await;
    let host: LoginResponse =
        read(client.post("/api/setup", None, &setup("correct horse")).await, StatusCode::CREATED).await;

    let register =
        |password: &str| json!({ "email": "lovelace@example.org", "password": password, "name": "Ada" });
    for easy in ["12345678", "Lovelace1", "ReturnFeed"] {
        refused(client.post("/api/register", None, &register(easy)).await, 422, "password_easy").await;
    }
    let ada: LoginResponse =
        read(client.post("/api/register", None, &register("correct horse")).await, StatusCode::CREATED).await;
    let change = json!({ "current": "correct horse", "password": "lovelace1" });
    refused(client.post("/api/password", Some(&ada.access_token), &change).await, 422, "password_easy").await;
    let path = format!("/api/users/{}/reset", ada.account.id);
    let link = client.request(Method::POST, &path, Some(&host.access_token)).send().await.unwrap();
    let link: OneTimeLink = read(link, StatusCode::CREATED).await;
    let reset = |password: &str| json!({ "token": link.token, "password": password });
    refused(client.post("/api/password/reset", None, &reset("lovelace1")).await, 422, "password_easy").await;
    let good = client.post("/api/password/reset", None, &reset("another horse")).await;
    assert_eq!(good.status(), StatusCode::NO_CONTENT, "a refusal spends no link");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_one_however_it_is_written_and_a_name_is_text() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { registration: Registration::Open, ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    cloud.account("host@example.org").await;
    let register = async |email: &str, name: &str| {
        let body = json!({ "email": email, "password": "correct horse", "name": name });
        cloud.client.post("/api/register", None, &body).await
    };
    let hostile = "<img src=x onerror=alert(1)>'; DROP TABLE users; --";
    let made: LoginResponse = read(register("Ada@Example.org", hostile).await, StatusCode::CREATED).await;
    assert_eq!((made.account.email.as_str(), made.account.name.as_str()), ("ada@example.org", hostile));
    for twice in ["ada@example.org", "ADA@EXAMPLE.ORG", " ada@Example.org "] {
        refused(register(twice, "Ada").await, 409, "email_taken").await;
    }
    let login = json!({ "email": "aDA@example.ORG", "password": "correct horse" });
    read::<LoginResponse>(cloud.client.post("/api/login", None, &login).await, StatusCode::OK).await;
}
