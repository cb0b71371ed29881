//! What leaves the machine beside the show: nothing, unless a setting sends it; and then what a receiver can read.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Instant;

use serde_json::Value;

use crate::process::Process;
use crate::socket::DEADLINE;

/// A request as a receiver got it.
struct Received {
    head: String,
    body: String,
}

/// A collector of either kind on a port of its own.
struct Receiver {
    port: u16,
    received: mpsc::Receiver<Received>,
}

impl Receiver {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (put, received) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let put = put.clone();
                std::thread::spawn(move || {
                    while let Some(one) = read(&stream) {
                        let _ = put.send(one); // the test may be over
                    }
                });
            }
        });
        Self { port, received }
    }

    /// The first request that this says something of.
    fn find<T>(&self, what: &str, mut is: impl FnMut(&Received) -> Option<T>) -> T {
        let until = Instant::now() + DEADLINE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let one = self.received.recv_timeout(left).unwrap_or_else(|_| panic!("{what} was not received"));
            if let Some(found) = is(&one) {
                return found;
            }
        }
    }
}

fn read(mut stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}")
        .ok()?;
    Some(Received { head, body: String::from_utf8(body).ok()? })
}

fn attribute<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    let found = of["attributes"].as_array()?.iter().find(|one| one["key"] == name)?;
    found["value"]["stringValue"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_receives_the_trace_of_a_request_and_the_lines_that_belong_to_it() {
    let receiver = Receiver::listen();
    let endpoint = format!("http://127.0.0.1:{}", receiver.port);
    let process = Process::start(&["--otlp-endpoint", &endpoint, "--log", "debug"]);
    let planted = "/camera/nothing?code=planted-ticket-123456789";
    process.client().get(planted, None).await;
    let mut line = None;
    let mut span = None;
    receiver.find("a request's trace and its line", |one| {
        assert!(!one.body.contains("planted-ticket"), "no query leaves: {}", one.body);
        let body: Value = serde_json::from_str(&one.body).unwrap();
        assert!(one.head.to_ascii_lowercase().contains("content-type: application/json"), "{}", one.head);
        let resource = |kind: &str| attribute(&body[kind][0]["resource"], "service.name").map(str::to_owned);
        if one.head.starts_with("POST /v1/traces ") {
            assert_eq!(resource("resourceSpans").as_deref(), Some("returnfeed-cloud"));
            let spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
            span = span
                .take()
                .or(spans.into_iter().find(|one| attribute(one, "path") == Some("/camera/nothing")));
        } else {
            assert!(one.head.starts_with("POST /v1/logs "), "{}", one.head);
            assert_eq!(resource("resourceLogs").as_deref(), Some("returnfeed-cloud"));
            let lines = body["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap().clone();
            let of_a_request =
                |one: &Value| one["body"]["stringValue"] == "answered" && one["traceId"].is_string();
            line = line.take().or(lines.into_iter().find(of_a_request));
        }
        (line.is_some() && span.is_some()).then_some(())
    });
    let (line, span) = (line.unwrap(), span.unwrap());
    assert_eq!((line["traceId"].as_str().unwrap().len(), line["spanId"].as_str().unwrap().len()), (32, 16));
    assert_eq!((span["name"].as_str(), span["kind"].as_u64()), (Some("request"), Some(2)));
    assert_eq!((&line["traceId"], &line["spanId"]), (&span["traceId"], &span["spanId"]));
    let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
    assert!(
        time("endTimeUnixNano") >= time("startTimeUnixNano")
            && time("startTimeUnixNano") > 1_700_000_000_000_000_000
    );
    assert_eq!((line["severityNumber"].as_u64(), line["severityText"].as_str()), (Some(5), Some("DEBUG")));
    tokio::task::spawn_blocking(move || {
        process.terminate();
        receiver.find("the last line", |one| one.body.contains("\"stopping\"").then_some(()));
    })
    .await
    .unwrap();
}

#[test]
fn an_error_is_reported_scrubbed_and_nothing_else_is() {
    let receiver = Receiver::listen();
    let dsn = format!("http://abc123@127.0.0.1:{}/7", receiver.port);
    // An error that names a host, and one that holds an address and a long secret.
    let mut own = vec!["--sentry-dsn", &dsn, "--public-name", "nowhere.invalid"];
    own.extend(["--clock-peer", "http://192.0.2.255:9/PlantedSecret0123456789"]);
    let process = Process::start(&own);
    let report = receiver.find("an error's report", |one| {
        assert!(one.head.starts_with("POST /api/7/envelope/ "), "{}", one.head);
        assert!(
            one.head.to_ascii_lowercase().contains("x-sentry-auth: sentry sentry_version=7"),
            "{}",
            one.head
        );
        assert!(one.head.contains("sentry_key=abc123"), "{}", one.head);
        for planted in ["192.0.2.255", "PlantedSecret0123456789", "127.0.0.1"] {
            assert!(!one.body.contains(planted), "{planted}: {}", one.body);
        }
        let lines: Vec<&str> = one.body.lines().collect();
        let [head, item, payload] = lines.as_slice() else { panic!("{}", one.body) };
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(json(item)["type"], "event");
        assert_eq!(json(item)["length"].as_u64().unwrap(), payload.len() as u64);
        let event = json(payload);
        assert_eq!(event["event_id"], json(head)["event_id"]);
        assert_eq!((&event["level"], &event["platform"]), (&Value::from("error"), &Value::from("native")));
        assert!(event["release"].as_str().unwrap().starts_with("returnfeed-cloud@"), "{event}");
        assert!(event.get("server_name").is_none() && event.get("user").is_none());
        let said = event["message"]["formatted"].as_str().unwrap();
        said.contains("leads nowhere").then(|| said.to_owned())
    });
    assert!(report.starts_with("name: "), "{report}");
    process.terminate();
}

#[test]
fn a_collector_that_is_not_there_costs_a_line_and_nothing_else() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let process = Process::start(&["--otlp-endpoint", &endpoint]);
    let log = process.log_until("a collector of the log does not take it");
    assert!(log.contains("ready"), "{log}");
    process.terminate();
}
