//! What `doctor` finds and what a start says: each kind of bad ground is one sentence, and nothing half started.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use rcgen::{CertificateParams, KeyPair};
use returnfeed_cloud::store::{DatabaseUrl, Store};
use serde_json::Value;
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use time::{Duration, OffsetDateTime};

use crate::process::{BINARY, Process, command, finish, run, serve_arguments, wait_for};

const SQLITE: [&str; 2] = ["--database-url", "sqlite:returnfeed.db"];

/// The findings of one check, as `VERDICT: SAYS: DO`.
fn findings(dir: &Path, arguments: &[&str], check: &str) -> Vec<String> {
    let mut doctor = command(BINARY);
    doctor.args(["doctor", "--json", "--data-dir"]).arg(dir.join("data"));
    doctor.args(["--listen", "127.0.0.1"]).args(arguments);
    let output = finish(doctor, b"");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let broken = report["verdict"] == "broken";
    assert_eq!(output.status.success(), !broken, "what is broken ends with a code of its own");
    let all = report["findings"].as_array().unwrap();
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    all.iter()
        .filter(|finding| finding["check"] == check)
        .inspect(|finding| assert!(finding["verdict"] == "ok" || !text(finding, "says").is_empty()))
        .map(|finding| {
            format!("{}: {}: {}", text(finding, "verdict"), text(finding, "says"), text(finding, "do"))
        })
        .collect()
}

/// One for `live.example.org` that ended yesterday, or will not for a while.
fn certificate(dir: &Path, days: i64) -> [String; 4] {
    let mut params = CertificateParams::new(["live.example.org".to_owned()]).unwrap();
    params.not_before = OffsetDateTime::now_utc() - Duration::days(80);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(days);
    let key = KeyPair::generate().unwrap();
    let path = |name: &str| dir.join(name).display().to_string();
    std::fs::write(path("c.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(path("k.pem"), key.serialize_pem()).unwrap();
    ["--tls-cert".to_owned(), path("c.pem"), "--tls-key".to_owned(), path("k.pem")]
}

/// A web server whose clock is an hour slow; its address.
fn an_hour_slow() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 1024]);
            let then = chrono::DateTime::from_timestamp(OffsetDateTime::now_utc().unix_timestamp() - 3600, 0);
            let then = then.unwrap().format("%a, %d %b %Y %H:%M:%S GMT");
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nDate: {then}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    });
    address
}

#[test]
fn a_server_that_runs_is_recognised_and_another_program_on_its_port_too() {
    let process = Process::start(&[]);
    let ports = |https: u16| {
        let text = |port: u16| port.to_string();
        let (srt, webrtc) = (text(process.ready.srt_port), text(process.ready.webrtc_ports[0]));
        let flags = ["--https-port", &text(https), "--srt-port", &srt, "--webrtc-port", &webrtc];
        let own = ["--webrtc-shards", "1", "--public-address", "127.0.0.1"];
        let place = process.dir.path();
        let all: Vec<_> = flags.into_iter().chain(own).collect();
        [findings(place, &all, "port"), findings(place, &all, "reached")]
    };
    let [held, reached] = ports(process.ready.https_port);
    assert_eq!(held.len(), 3);
    assert!(held.iter().all(|said| said.starts_with("ok: ")), "{held:?}");
    let [https, srt, webrtc] = reached.as_slice() else { panic!("{reached:?}") };
    assert!(https.starts_with("ok: ") && srt.starts_with("ok: ") && srt.contains("SRT"), "{reached:?}");
    assert!(webrtc.starts_with("look: ") && webrtc.contains("from outside"), "{webrtc}");

    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let [held, reached] = ports(other.local_addr().unwrap().port());
    assert!(held[0].starts_with("broken: ") && held[0].contains("https_port"), "{held:?}");
    assert!(reached.is_empty(), "of a server that does not run nothing is reached");
    drop(other);
    let [held, _] = ports(1);
    assert!(held[0].starts_with("look: ") || held[0].contains("CAP_NET_BIND_SERVICE"), "{held:?}");
}

#[test]
fn certificate_name_and_clock_are_found_wrong_by_doctor_and_said_at_start() {
    let dir = tempfile::tempdir().unwrap();
    let peer = an_hour_slow();
    let files = certificate(dir.path(), -1);
    let mut wrong: Vec<_> = files.iter().map(String::as_str).collect();
    wrong.extend(["--public-name", "nowhere.invalid", "--clock-peer", &peer]);
    let expected = [
        ("certificate", "broken: expired on"),
        ("certificate", "broken: it is not for nowhere.invalid"),
        ("name", "broken: nowhere.invalid leads nowhere"),
        ("clock", "ahead of the Date that http://127.0.0.1"),
    ];
    for (check, words) in expected {
        let found = findings(dir.path(), &wrong, check);
        assert!(found.iter().any(|said| said.contains(words)), "{check}: {found:?}");
    }

    let process = Process::start(&wrong);
    // It runs, and its log says the same; the resolver is asked last.
    let log = process.log_until("nowhere.invalid leads nowhere");
    for (check, words) in expected {
        let words = words.trim_start_matches("broken: ");
        let sentence = log.lines().find(|line| line.contains(check) && line.contains(words));
        assert!(sentence.is_some_and(|line| line.contains("ERROR")), "{check} {words}: {log}");
    }
    let good = certificate(dir.path(), 60);
    let good: Vec<_> = good.iter().map(String::as_str).chain(["--public-name", "live.example.org"]).collect();
    let found = findings(dir.path(), &good, "certificate");
    assert!(found.len() == 1 && found[0].starts_with("ok: good until"), "{found:?}");
}

#[tokio::test]
async fn a_newer_database_is_refused_by_both_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    let file = dir.path().join("data/returnfeed.db");
    std::fs::write(&file, "").unwrap();
    Store::open(&DatabaseUrl::Sqlite(file.clone())).await.unwrap().close().await;
    let mut newer = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    let row = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time \
               FROM _sqlx_migrations LIMIT 1";
    sqlx::query(row).execute(&mut newer).await.unwrap();
    sqlx::Connection::close(newer).await.unwrap();
    let found = findings(dir.path(), &SQLITE, "database");
    assert!(found[0].starts_with("broken: ") && found[0].contains("newer version"), "{found:?}");
    let said = refused(dir.path(), &SQLITE);
    assert!(said.contains("newer version") && said.lines().count() == 1, "{said}");
}

/// What a server says that cannot start on this directory.
fn refused(dir: &Path, arguments: &[&str]) -> String {
    let mut server = command(BINARY);
    server.args(serve_arguments(dir, arguments)).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = server.spawn().unwrap();
    let status = wait_for(|| child.try_wait().unwrap());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!status.success(), "{said}");
    said
}

#[test]
fn a_full_disk_keeps_a_server_from_starting_and_is_said_by_both() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    // The tables and keys are there, and then not a byte more.
    let fill = "mount -t tmpfs -o size=4m tmpfs \"$0\" && \"$1\" migrate --data-dir \"$0\" && \
                head -c 9m /dev/zero > \"$0/filler\"; \"$1\" doctor --json --data-dir \"$0\"; shift; exec \"$@\"";
    let mut server = command("unshare");
    server.args(["--map-root-user", "--mount", "sh", "-c", fill]).arg(&data).arg(BINARY).arg(BINARY);
    server.args(serve_arguments(dir.path(), &SQLITE));
    let output = finish(server, b"");
    let (report, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && log.contains("is full; make room there"), "{report}{log}");
    assert!(report.contains("make room: nobody can join"), "{report}");
    assert!(!report.contains("ReturnFeed is ready"), "{report}");
}

#[test]
fn a_misspelt_key_is_named_by_both_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cloud.toml");
    std::fs::write(&file, "public_nmae = [\"live.example.org\"]\n").unwrap();
    let own = ["--config", file.to_str().unwrap()];
    let doctor = run(dir.path(), &[&["doctor", "--json"][..], &own].concat(), b"");
    let said = String::from_utf8(doctor.stderr).unwrap();
    assert!(!doctor.status.success() && doctor.stdout.is_empty(), "{said}");
    for said in [said, refused(dir.path(), &own)] {
        assert!(said.contains("public_nmae") && said.contains("cloud.toml"), "{said}");
    }
    assert!(!dir.path().join("data").exists(), "nothing was begun");
}

#[test]
fn an_empty_place_is_looked_at_without_making_anything() {
    let dir = tempfile::tempdir().unwrap();
    let found = findings(dir.path(), &SQLITE, "database");
    assert!(found[0].contains("not there yet"), "{found:?}");
    assert!(!dir.path().join("data").exists());
    let said = run(dir.path(), &["doctor", "--listen", "127.0.0.1"], b"");
    let lines = String::from_utf8(said.stdout).unwrap();
    assert!(lines.lines().count() > 8, "one line each: {lines}");
    assert!(
        lines.lines().all(|line| ["ok ", "look ", "broken "].iter().any(|word| line.starts_with(word))),
        "{lines}"
    );
}
