//! A disk that is full and a database that somebody holds: a sentence for who wants to write, and the tally goes on.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use returnfeed_cloud::api::accounts::new_account;
use returnfeed_cloud::config::Config;
use returnfeed_protocol::{Epoch, JoinResponse, SessionState, Tally};
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::cloud::{Client, Cloud, Session, config, read, refused, sqlite};
use crate::picture::{OnAir, until};
use crate::player::Player;
use crate::postgres::{self, Cluster};
use crate::process::{BINARY, Process, command, finish, serve_arguments, wait_for};
use crate::socket::{DEADLINE, word};

/// These are about the file, whatever the others use.
const SQLITE: [&str; 2] = ["--database-url", "sqlite:returnfeed.db"];

/// A server whose data directory is a file system of its own, in a mount namespace of its own.
fn on_a_small_disk() -> Process {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let mut server = command("unshare");
    server.args([
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        "mount -t tmpfs -o size=4m tmpfs \"$0\" && exec \"$@\"",
    ]);
    server.arg(&data).arg(BINARY).args(serve_arguments(dir.path(), &SQLITE));
    Process::spawn(server, dir)
}

/// Runs another command of the binary where the server sees its data.
fn run_beside(process: &Process, arguments: &[&str], input: &[u8]) -> Output {
    let mut inside = command("nsenter");
    inside.args(["--user", "--mount", "--target", &process.child.id().to_string(), BINARY]).args(arguments);
    inside.arg("--data-dir").arg(process.dir.path().join("data"));
    finish(inside, input)
}

/// The data directory as the server sees it.
fn seen_by(process: &Process) -> PathBuf {
    let inside = process.dir.path().join("data");
    Path::new(&format!("/proc/{}/root", process.child.id())).join(inside.strip_prefix("/").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_who_joins_and_the_tally_goes_on() {
    let process = on_a_small_disk();
    let data = seen_by(&process);
    // The certificate is inside the mount too.
    let client = Client::new(process.ready.https_port, &data.join("certificate.pem"));
    let account = ["account", "create", "--email", "ada@example.org", "--name", "Ada", "--password-stdin"];
    let made = run_beside(&process, &account, b"correct horse\n");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made = run_beside(
        &process,
        &["session", "create", "--name", "Sunday", "--owner", "ada@example.org", "--json"],
        b"",
    );
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let director = made["director"]["token"].as_str().unwrap();
    let join = async || client.post("/api/join", None, &json!({ "code": made["camera_code"] })).await;
    let camera: JoinResponse = read(join().await, StatusCode::CREATED).await;
    let id = camera.session.id;
    let grant = client.post(&format!("/api/sessions/{id}/publish"), Some(director), &json!({})).await;
    let epoch = Epoch(read::<Value>(grant, StatusCode::CREATED).await["epoch"].as_u64().unwrap());

    // Fills the disk to the last byte.
    let filler = data.join("filler");
    let error = std::fs::write(&filler, vec![0; 8 << 20]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    let problem = loop {
        // What SQLite's log still holds room for is taken first.
        let answer = join().await;
        if answer.status() != StatusCode::CREATED {
            assert!(answer.headers().contains_key("retry-after"));
            break refused(answer, 503, "storage_full").await;
        }
    };
    assert!(problem.detail.contains("room"), "{}", problem.detail);

    let mut uplink = client.open("/ws/director", director).await;
    uplink.greet_as_director(epoch).await;
    let mut page = client.open("/ws/page", &camera.token).await;
    page.greet_as_page(Some(1)).await;
    uplink.say_tally(epoch, 1, &[(1, Tally::Program)]).await;
    assert_eq!(page.tally().await.1, word(epoch, 1, &[(1, Tally::Program)]));
    assert_eq!(client.get("/api/me", Some(&camera.token)).await.status(), StatusCode::OK);
    let start = Instant::now();
    while client.get("/readyz", None).await.status() == StatusCode::OK {
        assert!(start.elapsed() < DEADLINE, "a small write still finds room, but not for ever");
    }
    assert_eq!(client.get("/healthz", None).await.status(), StatusCode::OK);

    std::fs::remove_file(&filler).unwrap();
    read::<JoinResponse>(join().await, StatusCode::CREATED).await;
    let log = process.terminate();
    assert!(log.contains("has no room on its disk"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_database_refuses_who_joins_and_the_tally_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { database: sqlite(dir.path()), ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    let session = cloud.session().await;
    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let camera = session.camera("Ada").await;
    let file = cloud.dir.path().join("data/returnfeed.db");
    let mut holder = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut holder).await.unwrap();

    let client = cloud.client.clone();
    let code = session.created.camera_code.clone();
    let joining = tokio::spawn(async move { client.post("/api/join", None, &json!({ "code": code })).await });
    let start = Instant::now();
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(epoch).await;
    let mut page = cloud.client.open("/ws/page", &camera.token).await;
    page.greet_as_page(Some(1)).await;
    for seq in 1..=5 {
        uplink.say_tally(epoch, seq, &[(1, Tally::Program)]).await;
        assert_eq!(page.tally().await.1, word(epoch, seq, &[(1, Tally::Program)]));
    }
    assert!(
        !joining.is_finished() || start.elapsed().as_secs() >= 2,
        "the tally did not wait for the database"
    );
    refused(joining.await.unwrap(), 503, "storage_busy").await;

    sqlx::query("ROLLBACK").execute(&mut holder).await.unwrap();
    session.camera("Bob").await;
}

#[test]
fn a_database_that_is_no_database_is_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    std::fs::write(dir.path().join("data/returnfeed.db"), "not a database, but long enough to be looked at")
        .unwrap();
    let mut child = command(BINARY)
        .args(serve_arguments(dir.path(), &SQLITE))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let status = wait_for(|| child.try_wait().unwrap());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert!(!status.success() && said.contains("database"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_postgresql_has_its_accounts_sessions_and_people_there() {
    let dir = tempfile::tempdir().unwrap();
    let database = postgres::shared().database(&postgres::name_for(dir.path()));
    let config = Config { database, ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    let session = cloud.session().await;
    let director = session.director().await;
    let first = session.grant(&director).await.epoch;
    let camera = session.camera("Ada").await;
    session.set(SessionState::Live).await;
    assert_eq!(cloud.client.get("/readyz", None).await.status(), StatusCode::OK);
    let Cloud { server, dir, .. } = cloud;
    assert!(!dir.path().join("data/returnfeed.db").exists());
    server.stop().await;

    let cloud = Cloud::start_with(dir, &config).await;
    let me: JoinResponse = read(cloud.client.get("/api/me", Some(&camera.token)).await, StatusCode::OK).await;
    assert_eq!((me.session.id, me.session.state), (session.id(), SessionState::Live));
    let session = Session { client: cloud.client.clone(), ..session };
    assert_eq!(session.grant(&director).await.epoch, Epoch(first.0 + 1));
    let twice = new_account(1, "ADA@example.org", "Ada").ok().unwrap();
    assert!(cloud.server.app().store.add_account(&twice, &"no password".into(), 1).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_is_gone_costs_who_writes_and_is_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start();
    let config = Config { database: cluster.database("gone"), ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    let session = cloud.session().await;
    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let camera = session.camera("Ada").await;
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(epoch).await;
    let mut page = cloud.client.open("/ws/page", &camera.token).await;
    page.greet_as_page(Some(1)).await;
    let join = async || {
        let body = json!({ "code": session.created.camera_code });
        cloud.client.post("/api/join", None, &body).await
    };

    cluster.kill();
    for seq in 1..=5 {
        uplink.say_tally(epoch, seq, &[(1, Tally::Program)]).await;
        assert_eq!(page.tally().await.1, word(epoch, seq, &[(1, Tally::Program)]));
        let answer = join().await;
        assert!(answer.headers().contains_key("retry-after"));
        let problem = refused(answer, 503, "storage_unavailable").await;
        assert!(problem.detail.contains("What is on air goes on"), "{}", problem.detail);
    }
    refused(cloud.client.get("/readyz", None).await, 503, "storage_unavailable").await;
    assert_eq!(cloud.client.get("/healthz", None).await.status(), StatusCode::OK);

    cluster.resume();
    let start = Instant::now();
    while join().await.status() != StatusCode::CREATED {
        assert!(start.elapsed() < DEADLINE, "the database is back, and is not found");
    }
    println!("found again after {} ms", start.elapsed().as_millis());
    uplink.say_tally(epoch, 6, &[(1, Tally::Preview)]).await;
    assert_eq!(page.tally().await.1, word(epoch, 6, &[(1, Tally::Preview)]));
    cloud.server.stop().await;
}

/// How a database goes away, and how it comes back.
const WAYS: [(&str, Act, Act); 2] =
    [("killed", Cluster::kill, Cluster::resume), ("frozen", Cluster::freeze, Cluster::thaw)];
type Act = fn(&Cluster);

/// For so long it is away: longer than a connection or a statement is waited for. The half a minute in a long run.
fn away_for() -> Duration {
    Duration::from_secs(if std::env::var_os("RETURNFEED_LONG").is_some() { 30 } else { 8 })
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_postgresql_is_away_the_picture_and_the_tally_go_on_and_writes_are_told_to_come_back() {
    for (way, goes, comes_back) in WAYS {
        let cluster = Cluster::start();
        let database = cluster.database("away");
        let mut air = OnAir::start_with(|config| config.database = database).await;
        let client = air.cloud.client.clone();
        let camera = air.session.camera("Ada").await;
        let epoch = air.session.grant(&air.director).await.epoch;
        let mut uplink = client.open("/ws/director", &air.director.token).await;
        uplink.greet_as_director(epoch).await;
        let mut page = client.open("/ws/page", &camera.token).await;
        page.greet_as_page(Some(1)).await;
        let (player, offer) = Player::offering().await;
        let pictures = player.pictures();
        let answer = air.ask(&camera.token, "", offer).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let answer = answer.text().await.unwrap();
        let seen = || pictures.load(Ordering::Relaxed);
        let write = async || {
            client.post("/api/sessions", Some(&air.session.owner), &json!({ "name": "Monday" })).await
        };

        let evening = async {
            until("the picture is there", async || seen() > 0).await;
            goes(&cluster);
            let since = Instant::now();
            let writes = async {
                let mut refusals = 0;
                while since.elapsed() < away_for() {
                    let answer = write().await;
                    assert!(answer.headers().contains_key("retry-after"), "{way}");
                    let problem = refused(answer, 503, "storage_unavailable").await;
                    assert!(problem.detail.contains("What is on air goes on"), "{way}: {}", problem.detail);
                    refusals += 1;
                }
                refusals
            };
            let on_air = async {
                let mut seq = 0;
                while since.elapsed() < away_for() {
                    seq += 1;
                    uplink.say_tally(epoch, seq, &[(1, Tally::Program)]).await;
                    assert_eq!(page.tally().await.1, word(epoch, seq, &[(1, Tally::Program)]), "{way}");
                    let before = seen();
                    until("another picture comes", async || seen() > before).await;
                }
                seq
            };
            let (refusals, words) = tokio::join!(writes, on_air);
            assert!(refusals > 0 && words > 10, "{way}: {refusals} refusals, {words} words");

            comes_back(&cluster);
            let back = Instant::now();
            until("it is found again", async || write().await.status() == StatusCode::CREATED).await;
            let found = back.elapsed();
            until("it is said to be well", async || {
                client.get("/readyz", None).await.status() == StatusCode::OK
            })
            .await;
            println!(
                "{way}: {words} words and {} pictures; found again after {} ms",
                seen(),
                found.as_millis()
            );
            uplink.say_tally(epoch, words + 1, &[(1, Tally::Preview)]).await;
            assert_eq!(page.tally().await.1, word(epoch, words + 1, &[(1, Tally::Preview)]), "{way}");
        };
        player.play_during(&answer, evening).await;
        assert!(!air.encoder.has_ended(), "{way}: the push was never turned away");
        let app = air.cloud.server.app();
        app.store.check(app.clock.unix_ms()).await.unwrap();
        air.cloud.server.stop().await;
    }
}
