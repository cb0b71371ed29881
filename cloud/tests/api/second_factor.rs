//! The second factor: set up, asked for, taken once, recovered, taken away; and who is wanted to have one.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Response, StatusCode};
use returnfeed_cloud::api::accounts::new_account;
use returnfeed_cloud::clock::Clock;
use returnfeed_cloud::config::{Config, SecondFactorPolicy};
use returnfeed_cloud::sealing::Sealer;
use returnfeed_protocol::{
    AccountSummary, AuditEntry, HostUser, LoginResponse, RecoveryCodes, RecoveryCodesLeft, SecondFactor,
    SecondFactorSecret,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::cloud::{Client, Cloud, config, read, refused};

const PASSWORD: &str = "correct horse";
const HOST: &str = "host@example.org";
const ADA: &str = "ada@example.org";

/// An authenticator of the test's own (RFC 6238), for the secret that a person scans.
pub(crate) struct Authenticator(Vec<u8>);

impl Authenticator {
    pub(crate) fn new(base32: &str) -> Self {
        let mut bits = base32.bytes().flat_map(|letter| {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                _ => letter - b'2' + 26,
            };
            (0..5).rev().map(move |bit| value >> bit & 1)
        });
        let byte = |_| (0..8).fold(0, |byte, _| byte << 1 | bits.next().unwrap());
        Self((0..base32.len() * 5 / 8).map(byte).collect())
    }

    /// As the server seals it.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    pub(crate) fn code(&self, unix_ms: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &(unix_ms / 30_000).to_be_bytes());
        let at = usize::from(tag.as_ref()[19] & 15);
        let word = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap());
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

/// A host and somebody else, with passwords.
async fn cloud(second_factor: SecondFactorPolicy) -> Cloud {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { second_factor, ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    let app = cloud.server.app();
    for email in [HOST, ADA] {
        let account = new_account(app.clock.unix_ms(), email, "Ada").ok().unwrap();
        let hash = app.passwords.hash(&PASSWORD.into()).await.unwrap();
        app.store.add_account(&account, &hash, app.clock.unix_ms()).await.unwrap().unwrap();
    }
    cloud
}

async fn try_login(client: &Client, email: &str, code: Option<&str>) -> Response {
    client.post("/api/login", None, &json!({ "email": email, "password": PASSWORD, "code": code })).await
}

async fn login(client: &Client, email: &str, code: Option<&str>) -> LoginResponse {
    read(try_login(client, email, code).await, StatusCode::OK).await
}

/// Sets one up as a person does.
pub(crate) async fn set_up(
    client: &Client,
    clock: &Clock,
    token: &str,
    password: &str,
) -> (Authenticator, SecondFactorSecret, Vec<String>) {
    let begun = client.post("/api/second-factor", Some(token), &json!({ "password": password })).await;
    let secret: SecondFactorSecret = read(begun, StatusCode::CREATED).await;
    let authenticator = Authenticator::new(&secret.secret);
    let first = json!({ "code": authenticator.code(clock.unix_ms()) });
    let confirmed = client.post("/api/second-factor/confirm", Some(token), &first).await;
    (authenticator, secret, read::<RecoveryCodes>(confirmed, StatusCode::CREATED).await.codes)
}

async fn stands(client: &Client, token: &str) -> SecondFactor {
    let account = client.get("/api/account", Some(token)).await;
    read::<AccountSummary>(account, StatusCode::OK).await.second_factor
}

async fn end(client: &Client, token: &str, password: &str, code: &str) -> Response {
    let request = client.request(Method::DELETE, "/api/second-factor", Some(token));
    request.json(&json!({ "password": password, "code": code })).send().await.unwrap()
}

/// Long enough for the next code.
fn next_code(cloud: &Cloud) {
    cloud.clock.advance(Duration::from_secs(30));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_takes_the_password_and_then_a_code_that_is_good_once() {
    let cloud = cloud(SecondFactorPolicy::Optional).await;
    let client = &cloud.client;
    let (mine, other) = (login(client, ADA, None).await, login(client, ADA, None).await);
    let (authenticator, ..) = set_up(client, &cloud.clock, &mine.access_token, PASSWORD).await;
    assert_eq!(stands(client, &mine.access_token).await, SecondFactor::On);
    let ended = client.get("/api/account", Some(&other.access_token)).await;
    refused(ended, 401, "token_invalid").await; // what came by the password alone

    let now = || authenticator.code(cloud.clock.unix_ms());
    let taken = now();
    next_code(&cloud);
    let code = now();
    refused(try_login(client, ADA, None).await, 403, "code_needed").await;
    refused(try_login(client, ADA, Some(" ")).await, 403, "code_needed").await;
    refused(try_login(client, ADA, Some(&taken)).await, 403, "code_wrong").await; // the one that set it up
    let wrong = json!({ "email": ADA, "password": "wrong horse", "code": code });
    refused(client.post("/api/login", None, &wrong).await, 401, "login_failed").await;
    let ada = login(client, ADA, Some(&code)).await;
    assert_eq!(ada.account.second_factor, SecondFactor::On);
    refused(try_login(client, ADA, Some(&code)).await, 403, "code_wrong").await; // over a shoulder
    next_code(&cloud);
    refused(try_login(client, ADA, Some(&code)).await, 403, "code_wrong").await;
    let refresh = json!({ "refresh_token": ada.refresh_token.unwrap() });
    let refreshed = client.post("/api/refresh", None, &refresh).await;
    assert_eq!(refreshed.status(), StatusCode::OK, "a login goes on without one");
    assert_eq!(login(client, HOST, None).await.account.second_factor, SecondFactor::Off, "others need none");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_at_two_doors_at_once_opens_one() {
    let cloud = cloud(SecondFactorPolicy::Optional).await;
    let client = &cloud.client;
    let token = login(client, ADA, None).await.access_token;
    let (authenticator, _, recovery) = set_up(client, &cloud.clock, &token, PASSWORD).await;
    next_code(&cloud);
    for code in [&authenticator.code(cloud.clock.unix_ms()), &recovery[0]] {
        let many = (0..4).map(|_| try_login(client, ADA, Some(code)));
        let answers = futures_util::future::join_all(many).await;
        let good = answers.iter().filter(|answer| answer.status() == StatusCode::OK).count();
        assert_eq!(good, 1, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_to_recover_by_logs_in_once_however_it_is_typed() {
    let cloud = cloud(SecondFactorPolicy::Optional).await;
    let client = &cloud.client;
    let token = login(client, ADA, None).await.access_token;
    let (_, _, codes) = set_up(client, &cloud.clock, &token, PASSWORD).await;
    assert_eq!(codes.len(), 10);
    let host = login(client, HOST, None).await.access_token;
    set_up(client, &cloud.clock, &host, PASSWORD).await;
    refused(try_login(client, HOST, Some(&codes[0])).await, 403, "code_wrong").await; // it is Ada's
    login(client, ADA, Some(&codes[0].to_lowercase().replace('-', ""))).await;
    refused(try_login(client, ADA, Some(&codes[0])).await, 403, "code_wrong").await;
    login(client, ADA, Some(&codes[9])).await;
    let audit = client.get("/api/admin/audit?what=second_factor", Some(&host)).await;
    let audit: Vec<AuditEntry> = read(audit, StatusCode::OK).await;
    let count = |what: &str| audit.iter().filter(|entry| entry.what == what).count();
    assert_eq!(
        (count("second_factor.on"), count("second_factor.recovered"), count("second_factor.failed")),
        (2, 2, 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_to_recover_by_are_counted_and_made_anew_by_password_and_code() {
    let cloud = cloud(SecondFactorPolicy::Optional).await;
    let client = &cloud.client;
    let token = login(client, ADA, None).await.access_token;
    let left = async || {
        let left = client.get("/api/second-factor", Some(&token)).await;
        read::<RecoveryCodesLeft>(left, StatusCode::OK).await.recovery_codes_left
    };
    let renew = async |password: &str, code: &str| {
        let proof = json!({ "password": password, "code": code });
        client.post("/api/second-factor/recovery-codes", Some(&token), &proof).await
    };
    assert_eq!(left().await, 0);
    refused(renew(PASSWORD, "000000").await, 409, "second_factor_off").await;
    let (authenticator, _, before) = set_up(client, &cloud.clock, &token, PASSWORD).await;
    login(client, ADA, Some(&before[0])).await;
    assert_eq!(left().await, 9);

    next_code(&cloud);
    let code = authenticator.code(cloud.clock.unix_ms());
    refused(renew("a guess", &code).await, 403, "password_wrong").await;
    refused(renew(PASSWORD, "000000").await, 403, "code_wrong").await;
    assert_eq!(left().await, 9, "nothing was made anew");
    let renewed: RecoveryCodes = read(renew(PASSWORD, &code).await, StatusCode::CREATED).await;
    assert_eq!((renewed.codes.len(), left().await), (10, 10));
    refused(try_login(client, ADA, Some(&before[1])).await, 403, "code_wrong").await;
    login(client, ADA, Some(&renewed.codes[1])).await;
    next_code(&cloud);
    login(client, ADA, Some(&authenticator.code(cloud.clock.unix_ms()))).await;
    assert_eq!(left().await, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_counts_from_its_first_code_on() {
    let cloud = cloud(SecondFactorPolicy::Optional).await;
    let client = &cloud.client;
    let token = login(client, ADA, None).await.access_token;
    let confirm = async |code: &str| {
        client.post("/api/second-factor/confirm", Some(&token), &json!({ "code": code })).await
    };
    refused(confirm("287082").await, 409, "second_factor_not_begun").await;
    let begin = async |password: &str| {
        client.post("/api/second-factor", Some(&token), &json!({ "password": password })).await
    };
    refused(begin("wrong horse").await, 403, "password_wrong").await;
    let before = read::<SecondFactorSecret>(begin(PASSWORD).await, StatusCode::CREATED).await;
    let before = Authenticator::new(&before.secret).code(cloud.clock.unix_ms());
    assert_eq!(stands(client, &token).await, SecondFactor::Off);
    login(client, ADA, None).await; // the picture was never scanned
    let (authenticator, ..) = set_up(client, &cloud.clock, &token, PASSWORD).await;
    refused(confirm(&before).await, 409, "second_factor_on").await;
    refused(begin(PASSWORD).await, 409, "second_factor_on").await;

    next_code(&cloud);
    let code = authenticator.code(cloud.clock.unix_ms());
    refused(end(client, &token, "wrong horse", &code).await, 403, "password_wrong").await;
    refused(end(client, &token, PASSWORD, "").await, 403, "code_needed").await;
    refused(end(client, &token, PASSWORD, "000000").await, 403, "code_wrong").await;
    assert_eq!(end(client, &token, PASSWORD, &code).await.status(), StatusCode::NO_CONTENT);
    refused(end(client, &token, PASSWORD, &code).await, 409, "second_factor_off").await;
    login(client, ADA, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_codes_waits_and_who_does_not_know_the_password_makes_nobody_wait() {
    let cloud = cloud(SecondFactorPolicy::Optional).await;
    let client = &cloud.client;
    let token = login(client, ADA, None).await.access_token;
    let (authenticator, ..) = set_up(client, &cloud.clock, &token, PASSWORD).await;
    for _ in 0..9 {
        let guess = json!({ "email": ADA, "password": "wrong horse", "code": "000000" });
        refused(client.post("/api/login", None, &guess).await, 401, "login_failed").await;
    }
    next_code(&cloud);
    login(client, ADA, Some(&authenticator.code(cloud.clock.unix_ms()))).await;
    let mut guessed = try_login(client, ADA, Some("000000")).await;
    let mut tries = 1;
    while guessed.status() == StatusCode::FORBIDDEN {
        guessed = try_login(client, ADA, Some("000000")).await;
        tries += 1;
    }
    assert!(guessed.headers().contains_key("retry-after") && tries >= 11, "{tries}");
    refused(guessed, 429, "too_many_attempts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_one_is_no_host_yet_and_nobody_is_locked_out() {
    let cloud = cloud(SecondFactorPolicy::Hosts).await;
    let client = &cloud.client;
    let host = login(client, HOST, None).await;
    assert_eq!(host.account.second_factor, SecondFactor::Missing);
    let host = host.access_token;
    let users = async |token: &str| client.get("/api/admin/users", Some(token)).await;
    refused(users(&host).await, 403, "second_factor_missing").await;
    let made = client.post("/api/sessions", Some(&host), &json!({ "name": "Sunday" })).await;
    assert_eq!(made.status(), StatusCode::CREATED, "what is no host's alone goes on");
    let ada = login(client, ADA, None).await;
    assert_eq!(ada.account.second_factor, SecondFactor::Off);
    refused(users(&ada.access_token).await, 403, "not_the_host").await;

    set_up(client, &cloud.clock, &host, PASSWORD).await;
    let people: Vec<HostUser> = read(users(&host).await, StatusCode::OK).await;
    assert_eq!(people.iter().map(|one| one.second_factor).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_needs_one_an_account_reaches_itself_alone_until_it_has_one() {
    let cloud = cloud(SecondFactorPolicy::All).await;
    let client = &cloud.client;
    let ada = login(client, ADA, None).await;
    assert_eq!(ada.account.second_factor, SecondFactor::Missing);
    let token = ada.access_token;
    let sessions = async || client.get("/api/sessions", Some(&token)).await;
    refused(sessions().await, 403, "second_factor_missing").await;
    refused(client.get("/api/shows", Some(&token)).await, 403, "second_factor_missing").await;
    assert_eq!(client.get("/api/logins", Some(&token)).await.status(), StatusCode::OK);
    set_up(client, &cloud.clock, &token, PASSWORD).await;
    assert_eq!(sessions().await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_takes_a_lost_one_away() {
    let cloud = cloud(SecondFactorPolicy::Optional).await;
    let client = &cloud.client;
    let ada = login(client, ADA, None).await;
    set_up(client, &cloud.clock, &ada.access_token, PASSWORD).await;
    let host = login(client, HOST, None).await.access_token;
    let reset = async |token: &str| {
        let path = format!("/api/admin/users/{}/second-factor", ada.account.id);
        client.request(Method::DELETE, &path, Some(token)).send().await.unwrap()
    };
    refused(reset(&ada.access_token).await, 403, "not_the_host").await;
    assert_eq!(reset(&host).await.status(), StatusCode::NO_CONTENT);
    refused(reset(&host).await, 409, "second_factor_off").await;
    login(client, ADA, None).await;
    let audit = client.get("/api/admin/audit?what=second_factor.reset", Some(&host)).await;
    assert_eq!(read::<Vec<AuditEntry>>(audit, StatusCode::OK).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_stands_sealed_in_the_database_and_follows_a_new_key() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Cloud::start_on_sqlite(dir).await;
    let app = cloud.server.app();
    let account = new_account(1, ADA, "Ada").ok().unwrap();
    let hash = app.passwords.hash(&PASSWORD.into()).await.unwrap();
    let account = app.store.add_account(&account, &hash, 1).await.unwrap().unwrap();
    let token = login(&cloud.client, ADA, None).await.access_token;
    let (authenticator, secret, codes) = set_up(&cloud.client, &cloud.clock, &token, PASSWORD).await;
    let sealed = app.store.second_factor(account.id).await.unwrap().unwrap().secret;
    let Cloud { server, dir, clock, .. } = cloud;
    server.stop().await;
    let data = dir.path().join("data");
    let rows = std::fs::read(data.join("returnfeed.db")).unwrap();
    for plain in [&secret.secret, &codes[0], &codes[0].replace('-', "")] {
        assert!(!rows.windows(plain.len()).any(|window| window == plain.as_bytes()), "{plain}");
    }

    let keys = data.join("sealing-keys");
    let newest = returnfeed_cloud::random::text::<32>();
    let both = format!("{newest}\n{}", std::fs::read_to_string(&keys).unwrap());
    std::fs::write(&keys, both).unwrap();
    let config = Config { database: crate::cloud::sqlite(dir.path()), ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    let anew = cloud.server.app().store.second_factor(account.id).await.unwrap().unwrap().secret;
    assert!(anew != sealed && Sealer::new(&SecretString::from(newest)).unwrap().is_current(&anew));
    cloud
        .clock
        .advance(Duration::from_millis(clock.unix_ms().saturating_sub(cloud.clock.unix_ms()) + 30_000));
    login(&cloud.client, ADA, Some(&authenticator.code(cloud.clock.unix_ms()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_takes_a_lost_one_away() {
    let process = crate::process::Process::start(&[]);
    let account = ["account", "create", "--email", ADA, "--name", "Ada", "--password-stdin"];
    let made = crate::process::run(process.dir.path(), &account, format!("{PASSWORD}\n").as_bytes());
    assert!(made.status.success());
    let client = process.client();
    let ada = login(&client, ADA, None).await;
    assert_eq!(
        ada.account.second_factor,
        SecondFactor::Missing,
        "hosts need one unless it is said otherwise"
    );
    set_up(&client, &Clock::default(), &ada.access_token, PASSWORD).await;
    refused(try_login(&client, ADA, None).await, 403, "code_needed").await;
    let reset = |email| process.run(&["account", "reset-second-factor", "--email", email]);
    assert!(reset(ADA).status.success());
    let again = reset(ADA);
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(!again.status.success() && said.contains("has no second factor"), "{said}");
    login(&client, ADA, None).await;
    process.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_any_shape_is_refused_in_a_sentence() {
    let cloud = cloud(SecondFactorPolicy::Optional).await;
    let client = &cloud.client;
    let token = login(client, ADA, None).await.access_token;
    set_up(client, &cloud.clock, &token, PASSWORD).await;
    for code in ["12345", "1234567", "２８７０８２", "' OR 1=1 --", &"9".repeat(10_000)] {
        refused(try_login(client, ADA, Some(code)).await, 403, "code_wrong").await;
    }
    let number: Value = json!({ "email": ADA, "password": PASSWORD, "code": 287_082 });
    refused(client.post("/api/login", None, &number).await, 422, "invalid_input").await;
}
