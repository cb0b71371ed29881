//! What a host does beside the running server, on the same data.

use std::os::unix::fs::PermissionsExt as _;

use reqwest::StatusCode;
use returnfeed_protocol::{JoinResponse, Layer, LoginResponse, SessionState, StreamId};
use serde_json::{Value, json};

use crate::cloud::read;
use crate::process::{BINARY, Process, command, finish, run};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_and_a_session_made_beside_the_server_work_at_once() {
    let process = Process::start(&[]);
    let account = ["account", "create", "--email", "Ada@Example.org", "--name", "Ada", "--password-stdin"];
    let made = run(process.dir.path(), &account, b"correct horse\n");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let again = run(process.dir.path(), &account, b"correct horse\n");
    assert!(String::from_utf8_lossy(&again.stderr).contains("has an account already"));

    let client = process.client();
    let login = json!({ "email": "ada@example.org", "password": "correct horse" });
    read::<LoginResponse>(client.post("/api/login", None, &login).await, StatusCode::OK).await;

    let token_file = process.dir.path().join("token");
    let made = process.run(&[
        "session",
        "create",
        "--name",
        "Sunday",
        "--owner",
        "ada@example.org",
        "--public-layer",
        "high",
        "--live",
        "--json",
        "--token-file",
        token_file.to_str().unwrap(),
    ]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(made["session"]["state"], "live");

    let token = std::fs::read_to_string(&token_file).unwrap();
    assert_eq!(std::fs::metadata(&token_file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(made["director"]["token"], token.as_str());
    let me: JoinResponse = read(client.get("/api/me", Some(&token)).await, StatusCode::OK).await;
    assert_eq!(me.session.state, SessionState::Live);
    let viewer = made["viewer_path"].as_str().unwrap().strip_prefix("/viewer/#").unwrap();
    let viewer = client.post("/api/join", None, &json!({ "code": viewer })).await;
    assert_eq!(read::<JoinResponse>(viewer, StatusCode::CREATED).await.max_layer, Layer::High);

    let id = made["session"]["id"].as_str().unwrap();
    let links =
        process.run(&["session", "links", "--session", id, "--port", "8443", "--address", "192.0.2.7"]);
    let links = String::from_utf8(links.stdout).unwrap();
    let (camera, viewer) = (made["camera_path"].as_str().unwrap(), made["viewer_path"].as_str().unwrap());
    for page in [camera, viewer] {
        assert!(links.contains(&format!("https://192.0.2.7:8443{page}")), "{links}");
    }
    assert!(links.lines().filter(|line| line.contains('\u{2588}')).count() > 20, "two QR codes: {links}");

    let push =
        process.run(&["session", "push-address", "--session", id, "--host", "studio.example", "--json"]);
    let push: Value = serde_json::from_slice(&push.stdout).unwrap();
    let stream_id = StreamId::parse(push["srt"]["stream_id_low"].as_str().unwrap()).unwrap();
    assert_eq!((stream_id.session, stream_id.layer), (me.session.id, Layer::Low));
    let url = push["url_low"].as_str().unwrap();
    assert!(url.starts_with("srt://studio.example:8890?") && url.contains("pbkeylen=32"), "{url}");
    assert!(url.contains(push["srt"]["passphrase"].as_str().unwrap()));
    process.terminate();
}

#[test]
fn what_cannot_be_done_is_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str], input: &[u8]| {
        let output = run(dir.path(), arguments, input);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let account = ["account", "create", "--name", "Ada", "--password-stdin", "--email"];
    assert!(said(&[&account[..], &["ada@example.org"]].concat(), b"short\n").contains("8 to 128"));
    assert!(said(&[&account[..], &["ada"]].concat(), b"correct horse\n").contains("name@example.org"));
    let without_flag = ["account", "create", "--name", "Ada", "--email", "ada@example.org"];
    assert!(said(&without_flag, b"correct horse\n").contains("--password-stdin"));
    let session = ["session", "create", "--name", "Sunday", "--owner", "bob@example.org"];
    assert!(said(&session, b"").contains("account create"));
    let unknown = "019aaaaa-0000-7000-8000-000000000000";
    assert!(said(&["session", "push-address", "--session", unknown], b"").contains("no session"));
}

/// `setup` on a place of its own, by whoever runs the tests.
fn setup(dir: &std::path::Path, arguments: &[&str]) -> std::process::Output {
    let mut setup = command(BINARY);
    let user = std::process::Command::new("id").arg("-un").output().unwrap().stdout;
    let user = String::from_utf8(user).unwrap();
    setup.args(["setup", "--no-start", "--user", user.trim()]).args(arguments);
    setup.arg("--config").arg(dir.join("cloud.toml")).arg("--data-dir").arg(dir.join("data"));
    finish(setup, b"correct horse\n")
}

#[test]
fn a_setup_that_cannot_be_changes_nothing_and_one_that_can_keeps_the_settings_of_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(path("none.pem"), "no certificate").unwrap();
    let none = path("none.pem");
    for (arguments, words) in [
        (vec![], "--name"),
        (vec!["--lan", "--certificate", "files"], "--tls-cert and --tls-key"),
        (vec!["--lan", "--certificate", "acme"], "--certificate acme needs --name"),
        (vec!["--name", "a.example", "--acme-challenge", "dns-01"], "acme_dns_hook"),
        (vec!["--name", "192.0.2.7", "--certificate", "acme"], "name"),
        (vec!["--name", "a.example", "--tls-cert", &none, "--tls-key", &none], "none.pem"),
    ] {
        let done = setup(dir.path(), &arguments);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(!done.status.success() && said.contains(words), "{arguments:?}: {said}");
        assert!(
            !dir.path().join("cloud.toml").exists() && !dir.path().join("data").exists(),
            "{arguments:?}"
        );
    }
    std::fs::write(path("cloud.toml"), "https_port = 1\n").unwrap();
    let admin = ["--admin-email", "ada@example.org", "--admin-name", "Ada", "--password-stdin"];
    let arguments: Vec<_> =
        ["--name", "live.example.org", "--public-address", "192.0.2.7"].into_iter().chain(admin).collect();
    let done = setup(dir.path(), &arguments);
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("is the host") && said.contains("https://live.example.org/account/"), "{said}");
    let settings = std::fs::read_to_string(path("cloud.toml")).unwrap();
    assert!(
        settings.contains("public_address = [\"192.0.2.7\"]") && settings.contains("https_port = 443"),
        "{settings}"
    );
    assert_eq!(std::fs::read_to_string(path("cloud.toml.before-setup")).unwrap(), "https_port = 1\n");
    assert_eq!(std::fs::metadata(path("cloud.toml")).unwrap().permissions().mode() & 0o777, 0o640);
    let by_authority = tempfile::tempdir().unwrap();
    let arguments =
        ["--name", "live.example.org", "--certificate", "acme", "--acme-contact", "ada@example.org"];
    let done = setup(by_authority.path(), &arguments);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let settings = std::fs::read_to_string(by_authority.path().join("cloud.toml")).unwrap();
    for line in ["acme_challenge = \"http-01\"", "acme_contact = \"ada@example.org\"", "http_port = 80"] {
        assert!(settings.contains(line), "{line}: {settings}");
    }
    let again = setup(dir.path(), &["--name", "live.example.org", "--public-address", "192.0.2.7"]);
    assert!(
        again.status.success() && !String::from_utf8_lossy(&again.stdout).contains("before"),
        "nothing has changed"
    );
}
