//! The figures as Prometheus gets them: from a port of their own, by its own tools.

use std::io::Write as _;
use std::process::{Command, Stdio};

use reqwest::StatusCode;
use returnfeed_protocol::SessionState;

use crate::cloud::{Cloud, config, refused};
use crate::picture::{OnAir, until};
use crate::process::complaint;

const TOKEN: &str = "a token that nobody guesses";

/// What `promtool check metrics` says of an exposition, a line each.
fn remarks(exposition: &str) -> Vec<String> {
    let tool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut tool = tool.expect("prometheus is installed; run ./dev test");
    tool.stdin.take().unwrap().write_all(exposition.as_bytes()).unwrap();
    let said = tool.wait_with_output().unwrap();
    String::from_utf8(said.stderr).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_on_their_own_port_and_on_no_other() {
    let cloud = Cloud::start().await;
    let port = cloud.server.ready().metrics_port;
    let answer = reqwest::get(format!("http://127.0.0.1:{port}/metrics")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text().await.unwrap();
    for name in ["process_open_fds", "frame_stage_seconds_count", "relay_sockets", "returnfeed_build_info"] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{name} in\n{text}");
    }
    refused(cloud.client.get("/metrics", None).await, 404, "no_such_route").await;
    let elsewhere = reqwest::get(format!("http://127.0.0.1:{port}/api/account")).await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND, "the port for Prometheus answers nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configured_token_is_asked_for_and_no_other_opens() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("metrics.token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let mut config = config(dir.path());
    config.metrics_token_file = Some(file);
    let cloud = Cloud::start_with(dir, &config).await;
    let client = cloud.client.at(cloud.server.ready().metrics_port);
    for token in [None, Some(""), Some("a token that nobody guesseS"), Some(&TOKEN[..20])] {
        let answer = client.get("/metrics", token).await;
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        refused(answer, 401, "token_invalid").await;
    }
    let answer = client.get("/metrics", Some(TOKEN)).await;
    assert_eq!(answer.status(), StatusCode::OK, "over HTTPS with the server's own certificate");
}

#[test]
fn a_port_that_others_can_reach_is_not_opened_without_a_token() {
    let said = complaint(&["--metrics", "0.0.0.0:0"]);
    assert!(said.contains("metrics_token_file") && said.contains("127.0.0.1"), "{said}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("short");
    let path = file.to_str().unwrap().to_owned();
    let said = complaint(&["--metrics", "0.0.0.0:0", "--metrics-token-file", &path]);
    assert!(said.contains("metrics_token_file") && said.contains(&path), "{said}");
    std::fs::write(&file, "too short\n").unwrap();
    let said = complaint(&["--metrics", "0.0.0.0:0", "--metrics-token-file", &path]);
    assert!(said.contains("16 characters") && said.contains(&path) && !said.contains("too short"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_finds_nothing_to_remark_on_a_new_server() {
    let cloud = Cloud::start().await;
    assert_eq!(remarks(&cloud.server.app().metrics.render()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_remarks_on_the_name_that_the_architecture_gives_and_on_nothing_else() {
    let air = OnAir::start().await;
    let text = scraped(&air, "srt_round_trip_seconds").await;
    let name = "simulcast_quality_switches";
    assert!(text.contains(&format!("# TYPE {name} counter\n")), "{text}");
    // Without a sample promtool does not look at a name: as Prometheus would be told after one switch.
    let id = air.session.id();
    let switched = format!("{name}{{session_id=\"{id}\",from_quality=\"high\",to_quality=\"low\"}} 1\n");
    let (before, after) = text.split_once(&format!("# TYPE {name} counter\n")).unwrap();
    let remarks = remarks(&format!("{before}# TYPE {name} counter\n{switched}{after}"));
    assert_eq!(remarks, [format!("{name} counter metrics should have \"_total\" suffix")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_ended_session_was_called_stands_nowhere_any_more() {
    let air = OnAir::start().await;
    let text = scraped(&air, "ingest_bytes_total").await;
    let id = air.session.id().to_string();
    assert!(text.lines().any(|line| line.starts_with("ingest_bytes_total{") && line.contains(&id)), "{text}");
    air.session.set(SessionState::Ended).await;
    // At once, and also while its encoder is still on its way out.
    for _ in 0..3 {
        let text = air.cloud.server.app().metrics.render();
        assert!(!text.contains(&id), "{text}");
        until("the push has ended", async || {
            air.cloud.server.app().media.pushes(air.session.id()).is_empty()
        })
        .await;
    }
}

/// The figures, once this one is among those of the session.
async fn scraped(air: &OnAir, name: &str) -> String {
    let (id, metrics) = (air.session.id().to_string(), &air.cloud.server.app().metrics);
    let is_there = |text: &str| text.lines().any(|line| line.starts_with(name) && line.contains(&id));
    until("the figures of the push", async || is_there(&metrics.render())).await;
    metrics.render()
}
