//! The passphrase of a session: sealed where it stands, shown when it is asked for, made anew by one call.

use std::process::{Command, Stdio};

use reqwest::StatusCode;
use returnfeed_protocol::{Layer, PublishCredentials, PublishGrant};
use serde_json::json;
use sqlx::Connection as _;

use crate::cloud::{Cloud, Session, read, refused};
use crate::picture::{OnAir, until};

async fn credentials(session: &Session, rest: &str, token: &str) -> PublishCredentials {
    let answer = session.client.post(&session.path(rest), Some(token), &json!({})).await;
    read(answer, StatusCode::OK).await
}

/// What the database holds of the session.
async fn column(cloud: &Cloud, session: &Session) -> String {
    let file = cloud.dir.path().join("data/returnfeed.db");
    let mut database =
        sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    sqlx::query_scalar("SELECT passphrase FROM sessions WHERE id = ?")
        .bind(session.id().to_string())
        .fetch_one(&mut database)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_stands_sealed_and_a_new_key_seals_it_anew_at_the_next_start() {
    let cloud = Cloud::start_on_sqlite(tempfile::tempdir().unwrap()).await;
    let session = cloud.session().await;
    let shown = credentials(&session, "/credentials", &session.owner).await;
    let sealed = column(&cloud, &session).await;
    assert!(sealed.starts_with("aesgcm.") && !sealed.contains(&shown.srt.passphrase), "{sealed}");

    let Cloud { server, dir, .. } = cloud;
    server.stop().await;
    let keys = dir.path().join("data/sealing-keys");
    let old = std::fs::read_to_string(&keys).unwrap();
    std::fs::write(&keys, format!("{}\n{old}\n", returnfeed_cloud::random::text::<32>())).unwrap();
    let cloud = Cloud::start_on_sqlite(dir).await;
    let session = Session { client: cloud.client.clone(), ..session };
    assert_ne!(column(&cloud, &session).await.split('.').nth(1), sealed.split('.').nth(1), "by another key");
    let again = credentials(&session, "/credentials", &session.owner).await;
    assert_eq!(again.srt.passphrase, shown.srt.passphrase);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_look_at_the_credentials_is_written_down_without_them() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await;
    let camera = session.camera("Ada").await;
    let path = session.path("/credentials");
    refused(cloud.client.post(&path, Some(&camera.token), &json!({})).await, 403, "not_the_director").await;
    let granted: PublishGrant = session.grant(&director).await;
    let shown = credentials(&session, "/credentials", &director.token).await;
    let rotated = credentials(&session, "/credentials/rotate", &session.owner).await;
    assert_eq!(shown.srt.passphrase, granted.srt.passphrase);
    assert_ne!(rotated.srt.passphrase, shown.srt.passphrase);
    let written = cloud.server.app().store.audit_page(Some(session.id()), None).await.unwrap();
    let what: Vec<_> = written.iter().rev().map(|entry| entry.what.as_str()).collect();
    assert_eq!(what, ["publish.granted", "credentials.shown", "credentials.rotated"]);
    let all = format!("{written:?}");
    for secret in [&shown.srt.passphrase, &rotated.srt.passphrase] {
        assert!(!all.contains(secret.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_passphrase_leaves_the_push_that_runs_and_the_next_one_needs_it() {
    let mut air = OnAir::start().await;
    let media = air.cloud.server.app().media.clone();
    let arrived = || media.pushes(air.session.id()).first().map_or(0, |push| push.bytes);
    let old = credentials(&air.session, "/credentials", &air.director.token).await;
    let new = credentials(&air.session, "/credentials/rotate", &air.director.token).await;
    let before = arrived();
    until("what pushes goes on", async || arrived() > before).await;
    air.encoder.end();
    until("nothing arrives", async || media.picture(air.session.id()).layers.is_empty()).await;

    let mut late = run_line(&old.high.ffmpeg);
    crate::process::wait_for(|| late.0.try_wait().unwrap());
    assert!(media.picture(air.session.id()).layers.is_empty(), "the old passphrase opens nothing");
    let _encoder = run_line(&new.high.ffmpeg);
    let arrives = async || media.picture(air.session.id()).layers == [Layer::High];
    until("the line for ffmpeg, copied as it stands, brings the picture", arrives).await;
}

/// A line for a shell, on a source of ffmpeg's own.
fn run_line(line: &str) -> Ended {
    let line = line.replace("-re -i FILE", "-loglevel error -re -f lavfi -i testsrc2=size=640x360:rate=30");
    let line = line.replace("srt://localhost:", "srt://127.0.0.1:"); // the server of this test has no IPv6
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec {line}")]).stdin(Stdio::null()).stderr(Stdio::null());
    Ended(shell.spawn().unwrap())
}

struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended
        let _ = self.0.wait();
    }
}
