//! What every answer has around it, and what is not there.

use std::io::ErrorKind;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use returnfeed_cloud::config::Certificate;
use returnfeed_cloud::origin::{Origin, Origins};
use returnfeed_protocol::SessionState;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::authority::Authority;
use crate::cloud::{Client, Cloud, config, refused};
use crate::socket::DEADLINE;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_in_the_same_shape() {
    let cloud = Cloud::start().await;
    refused(cloud.client.get("/api/nothing", None).await, 404, "no_such_route").await;
    refused(cloud.client.get("/wp-admin.php", None).await, 404, "no_such_route").await;
    let put = cloud.client.request(Method::PUT, "/api/login", None).send().await.unwrap();
    refused(put, 405, "method_not_allowed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_read_is_refused_by_what_is_wrong_with_it() {
    let cloud = Cloud::start().await;
    let login = |body: String, kind: &str| {
        cloud.client.request(Method::POST, "/api/login", None).header("content-type", kind).body(body).send()
    };
    let json = "application/json";
    refused(login("{".to_owned(), json).await.unwrap(), 400, "json_invalid").await;
    refused(login("{}".to_owned(), "text/plain").await.unwrap(), 415, "content_type_wrong").await;
    refused(login("{}".to_owned(), json).await.unwrap(), 422, "invalid_input").await;
    let long = format!("{{\"email\":\"{}\"}}", "x".repeat(70_000));
    refused(login(long, json).await.unwrap(), 413, "body_too_large").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_guarded_and_has_an_id() {
    let cloud = Cloud::start().await;
    for path in ["/", "/api/me", "/nothing", "/healthz"] {
        let answer = cloud.client.get(path, None).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-request-id").len(), 8, "{path}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
    }
    let (one, two) = (cloud.client.get("/", None).await, cloud.client.get("/", None).await);
    assert_ne!(one.headers()["x-request-id"], two.headers()["x-request-id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_port_answers_plain_http_to_this_machine() {
    let cloud = Cloud::start().await;
    let port = cloud.server.ready().https_port;
    let plain = reqwest::get(format!("http://127.0.0.1:{port}/healthz")).await.unwrap();
    assert_eq!((plain.status(), plain.text().await.unwrap().as_str()), (StatusCode::OK, "ok"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_holds_up_nobody() {
    let cloud = Cloud::start().await;
    let port = cloud.server.ready().https_port;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    assert_eq!(cloud.client.get("/readyz", None).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participant_receives_what_the_state_and_the_role_allow() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (camera, viewer) = (session.camera("").await.token, session.viewer().await.token);
    let app = cloud.server.app();
    let receives = async |token: &str| {
        let claims = app.tokens.read_session(token).unwrap();
        app.receiving(&claims)
            .await
            .map(|receiving| receiving.max_layer)
            .map_err(|problem| problem.code().to_owned())
    };
    use returnfeed_protocol::Layer;
    let refused = || Err("not_receiving".to_owned());
    let table = [
        (SessionState::Open, refused(), refused()),
        (SessionState::Rehearsal, Ok(Layer::High), refused()),
        (SessionState::Live, Ok(Layer::High), Ok(Layer::Low)),
        (SessionState::Ended, refused(), refused()),
    ];
    for (state, to_camera, to_viewer) in table {
        session.set(state).await;
        assert_eq!((receives(&camera).await, receives(&viewer).await), (to_camera, to_viewer), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_guarded_by_what_it_may_load_and_an_answer_may_load_nothing() {
    let cloud = Cloud::start().await;
    let policy = async |path: &str| {
        let answer = cloud.client.get(path, None).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        (header("content-security-policy"), header("cache-control"))
    };
    let port = cloud.server.ready().https_port;
    let (page, cache) = policy("/").await;
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        &format!("connect-src 'self' wss://localhost:{port};"),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(cache, "no-cache");
    let held = cloud.client.get("/", None).await.headers()["etag"].clone();
    let again =
        cloud.client.request(Method::GET, "/", None).header("if-none-match", held).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again.headers()["content-security-policy"], page, "a browser puts it over what it holds");
    let (worker, _) = policy("/sw.js").await;
    assert_eq!(worker, "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'");
    for path in ["/api/me", "/nothing", "/healthz", "/api/openapi.json"] {
        let (none, cache) = policy(path).await;
        assert_eq!(none, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'", "{path}");
        assert_eq!(cache, "no-store", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_framework_refuses_by_itself_has_the_same_shape() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let camera = session.camera("Ada").await.token;
    let no_utf8 =
        cloud.client.post("/api/events/%ff", Some(&camera), &json!({ "type": "ping", "n": 1 })).await;
    refused(no_utf8, 400, "request_malformed").await;
    let twice = format!("/whep/{}?layer=high&layer=low", session.id());
    let twice = cloud.client.request(Method::POST, &twice, Some(&camera)).body("v=0\r\n");
    refused(twice.send().await.unwrap(), 400, "request_malformed").await;
    refused(cloud.client.get("/ws/page", None).await, 400, "request_malformed").await;
    let put = cloud.client.request(Method::PUT, "/api/me", None).send().await.unwrap();
    assert_eq!(put.headers()["allow"], "GET,HEAD");
    refused(put, 405, "method_not_allowed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_of_listed_origins_may_use_the_api_and_never_with_cookies() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    config.web.origins = Origins::new(vec![Origin::parse("https://partner.example").unwrap()]);
    let cloud = Cloud::start_with(dir, &config).await;
    let ask = async |method: Method, path: &str, origin: &str| {
        let request = cloud.client.request(method, path, None).header("origin", origin);
        request.header("access-control-request-method", "POST").send().await.unwrap()
    };
    let header = |answer: &reqwest::Response, name: &str| {
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    let listed = ask(Method::OPTIONS, "/api/login", "https://partner.example").await;
    assert_eq!(listed.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&listed, "access-control-allow-origin").unwrap(), "https://partner.example");
    assert!(header(&listed, "access-control-allow-headers").unwrap().contains("Authorization"));
    let answer = ask(Method::GET, "/api/me", "https://partner.example").await;
    assert_eq!(header(&answer, "access-control-allow-origin").unwrap(), "https://partner.example");
    assert_eq!(header(&answer, "vary").unwrap(), "origin");
    for stranger in ["https://evil.example", "https://partner.example.evil.example", "null", "*"] {
        for (method, path) in [(Method::OPTIONS, "/api/login"), (Method::GET, "/api/me"), (Method::GET, "/")]
        {
            let refused = ask(method, path, stranger).await;
            assert_eq!(header(&refused, "access-control-allow-origin"), None, "{stranger} {path}");
        }
    }
    let whep = ask(Method::GET, "/whep/nothing", "https://player.example").await;
    assert_eq!(header(&whep, "access-control-allow-origin").unwrap(), "*");
    for answer in [&listed, &answer, &whep] {
        assert_eq!(header(answer, "access-control-allow-credentials"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_opens_no_socket() {
    let cloud = Cloud::start().await;
    let port = cloud.server.ready().https_port;
    let open = async |origin: &str| {
        let upgrade = cloud.client.request(Method::GET, "/ws/page", None).header("origin", origin);
        let upgrade = upgrade.header("connection", "upgrade").header("upgrade", "websocket");
        let upgrade = upgrade.header("sec-websocket-version", "13");
        upgrade.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").send().await.unwrap()
    };
    assert_eq!(open(&format!("https://localhost:{port}")).await.status(), StatusCode::SWITCHING_PROTOCOLS);
    for origin in ["https://evil.example", "null", &format!("http://localhost:{port}")] {
        refused(open(origin).await, 403, "origin_not_allowed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_all_its_connections_keeps_nobody_else_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    config.web.connections_per_address = 20;
    let cloud = Cloud::start_with(dir, &config).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(from(&cloud, "127.0.0.7").await);
    }
    let mut one_more = from(&cloud, "127.0.0.7").await;
    let answered = timeout(DEADLINE, one_more.read(&mut [0; 1])).await.expect("it is told at once");
    assert!(matches!(answered, Ok(0) | Err(_)), "{answered:?}");
    // Not the time that a connection has to ask something: those who came before have been silent for longer.
    for earlier in &held {
        let said = earlier.try_read(&mut [0; 1]);
        assert!(said.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "{said:?}");
    }
    let others = cloud.client.at_address("127.0.0.8".parse().unwrap());
    assert_eq!(others.get("/readyz", None).await.status(), StatusCode::OK);
    held.pop();
    let neighbours = cloud.client.at_address("127.0.0.7".parse().unwrap());
    let back = async || neighbours.request(Method::GET, "/readyz", None).send().await.is_ok();
    crate::picture::until("the freed place is taken again", back).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_became_a_websocket_is_counted_until_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    config.web.connections_per_address = 3;
    let cloud = Cloud::start_with(dir, &config).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut socket = from(&cloud, "127.0.0.7").await;
        let host = format!("127.0.0.1:{}", cloud.server.ready().https_port);
        let asks = format!(
            "GET /ws/page HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nconnection: upgrade\r\nupgrade: \
             websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        socket.write_all(asks.as_bytes()).await.unwrap();
        let mut head = [0; 12];
        timeout(DEADLINE, socket.read_exact(&mut head)).await.expect("it is answered").unwrap();
        assert_eq!(head, *b"HTTP/1.1 101");
        held.push(socket);
    }
    let neighbours = cloud.client.at_address("127.0.0.7".parse().unwrap());
    let one_more = neighbours.request(Method::GET, "/readyz", None).send().await;
    assert!(one_more.is_err(), "three sockets are all that this address has: {one_more:?}");
    held.pop();
    let back = async || neighbours.request(Method::GET, "/readyz", None).send().await.is_ok();
    crate::picture::until("the freed place is taken again", back).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_comes_byte_by_byte_is_cut_off_and_holds_up_nobody() {
    let cloud = Cloud::start().await;
    let mut slow = from(&cloud, "127.0.0.7").await;
    let drip = async {
        slow.write_all(b"GET /readyz HTTP/1.1\r\nx: ").await.unwrap();
        loop {
            let more = slow.write_all(b"x").await;
            let ended = timeout(Duration::from_millis(500), slow.read(&mut [0; 64])).await;
            if more.is_err() || matches!(ended, Ok(Ok(0) | Err(_))) {
                return;
            }
        }
    };
    let (ended, meanwhile) = tokio::join!(timeout(2 * DEADLINE, drip), cloud.client.get("/readyz", None));
    ended.expect("it is cut off");
    assert_eq!(meanwhile.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_never_ends_is_refused() {
    let cloud = Cloud::start().await;
    let mut long = from(&cloud, "127.0.0.7").await;
    let head = format!("GET /readyz HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(64 * 1024));
    let _ = long.write_all(head.as_bytes()).await; // it may be cut off in the middle
    let mut told = Vec::new();
    let _ = timeout(DEADLINE, long.read_to_end(&mut told)).await.expect("it is told at once");
    let told = String::from_utf8_lossy(&told);
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 431"), "{told}");
    assert_eq!(cloud.client.get("/readyz", None).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_trusted_proxy_says_who_asks() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    config.web.proxies.trusted = vec!["127.0.0.9".parse().unwrap()];
    let cloud = Cloud::start_with(dir, &config).await;
    let guess = async |through: &str, forwarded: &str| {
        let client = cloud.client.at_address(through.parse().unwrap());
        let request = client.request(Method::POST, "/api/join", None).json(&json!({ "code": "ABCDE-FGHJK" }));
        request.header("x-forwarded-for", forwarded).header("forwarded", forwarded).send().await.unwrap()
    };
    for n in 0..30 {
        refused(guess("127.0.0.9", &format!("203.0.113.{n}, 198.51.100.7")).await, 404, "code_unknown").await;
    }
    refused(guess("127.0.0.9", "203.0.113.99, 198.51.100.7").await, 429, "too_many_attempts").await;
    refused(guess("127.0.0.9", "198.51.100.8").await, 404, "code_unknown").await;
    for n in 0..30 {
        refused(guess("127.0.0.10", &format!("203.0.113.{n}")).await, 404, "code_unknown").await;
    }
    refused(guess("127.0.0.10", "198.51.100.9").await, 429, "too_many_attempts").await;
}

async fn from(cloud: &Cloud, address: &str) -> tokio::net::TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(std::net::SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
    let server = ([127, 0, 0, 1], cloud.server.ready().https_port).into();
    socket.connect(server).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_whose_files_change_is_in_use_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let root = dir.path().join("root.pem");
    let renew = || {
        let authority = Authority::new();
        authority.issue("localhost", &cert, &key);
        std::fs::write(&root, authority.root()).unwrap();
    };
    renew();
    let mut config = config(dir.path());
    config.certificate = Certificate::Files { cert: cert.clone(), key: key.clone() };
    config.public_names = vec!["feed.example".to_owned()];
    let cloud = Cloud::start_with(dir, &config).await;
    let first = Client::new(cloud.server.ready().https_port, &root);
    let answer = first.get("/readyz", None).await;
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");

    renew();
    let second = Client::new(cloud.server.ready().https_port, &root);
    let is_new = async || second.request(Method::GET, "/readyz", None).send().await.is_ok();
    crate::picture::until("the new certificate is in use", is_new).await;
}
