//! Secrets, the log and the audit: a whole evening at the most talkative level, then a search for each secret.

use reqwest::{Method, StatusCode};
use returnfeed_cloud::clock::Clock;
use returnfeed_cloud::store::Store;
use returnfeed_protocol::{
    Invite, JoinResponse, LoginResponse, OneTimeLink, PROTOCOL_VERSION, PageToCloud, PublishCredentials,
    PublishGrant, SessionCreated, Tally, Ticket,
};
use serde_json::json;

use crate::cloud::{Client, read, sqlite};
use crate::process::{Process, database_url, run};

const PASSWORD: &str = "a password that was planted";

async fn join(client: &Client, code: &str) -> JoinResponse {
    read(client.post("/api/join", None, &json!({ "code": code, "name": "Ada" })).await, StatusCode::CREATED)
        .await
}

/// Everything that people do; the secrets that passed.
async fn evening(process: &Process, secrets: &mut Vec<String>) {
    let client = process.client();
    secrets.push(PASSWORD.to_owned());
    let login = json!({ "email": "ada@example.org", "password": PASSWORD });
    let login: LoginResponse = read(client.post("/api/login", None, &login).await, StatusCode::OK).await;
    let owner = login.access_token;
    let first = login.refresh_token.unwrap();
    let next = client.post("/api/refresh", None, &json!({ "refresh_token": first })).await;
    let next = read::<LoginResponse>(next, StatusCode::OK).await.refresh_token.unwrap();
    let of_a_page = json!({ "email": "ada@example.org", "password": PASSWORD, "refresh": "cookie" });
    let of_a_page = client.post("/api/login", None, &of_a_page).await;
    let cookie = of_a_page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let by_cookie = client.request(Method::POST, "/api/refresh", None).header("cookie", &cookie);
    assert_eq!(by_cookie.json(&json!({})).send().await.unwrap().status(), StatusCode::OK);
    let (authenticator, secret, recovery) =
        crate::second_factor::set_up(&client, &Clock::default(), &owner, PASSWORD).await;
    let (head, rest) = recovery[0].split_at(1);
    let mistyped = format!("{}{rest}", if head == "0" { "1" } else { "0" });
    let unknown = json!({ "email": "ada@example.org", "password": PASSWORD, "code": mistyped });
    assert_eq!(client.post("/api/login", None, &unknown).await.status(), StatusCode::FORBIDDEN);
    let by_recovery = json!({ "email": "ada@example.org", "password": PASSWORD, "code": recovery[0] });
    read::<LoginResponse>(client.post("/api/login", None, &by_recovery).await, StatusCode::OK).await;
    secrets.extend(recovery.iter().map(|code| code.replace('-', "")));
    secrets.extend([secret.secret, authenticator.text()]);
    secrets.extend(recovery);
    let reset = client.request(Method::POST, &format!("/api/users/{}/reset", login.account.id), Some(&owner));
    let link: OneTimeLink = read(reset.send().await.unwrap(), StatusCode::CREATED).await;
    let short = json!({ "token": link.token, "password": "planted" });
    assert_eq!(
        client.post("/api/password/reset", None, &short).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    secrets.extend([first, next, cookie.split_once('=').unwrap().1.to_owned(), link.token]);
    let session: SessionCreated = read(
        client.post("/api/sessions", Some(&owner), &json!({ "name": "Sunday" })).await,
        StatusCode::CREATED,
    )
    .await;
    let path = |rest: &str| format!("/api/sessions/{}{rest}", session.session.id);
    let director: JoinResponse =
        read(client.post(&path("/direct"), Some(&owner), &json!({})).await, StatusCode::CREATED).await;
    let grant: PublishGrant =
        read(client.post(&path("/publish"), Some(&director.token), &json!({})).await, StatusCode::CREATED)
            .await;
    let live = client.request(Method::PATCH, &path(""), Some(&owner)).json(&json!({ "state": "live" }));
    assert_eq!(live.send().await.unwrap().status(), StatusCode::OK);
    let camera = join(&client, &session.camera_code).await;

    let mut uplink = client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(grant.epoch).await;
    uplink.say_tally(grant.epoch, 1, &[(1, Tally::Program)]).await;
    let ticket = client.request(Method::POST, "/api/tickets", Some(&camera.token)).send().await.unwrap();
    let ticket = read::<Ticket>(ticket, StatusCode::CREATED).await.ticket;
    let mut page = client.open_by_ticket("/ws/page", &ticket).await;
    page.greet_as_page(Some(1)).await;
    page.tally().await;
    let unused = client.ticket(&camera.token).await;
    let unused = unused.expose().to_owned();
    let events = client.get(&format!("/api/events?ticket={unused}"), Some(&camera.token)).await;
    assert_eq!(events.status(), StatusCode::OK);

    let whep = client.request(Method::POST, &format!("/whep/{}", session.session.id), Some(&camera.token));
    let whep = whep.header("content-type", "application/sdp").body("v=0\r\n").send().await.unwrap();
    assert!(!whep.status().is_success());
    let wrong = json!({ "email": "ada@example.org", "password": format!("{PASSWORD}!") });
    client.post("/api/login", None, &wrong).await;
    let tampered = format!("{}x", camera.token);
    client.post("/api/events/nothing", Some(&tampered), &PageToCloud::Ping { n: 1 }).await;
    client.post(&format!("/api/join?ticket={unused}"), None, &json!({ "protocol": PROTOCOL_VERSION })).await;

    let invite = client.post(&path("/invites"), Some(&owner), &json!({ "role": "viewer" })).await;
    let invite: Invite = read(invite, StatusCode::CREATED).await;
    secrets.extend([invite.code.replace('-', ""), invite.code]);
    let credentials = client.post(&path("/credentials/rotate"), Some(&owner), &json!({})).await;
    let credentials: PublishCredentials = read(credentials, StatusCode::OK).await;
    secrets.push(credentials.srt.passphrase);

    // A signature is the secret part of a token; its head is the same in all.
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    secrets.extend([&owner, &director.token, &camera.token].map(|token| signature(token)));
    secrets.extend([ticket.expose().to_owned(), unused, grant.srt.passphrase]);
    secrets.extend([session.camera_code.replace('-', ""), session.camera_code, session.viewer_code]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_the_log_at_any_level_nor_the_audit() {
    for (filter, format) in [("trace", "plain"), ("trace,hyper=trace,sqlx=trace,tower=trace", "json")] {
        let process = Process::start(&["--log", filter, "--log-format", format]);
        let account =
            ["account", "create", "--email", "ada@example.org", "--name", "Ada", "--password-stdin"];
        assert!(run(process.dir.path(), &account, format!("{PASSWORD}\n").as_bytes()).status.success());
        let mut secrets = Vec::new();
        evening(&process, &mut secrets).await;
        let data = process.dir.path().join("data");
        for file in ["pepper", "sealing-keys"] {
            secrets.push(std::fs::read_to_string(data.join(file)).unwrap());
        }
        secrets.extend(
            std::fs::read_to_string(data.join("token-key.pem")).unwrap().lines().nth(1).map(str::to_owned),
        );

        let database = match database_url(process.dir.path()) {
            url if url.starts_with("sqlite:") => sqlite(process.dir.path()),
            url => url.parse().unwrap(),
        };
        let audit = Store::open(&database).await.unwrap().audit_page(None, None).await.unwrap();
        let audit = format!("{audit:?}");
        assert!(audit.contains("login.failed") && audit.contains("password.reset_link"), "{audit}");
        let log = process.terminate();
        assert!(log.contains("logged in") && log.contains("a director is connected"), "{log}");
        if format == "json" {
            assert!(log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
        }
        for secret in secrets {
            assert!(secret.len() >= 10, "{secret}");
            let line = log.lines().find(|line| line.contains(&secret));
            assert!(line.is_none(), "at --log {filter}: {line:?}");
            assert!(!audit.contains(&secret), "in the audit: {audit}");
        }
    }
}
