//! Logins: what brings the next token, what ends them, and what a thief gets.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use returnfeed_cloud::api::accounts::new_account;
use returnfeed_cloud::auth::{Passwords, Verdict};
use returnfeed_cloud::config::{Config, Registration};
use returnfeed_cloud::store::Account;
use returnfeed_protocol::{AccountSummary, LoginResponse, OneTimeLink, SessionCreated};
use serde_json::{Value, json};

use crate::cloud::{Client, Cloud, config, read, refused};
use crate::process::{Process, run};
use crate::socket::DEADLINE;

const PASSWORD: &str = "correct horse";
const COOKIE: &str = "__Secure-returnfeed-refresh";

/// Somebody with a password.
async fn person(cloud: &Cloud, email: &str) -> Account {
    let app = cloud.server.app();
    let account = new_account(app.clock.unix_ms(), email, "Ada").ok().unwrap();
    let hash = app.passwords.hash(&PASSWORD.into()).await.unwrap();
    app.store.add_account(&account, &hash, app.clock.unix_ms()).await.unwrap().unwrap()
}

async fn try_login(client: &Client, email: &str, password: &str) -> Response {
    client.post("/api/login", None, &json!({ "email": email, "password": password })).await
}

async fn login(client: &Client, email: &str) -> LoginResponse {
    read(try_login(client, email, PASSWORD).await, StatusCode::OK).await
}

async fn try_refresh(client: &Client, token: &str) -> Response {
    client.post("/api/refresh", None, &json!({ "refresh_token": token })).await
}

/// The next access token and the next refresh token.
async fn refresh(client: &Client, token: &str) -> (String, String) {
    let next: LoginResponse = read(try_refresh(client, token).await, StatusCode::OK).await;
    (next.access_token, next.refresh_token.unwrap())
}

async fn is_in(client: &Client, access: &str) -> bool {
    client.get("/api/account", Some(access)).await.status() == StatusCode::OK
}

/// A server with a host and another account, each logged in.
async fn with_host(registration: Registration) -> (Cloud, LoginResponse) {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { registration, ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    person(&cloud, "host@example.org").await;
    let host = login(&cloud.client, "host@example.org").await;
    assert!(host.account.host && !host.account.email_verified);
    (cloud, host)
}

/// Asks until there is an answer.
async fn eventually<T>(mut question: impl AsyncFnMut() -> Option<T>) -> T {
    let start = std::time::Instant::now();
    loop {
        if let Some(answer) = question().await {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "what was waited for did not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Long enough that an answer that was lost is not asked for again any more.
const PAST_GRACE: Duration = Duration::from_secs(11);

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_brings_the_next_one_and_a_lost_answer_is_given_again() {
    let cloud = Cloud::start().await;
    person(&cloud, "ada@example.org").await;
    let first = login(&cloud.client, "ada@example.org").await;
    let first_token = first.refresh_token.unwrap();
    cloud.clock.advance(Duration::from_secs(601));
    assert!(!is_in(&cloud.client, &first.access_token).await, "ten minutes are over");

    let (access, second) = refresh(&cloud.client, &first_token).await;
    assert!(is_in(&cloud.client, &access).await);
    assert_ne!(first_token, second);
    let (_, again) = refresh(&cloud.client, &first_token).await;
    assert_eq!(second, again, "the answer may have been lost, or another tab asks");
    cloud.clock.advance(PAST_GRACE);
    let (_, third) = refresh(&cloud.client, &second).await;
    assert_ne!(second, third);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_refresh_token_ends_the_login_at_the_second_use_whoever_is_second() {
    let cloud = Cloud::start().await;
    person(&cloud, "ada@example.org").await;
    // One of the two, thief or owner, has gone on so many times when the other comes with the token as it was stolen.
    for uses_between in [1, 3] {
        let stolen = login(&cloud.client, "ada@example.org").await.refresh_token.unwrap();
        let elsewhere = login(&cloud.client, "ada@example.org").await.access_token;
        let (mut newest, mut access) = (stolen.clone(), String::new());
        for _ in 0..uses_between {
            (access, newest) = refresh(&cloud.client, &newest).await;
            cloud.clock.advance(PAST_GRACE);
        }
        assert!(is_in(&cloud.client, &access).await);
        let session = cloud.session_of(access.clone()).await;
        let director = session.director().await;
        let epoch = session.grant(&director).await.epoch;
        let mut uplink = cloud.client.open("/ws/director", &director.token).await;
        uplink.greet_as_director(epoch).await;

        refused(try_refresh(&cloud.client, &stolen).await, 401, "refresh_reused").await;
        assert_eq!(uplink.director_bye().await.code, "logged_out");
        refused(cloud.client.get("/api/me", Some(&director.token)).await, 403, "logged_out").await;
        refused(try_refresh(&cloud.client, &newest).await, 401, "refresh_invalid").await;
        refused(cloud.client.get("/api/account", Some(&access)).await, 401, "token_invalid").await;
        assert!(is_in(&cloud.client, &elsewhere).await, "another login goes on");
    }
    let audit = cloud.server.app().store.audit_page(None, None).await.unwrap();
    assert_eq!(audit.iter().filter(|entry| entry.what == "login.stolen").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_refresh_token_costs_nobody_a_login() {
    let cloud = Cloud::start().await;
    person(&cloud, "ada@example.org").await;
    let login = login(&cloud.client, "ada@example.org").await;
    let good = login.refresh_token.unwrap();
    let tampered = format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { 'Q' } else { 'A' });
    for nonsense in ["", "x", "\u{ac00}", &login.access_token, &good[1..]] {
        refused(try_refresh(&cloud.client, nonsense).await, 401, "refresh_invalid").await;
    }
    refused(cloud.client.post("/api/refresh", None, &json!({})).await, 401, "refresh_invalid").await;
    let (_, newest) = refresh(&cloud.client, &good).await;
    // Whoever can write this has had a token of the login: it counts as one.
    refused(try_refresh(&cloud.client, &tampered).await, 401, "refresh_reused").await;
    refused(try_refresh(&cloud.client, &newest).await, 401, "refresh_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_not_used_for_thirty_days_and_any_after_ninety_is_over() {
    const DAY: Duration = Duration::from_secs(86_400);
    let cloud = Cloud::start().await;
    person(&cloud, "ada@example.org").await;
    let mut token = login(&cloud.client, "ada@example.org").await.refresh_token.unwrap();
    for _ in 0..4 {
        cloud.clock.advance(22 * DAY);
        (_, token) = refresh(&cloud.client, &token).await;
    }
    cloud.clock.advance(3 * DAY);
    refused(try_refresh(&cloud.client, &token).await, 401, "refresh_invalid").await;
    let idle = login(&cloud.client, "ada@example.org").await.refresh_token.unwrap();
    cloud.clock.advance(31 * DAY);
    refused(try_refresh(&cloud.client, &idle).await, 401, "refresh_invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_its_refresh_token_in_a_cookie_that_only_our_pages_send() {
    let cloud = Cloud::start().await;
    person(&cloud, "ada@example.org").await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "refresh": "cookie" });
    let answer = cloud.client.post("/api/login", None, &body).await;
    let cookie = set_cookie(&answer);
    for word in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/api/refresh", "Max-Age=2592000"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let login: LoginResponse = read(answer, StatusCode::OK).await;
    assert_eq!(login.refresh_token, None, "no script reads it");

    let with_cookie = async |cookie: &str, site: &'static str| {
        let request = cloud.client.request(Method::POST, "/api/refresh", None).json(&json!({}));
        request.header("cookie", pair(cookie)).header("sec-fetch-site", site).send().await.unwrap()
    };
    refused(with_cookie(&cookie, "cross-site").await, 403, "cross_site").await;
    let answer = with_cookie(&cookie, "same-origin").await;
    let next = set_cookie(&answer);
    let refreshed: LoginResponse = read(answer, StatusCode::OK).await;
    assert_eq!(refreshed.refresh_token, None);
    assert_ne!(pair(&cookie), pair(&next));

    let out = cloud
        .client
        .request(Method::POST, "/api/logout", Some(&refreshed.access_token))
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    assert!(set_cookie(&out).contains("Max-Age=0"));
    refused(with_cookie(&next, "same-origin").await, 401, "refresh_invalid").await;
}

fn set_cookie(answer: &Response) -> String {
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with(COOKIE), "{cookie}");
    cookie
}

fn pair(cookie: &str) -> String {
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_ends_one_login_at_once_and_logging_out_everywhere_all() {
    let cloud = Cloud::start().await;
    person(&cloud, "ada@example.org").await;
    person(&cloud, "bob@example.org").await;
    let (one, two, three) = (
        login(&cloud.client, "ada@example.org").await,
        login(&cloud.client, "ada@example.org").await,
        login(&cloud.client, "ada@example.org").await,
    );
    let bob = login(&cloud.client, "bob@example.org").await;
    let post = async |path: &str, access: &str| {
        let answer = cloud.client.request(Method::POST, path, Some(access)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    };
    post("/api/logout", &one.access_token).await;
    refused(try_refresh(&cloud.client, one.refresh_token.as_ref().unwrap()).await, 401, "refresh_invalid")
        .await;
    let write =
        cloud.client.post("/api/sessions", Some(&one.access_token), &json!({ "name": "Sunday" })).await;
    refused(write, 401, "token_invalid").await;
    assert!(is_in(&cloud.client, &two.access_token).await);

    post("/api/logout-everywhere", &two.access_token).await;
    for over in [&two, &three] {
        assert!(!is_in(&cloud.client, &over.access_token).await);
        refused(
            try_refresh(&cloud.client, over.refresh_token.as_ref().unwrap()).await,
            401,
            "refresh_invalid",
        )
        .await;
    }
    assert!(is_in(&cloud.client, &bob.access_token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_needs_the_one_before_and_ends_the_other_logins() {
    let cloud = Cloud::start().await;
    person(&cloud, "ada@example.org").await;
    let (here, there) =
        (login(&cloud.client, "ada@example.org").await, login(&cloud.client, "ada@example.org").await);
    let change = async |current: &str, password: &str| {
        let body = json!({ "current": current, "password": password });
        cloud.client.post("/api/password", Some(&here.access_token), &body).await
    };
    refused(change("wrong horse", "another horse").await, 403, "password_wrong").await;
    refused(change(PASSWORD, "short").await, 422, "invalid_input").await;
    assert_eq!(change(PASSWORD, "another horse").await.status(), StatusCode::NO_CONTENT);
    assert!(
        is_in(&cloud.client, &here.access_token).await && !is_in(&cloud.client, &there.access_token).await
    );
    refused(try_login(&cloud.client, "ada@example.org", PASSWORD).await, 401, "login_failed").await;
    assert_eq!(try_login(&cloud.client, "ada@example.org", "another horse").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_hands_over_a_link_for_a_new_password_that_is_good_once_and_for_a_day() {
    let (cloud, host) = with_host(Registration::Closed).await;
    let ada = person(&cloud, "ada@example.org").await;
    let before = login(&cloud.client, "ada@example.org").await;
    let make = async |token: &str, user: &str| {
        cloud
            .client
            .request(Method::POST, &format!("/api/users/{user}/reset"), Some(token))
            .send()
            .await
            .unwrap()
    };
    let id = ada.id.to_string();
    refused(make(&before.access_token, &id).await, 403, "not_the_host").await;
    refused(make(&host.access_token, "nobody").await, 404, "user_not_found").await;
    let superseded: OneTimeLink = read(make(&host.access_token, &id).await, StatusCode::CREATED).await;
    let link: OneTimeLink = read(make(&host.access_token, &id).await, StatusCode::CREATED).await;
    assert_eq!(link.path, format!("/account/#reset/{}", link.token));

    let reset = async |token: &str, password: &str| {
        cloud.client.post("/api/password/reset", None, &json!({ "token": token, "password": password })).await
    };
    refused(reset("guess", "another horse").await, 403, "reset_invalid").await;
    refused(reset(&superseded.token, "another horse").await, 403, "reset_invalid").await;
    refused(reset(&link.token, "short").await, 422, "invalid_input").await;
    assert_eq!(reset(&link.token, "another horse").await.status(), StatusCode::NO_CONTENT);
    refused(reset(&link.token, "a third horse").await, 403, "reset_invalid").await;
    assert!(!is_in(&cloud.client, &before.access_token).await);
    assert_eq!(try_login(&cloud.client, "ada@example.org", "another horse").await.status(), StatusCode::OK);

    let late: OneTimeLink = read(make(&host.access_token, &id).await, StatusCode::CREATED).await;
    cloud.clock.advance(Duration::from_secs(86_400));
    refused(reset(&late.token, "a third horse").await, 403, "reset_invalid").await;
}

async fn register(cloud: &Cloud, email: &str, invite: Option<&str>) -> Response {
    let body = json!({ "email": email, "password": PASSWORD, "name": "Bob", "invite": invite });
    cloud.client.post("/api/register", None, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_registers_where_it_is_closed_and_nobody_before_the_host() {
    let (cloud, host) = with_host(Registration::Closed).await;
    refused(register(&cloud, "bob@example.org", None).await, 403, "registration_closed").await;
    let invite = cloud.client.post("/api/account-invites", Some(&host.access_token), &json!({})).await;
    refused(invite, 403, "registration_closed").await;

    let dir = tempfile::tempdir().unwrap();
    let config = Config { registration: Registration::Open, ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    refused(register(&cloud, "bob@example.org", None).await, 409, "not_set_up").await;
    assert!(cloud.server.app().store.has_no_account().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_good_once_for_its_own_email_and_is_not_spent_by_a_refusal() {
    let (cloud, host) = with_host(Registration::Invite).await;
    refused(register(&cloud, "bob@example.org", None).await, 403, "invite_invalid").await;
    refused(register(&cloud, "bob@example.org", Some("guess")).await, 403, "invite_invalid").await;
    let body = json!({ "email": "Bob@Example.org" });
    let made = cloud.client.post("/api/account-invites", Some(&host.access_token), &body).await;
    let link: OneTimeLink = read(made, StatusCode::CREATED).await;

    refused(register(&cloud, "eve@example.org", Some(&link.token)).await, 403, "invite_invalid").await;
    refused(register(&cloud, "no e-mail", Some(&link.token)).await, 422, "invalid_input").await;
    let bob: LoginResponse =
        read(register(&cloud, "BOB@example.org", Some(&link.token)).await, StatusCode::CREATED).await;
    assert!(
        !bob.account.host && !bob.account.email_verified && is_in(&cloud.client, &bob.access_token).await
    );
    refused(register(&cloud, "bob@example.org", Some(&link.token)).await, 403, "invite_invalid").await;
    let invite = cloud.client.post("/api/account-invites", Some(&bob.access_token), &json!({})).await;
    refused(invite, 403, "not_the_host").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_open_everybody_registers_once_and_not_without_end() {
    let (cloud, _) = with_host(Registration::Open).await;
    let bob: LoginResponse = read(register(&cloud, "bob@example.org", None).await, StatusCode::CREATED).await;
    assert!(!bob.account.host);
    refused(register(&cloud, " BOB@Example.org", None).await, 409, "email_taken").await;
    let mut answer = register(&cloud, "more.0@example.org", None).await;
    for n in 1..20 {
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        answer = register(&cloud, &format!("more.{n}@example.org"), None).await;
    }
    assert!(answer.headers().contains_key("retry-after"));
    refused(answer, 429, "too_many_attempts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_gone_with_its_sessions_and_the_last_host_stays() {
    let (cloud, host) = with_host(Registration::Closed).await;
    person(&cloud, "ada@example.org").await;
    let ada = login(&cloud.client, "ada@example.org").await;
    let session = cloud.session_of(ada.access_token.clone()).await;
    let camera = session.camera("Bob").await;
    let mut page = cloud.client.open("/ws/page", &camera.token).await;
    page.greet_as_page(Some(1)).await;

    let delete = async |token: &str, password: Value| {
        let request = cloud.client.request(Method::DELETE, "/api/account", Some(token));
        request.json(&json!({ "password": password })).send().await.unwrap()
    };
    refused(delete(&host.access_token, json!(PASSWORD)).await, 409, "last_host").await;
    refused(delete(&ada.access_token, json!("wrong horse")).await, 403, "password_wrong").await;
    refused(delete(&ada.access_token, Value::Null).await, 403, "password_wrong").await;
    assert_eq!(delete(&ada.access_token, json!(PASSWORD)).await.status(), StatusCode::NO_CONTENT);

    assert_eq!(page.page_bye().await.code, "session_ended");
    refused(cloud.client.get("/api/account", Some(&ada.access_token)).await, 401, "token_invalid").await;
    refused(try_refresh(&cloud.client, ada.refresh_token.as_ref().unwrap()).await, 401, "refresh_invalid")
        .await;
    refused(try_login(&cloud.client, "ada@example.org", PASSWORD).await, 401, "login_failed").await;
    let app = cloud.server.app();
    assert!(app.store.session(session.id()).await.unwrap().is_none());
    let audit = app.store.audit_page(None, None).await.unwrap();
    assert!(
        audit.iter().any(|entry| entry.what == "account.deleted" && entry.actor_user == Some(ada.account.id))
    );
    person(&cloud, "ada@example.org").await; // the e-mail is free again
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_of_another_cost_is_made_anew_at_a_login() {
    let cloud = Cloud::start().await;
    let app = cloud.server.app();
    let data = cloud.dir.path().join("data");
    let pepper = std::fs::read_to_string(data.join("pepper")).unwrap().into();
    let old = Passwords::with_cost(&pepper, 6).hash(&PASSWORD.into()).await.unwrap();
    let account = new_account(1, "ada@example.org", "Ada").ok().unwrap();
    app.store.add_account(&account, &old, 1).await.unwrap().unwrap();
    let verdict = async || {
        let hash = app.store.credentials("ada@example.org").await.unwrap().unwrap().password;
        app.passwords.verify(&PASSWORD.into(), hash).await.unwrap()
    };
    assert_eq!(verdict().await, Verdict::RightAndOutdated);
    login(&cloud.client, "ada@example.org").await;
    assert_eq!(verdict().await, Verdict::Right);
    login(&cloud.client, "ada@example.org").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_leaves_everybody_in_and_a_forgotten_one_nobody() {
    let process = Process::start(&[]);
    let account = ["account", "create", "--email", "ada@example.org", "--name", "Ada", "--password-stdin"];
    assert!(run(process.dir.path(), &account, b"correct horse\n").status.success());
    let client = process.client();
    let kid = |token: &str| token.split('.').next().unwrap().to_owned();
    let before = login(&client, "ada@example.org").await;
    let rotate = |more: &[&str]| assert!(process.run(&[&["keys", "rotate"], more].concat()).status.success());

    rotate(&[]);
    let mut newest = before.refresh_token.unwrap();
    let after = eventually(async || {
        let (access, next) = refresh(&client, &newest).await;
        newest = next;
        (kid(&access) != kid(&before.access_token)).then_some(access)
    })
    .await;
    assert!(is_in(&client, &before.access_token).await && is_in(&client, &after).await);
    rotate(&["--forget"]);
    eventually(async || (!is_in(&client, &after).await).then_some(())).await;
    assert!(!is_in(&client, &before.access_token).await);
    let (access, _) = refresh(&client, &newest).await;
    assert!(is_in(&client, &access).await, "a refresh token is of no key");
    process.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_makes_links_and_hosts() {
    let process = Process::start(&["--registration", "invite"]);
    for email in ["ada@example.org", "bob@example.org"] {
        let account = ["account", "create", "--email", email, "--name", "Ada", "--password-stdin"];
        assert!(run(process.dir.path(), &account, b"correct horse\n").status.success());
    }
    let said = |arguments: &[&str]| {
        let output = process.run(arguments);
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let client = process.client();
    assert!(!login(&client, "bob@example.org").await.account.host);
    assert!(!said(&["account", "host", "--email", "ada@example.org", "--revoke"]).0, "the last one");
    assert!(said(&["account", "host", "--email", "bob@example.org"]).0);
    assert!(said(&["account", "host", "--email", "ada@example.org", "--revoke"]).0);
    assert!(login(&client, "bob@example.org").await.account.host);
    assert!(said(&["account", "reset", "--email", "eve@example.org"]).1.contains("no account here"));

    let token = |said: &str, word: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(&format!("/account/#{word}/")));
        line.unwrap_or_else(|| panic!("{said}")).to_owned()
    };
    let reset = token(&said(&["account", "reset", "--email", "ADA@example.org"]).1, "reset");
    let body = json!({ "token": reset, "password": "another horse" });
    assert_eq!(client.post("/api/password/reset", None, &body).await.status(), StatusCode::NO_CONTENT);
    let proof = token(&said(&["account", "verify-link", "--email", "ada@example.org"]).1, "verify");
    let body = json!({ "token": proof });
    assert_eq!(client.post("/api/email/verify", None, &body).await.status(), StatusCode::NO_CONTENT);
    assert!(said(&["account", "verify-link", "--email", "eve@example.org"]).1.contains("no account here"));
    let invite = token(&said(&["account", "invite"]).1, "register");
    let body = json!({ "email": "eve@example.org", "password": PASSWORD, "name": "Eve", "invite": invite });
    read::<LoginResponse>(client.post("/api/register", None, &body).await, StatusCode::CREATED).await;
    process.terminate();
}

/// SQL and HTML are names like any other; what is too long or no text is a sentence.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_typed_is_kept_as_it_is_or_refused_in_a_sentence() {
    let (cloud, host) = with_host(Registration::Open).await;
    let long = |n: usize| "\u{ac00}".repeat(n);
    let post = async |body: &str| {
        let from = "127.0.0.1".parse().unwrap();
        let request = cloud.client.at_address(from).request(Method::POST, "/api/register", None);
        request.header("content-type", "application/json").body(body.to_owned()).send().await.unwrap()
    };
    cloud.server.app().throttles.registrations.forget(&"127.0.0.1".parse().unwrap());
    let fields = |email: &str, name: &str, password: &str| {
        json!({ "email": email, "name": name, "password": password }).to_string()
    };
    for (what, body) in [
        ("a name over its length", fields("a@example.org", &long(81), PASSWORD)),
        ("an e-mail over its length", fields(&format!("{}@example.org", long(250)), "A", PASSWORD)),
        ("a password over its length", fields("a@example.org", "A", &long(129))),
        ("an empty name", fields("a@example.org", " \u{7} ", PASSWORD)),
        ("an e-mail in two lines", fields("a@example.org\nb@example.org x", "A", PASSWORD)),
    ] {
        let answer = post(&body).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        cloud.server.app().throttles.registrations.forget(&"127.0.0.1".parse().unwrap());
    }
    let half = r#"{"email":"a@example.org","name":"\ud800","password":"correct horse"}"#;
    assert!(post(half).await.status().is_client_error());

    let odd = "Robert'); DROP TABLE users;-- <script>alert(1)</script> \u{202e}";
    let made: LoginResponse =
        read(post(&fields("o'neil+1@ex\u{e4}mple.org", odd, PASSWORD)).await, StatusCode::CREATED).await;
    assert_eq!(made.account.name, odd.trim());
    let account: AccountSummary =
        read(cloud.client.get("/api/account", Some(&made.access_token)).await, StatusCode::OK).await;
    assert_eq!((account.name.as_str(), account.email.as_str()), (odd.trim(), "o'neil+1@ex\u{e4}mple.org"));
    assert!(is_in(&cloud.client, &host.access_token).await);
    // A NUL, which PostgreSQL has not: the same sentence on both.
    for email in ["a\0@example.org", "\0"] {
        let answer = try_login(&cloud.client, email, PASSWORD).await;
        refused(answer, 422, "invalid_input").await;
    }
    let nul = json!({ "name": "Sun\0day" });
    let made = cloud.client.post("/api/sessions", Some(&made.access_token), &nul).await;
    assert_eq!(read::<SessionCreated>(made, StatusCode::CREATED).await.session.name, "Sunday");
}
