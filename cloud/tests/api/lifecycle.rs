//! A server that is told to end, to read its settings again, or that a service manager watches.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use returnfeed_protocol::{CloudToPage, Epoch, JoinResponse, SessionState, Tally};
use serde_json::{Value, json};

use crate::cloud::{Client, Cloud, read, refused};
use crate::process::{BINARY, Process, command, complaint, finish, run, serve_arguments};
use crate::socket::{DEADLINE, Socket, word};

/// A session on air: who joins it by which code, its director's uplink and an operator's page.
struct OnAir {
    code: String,
    camera: String,
    epoch: Epoch,
    uplink: Socket,
    page: Socket,
}

async fn on_air(process: &Process, client: &Client) -> OnAir {
    let account = ["account", "create", "--email", "ada@example.org", "--name", "Ada", "--password-stdin"];
    assert!(run(process.dir.path(), &account, b"correct horse\n").status.success());
    let session = ["session", "create", "--name", "Sunday", "--owner", "ada@example.org", "--live", "--json"];
    let made: Value = serde_json::from_slice(&process.run(&session).stdout).unwrap();
    let code = made["camera_code"].as_str().unwrap().to_owned();
    let director = made["director"]["token"].as_str().unwrap();
    let id = made["session"]["id"].as_str().unwrap();
    let camera = client.post("/api/join", None, &json!({ "code": code })).await;
    let camera: JoinResponse = read(camera, StatusCode::CREATED).await;
    let grant = client.post(&format!("/api/sessions/{id}/publish"), Some(director), &json!({})).await;
    let epoch = Epoch(read::<Value>(grant, StatusCode::CREATED).await["epoch"].as_u64().unwrap());
    let mut uplink = client.open("/ws/director", director).await;
    uplink.greet_as_director(epoch).await;
    let mut page = client.open("/ws/page", &camera.token).await;
    page.greet_as_page(Some(1)).await;
    OnAir { code, camera: camera.token, epoch, uplink, page }
}

/// What a page is told of the end: within how many ms, and whether another server takes it.
async fn told_of_the_end(page: &mut Socket) -> (u64, bool) {
    page.find(|message| match message {
        CloudToPage::Draining { within_ms, elsewhere } => Some((within_ms, elsewhere)),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_drains_lets_nobody_new_in_and_the_tally_goes_on_until_all_have_left() {
    let process = Process::start(&["--drain-seconds", "600"]);
    let client = process.client();
    let OnAir { code, camera, epoch, mut uplink, mut page } = on_air(&process, &client).await;
    assert_eq!(client.get("/readyz", None).await.status(), StatusCode::OK);

    process.signal("-TERM");
    process.log_until("draining");
    let (within_ms, elsewhere) = told_of_the_end(&mut page).await;
    assert!((500_000..=600_000).contains(&within_ms) && !elsewhere, "{within_ms} {elsewhere}");
    let join = client.post("/api/join", None, &json!({ "code": code })).await;
    let seconds: u32 = join.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((500..=605).contains(&seconds), "{seconds}");
    refused(join, 503, "server_stopping").await;
    refused(client.get("/readyz", None).await, 503, "server_stopping").await;
    assert_eq!(client.get("/healthz", None).await.status(), StatusCode::OK);
    for seq in 1..=3 {
        uplink.say_tally(epoch, seq, &[(1, Tally::Program)]).await;
        assert_eq!(page.tally().await.1, word(epoch, seq, &[(1, Tally::Program)]));
    }
    let mut again = client.open("/ws/page", &camera).await;
    assert!(
        matches!(again.greet_as_page(Some(1)).await, CloudToPage::Welcome { .. }),
        "who is in may come back"
    );
    assert_eq!(again.tally().await.1, word(epoch, 3, &[(1, Tally::Program)]));
    assert!(told_of_the_end(&mut again).await.0 <= within_ms);
    drop((uplink, page, again));
    let log = tokio::task::spawn_blocking(|| process.ended()).await.unwrap();
    assert!(log.contains("stopping"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_a_second_time_it_ends_at_once_and_everybody_is_told() {
    let process = Process::start(&["--drain-seconds", "600"]);
    let client = process.client();
    let OnAir { uplink: _uplink, page, .. } = on_air(&process, &client).await;
    process.signal("-TERM");
    process.log_until("draining");
    process.signal("-TERM");
    assert_eq!(page.page_bye().await.code, "server_stopping");
    tokio::task::spawn_blocking(|| process.ended()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_without_a_drain_lets_nobody_in_while_it_says_goodbye() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    session.set(SessionState::Live).await;
    let Cloud { server, client, dir: _dir, .. } = cloud;
    let camera = session.camera("Ada").await;
    let mut page = client.open("/ws/page", &camera.token).await;
    page.greet_as_page(Some(1)).await;
    let deaf = server.app().sockets.token(); // the farewell waits for them
    let stops = tokio::spawn(server.stop());
    assert_eq!(page.page_bye().await.code, "server_stopping");
    refused(client.get("/readyz", None).await, 503, "server_stopping").await;
    let watch =
        client.request(reqwest::Method::POST, &format!("/whep/{}", session.id()), Some(&camera.token));
    let watch = watch.header("content-type", "application/sdp").body("v=0").send().await.unwrap();
    refused(watch, 503, "server_stopping").await;
    drop(deaf);
    stops.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_again_and_what_needs_a_restart_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cloud.toml");
    std::fs::write(&file, "max_viewers = 500\n").unwrap();
    let process = Process::start(&["--config", file.to_str().unwrap()]);
    let client = process.client();
    let OnAir { epoch, mut uplink, mut page, .. } = on_air(&process, &client).await;
    let origin = "https://partner.example";
    let allowed = async || {
        let answer =
            client.request(reqwest::Method::GET, "/readyz", None).header("origin", origin).send().await;
        answer.unwrap().headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN)
    };
    assert!(!allowed().await);

    std::fs::write(
        &file,
        format!("allow_origin = [\"{origin}\"]\nlog = \"debug\"\nsrt_port = 1\nmax_connections = 9\n"),
    )
    .unwrap();
    process.signal("-HUP");
    let log = process.log_until("until the server is started again");
    let said = log.lines().find(|line| line.contains("until the server")).unwrap();
    assert!(
        said.contains("max_connections") && !said.contains("srt_port"),
        "a flag wins over the file: {said}"
    );
    assert!(log.contains("\"allow_origin\"") && log.contains("\"log\""), "{log}");
    assert!(allowed().await);
    process.log_until("DEBUG");

    std::fs::write(&file, "max_viewrs = 1\n").unwrap();
    process.signal("-HUP");
    let log = process.log_until("the settings stay as they are");
    assert!(log.contains("max_viewrs"), "{log}");
    assert!(allowed().await, "a file that is not understood changes nothing");
    uplink.say_tally(epoch, 1, &[(1, Tally::Program)]).await;
    assert_eq!(page.tally().await.1, word(epoch, 1, &[(1, Tally::Program)]));
    drop((uplink, page));
    process.terminate();
}

/// What a server says to its service manager, from one word to another.
fn heard(manager: &UnixDatagram, until: &str) -> Vec<String> {
    let mut said = Vec::new();
    let mut datagram = [0; 4096];
    loop {
        let length = manager.recv(&mut datagram).unwrap();
        let text = String::from_utf8(datagram[..length].to_vec()).unwrap();
        said.push(text);
        if said.last().unwrap().contains(until) {
            return said;
        }
    }
}

#[test]
fn a_service_manager_hears_ready_alive_reloading_and_stopping() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("notify");
    let manager = UnixDatagram::bind(&place).unwrap();
    manager.set_read_timeout(Some(DEADLINE)).unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut server = command(BINARY);
    server.args(serve_arguments(data.path(), &["--drain-seconds", "7"])).env("NOTIFY_SOCKET", &place);
    server.env("WATCHDOG_USEC", Duration::from_millis(200).as_micros().to_string());
    let process = Process::spawn(server, data);
    assert!(
        heard(&manager, "READY=1").iter().all(|said| !said.contains("WATCHDOG")),
        "not alive before ready"
    );
    heard(&manager, "WATCHDOG=1");
    heard(&manager, "WATCHDOG=1");
    process.signal("-HUP");
    let said = heard(&manager, "RELOADING=1").pop().unwrap();
    assert!(said.contains("MONOTONIC_USEC="), "{said}");
    heard(&manager, "READY=1");
    process.signal("-TERM");
    let said = heard(&manager, "STOPPING=1").pop().unwrap();
    assert!(said.contains("EXTEND_TIMEOUT_USEC=27000000"), "{said}");
    process.ended();
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let process = Process::start(&[]);
    let data = process.dir.path().join("data").display().to_string();
    let said = complaint(&["--data-dir", &data]);
    assert!(said.contains("runs on the data directory") && said.lines().count() == 1, "{said}");
    let migrated = finish(beside(&process.dir.path().join("data")), b"");
    assert!(migrated.status.success(), "what a host does beside a server goes on: {migrated:?}");
}

fn beside(data: &Path) -> std::process::Command {
    let mut binary = command(BINARY);
    binary.args(["keys", "rotate", "--data-dir"]).arg(data);
    binary
}
