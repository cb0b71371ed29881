//! Our lamps over loopback: whoever listens hears the truth, the last word too.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use returnfeed_engine::outputs::{self, OutputEvent, OutputSpec, OutputState, Told};
use returnfeed_protocol::{CameraLamp, CameraNumber, Epoch, Tally, TallyReason, TallySequence, TallyState};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::listener::{Listener, PATIENCE};

const TOKEN: &str = "a-token-of-some-length";

struct Output {
    word: watch::Sender<Option<TallyState>>,
    states: Receiver<OutputState>,
    cancel: CancellationToken,
    runtime: Runtime,
    seq: u64,
}

impl Output {
    fn on(spec: &str) -> Self {
        let spec = OutputSpec::parse(spec).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (word, newest) = watch::channel(None);
        let (sender, states) = channel();
        let cancel = CancellationToken::new();
        let on = move |event| match event {
            OutputEvent::State(state) => drop(sender.send(state)),
            OutputEvent::Page(_) => {}
        };
        let told = Told { word: newest, guests: watch::channel(None).1 };
        runtime.spawn(outputs::run(spec, told, on, cancel.clone()));
        Self { word, states, cancel, runtime, seq: 0 }
    }

    fn say(&mut self, lamps: &[Tally]) {
        self.seq += 1;
        let lamp = |(tally, camera): (&Tally, u16)| CameraLamp {
            camera: CameraNumber::try_from(camera).unwrap(),
            name: String::new(),
            tally: *tally,
            reason: TallyReason::Test,
        };
        let cameras = lamps.iter().zip(1..).map(lamp).collect();
        self.word.send_replace(Some(TallyState { epoch: Epoch(1), seq: TallySequence(self.seq), cameras }));
    }

    fn until(&self, what: &str, holds: impl Fn(&OutputState) -> bool) -> OutputState {
        std::iter::repeat_with(|| self.states.recv_timeout(PATIENCE))
            .map(|state| state.unwrap_or_else(|_| panic!("{what} never came")))
            .find(|state| holds(state))
            .unwrap()
    }

    fn is_open(&self) {
        self.until("an open port", |state| matches!(state, OutputState::Open { .. }));
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_vmix_listener_follows_every_cut_and_the_last_word() {
    let port = free_port();
    let mut output = Output::on(&format!("vmix:127.0.0.1:{port}"));
    output.say(&[Tally::Program, Tally::Preview, Tally::Idle]);
    output.is_open();
    let mut listener = Listener::to(&format!("vmix:127.0.0.1:{port}"));
    listener.until_buses(&["CAM 1"], &["CAM 2"]);
    assert_eq!(listener.software.as_deref(), Some("vMix 28.0.0.0"));
    output.until("a reader", |state| *state == OutputState::Open { readers: Some(1) });
    output.say(&[Tally::Preview, Tally::Program, Tally::Idle]);
    listener.until_buses(&["CAM 2"], &["CAM 1"]);
    output.say(&[Tally::Unknown; 3]);
    output.cancel.cancel();
    listener.until_buses(&[], &[]);
    listener.until("the end", |listener| listener.lost.is_some());
}

#[test]
fn tsl_is_told_over_both_transports_in_both_versions_and_goes_dark_at_the_end() {
    for options in ["version=5", "version=3", "version=5&transport=tcp", "version=3&transport=tcp"] {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        drop(socket);
        let transport = if options.contains("tcp") { "?transport=tcp" } else { "" };
        let mut listener = Listener::to(&format!("tsl:127.0.0.1:{port}{transport}"));
        let mut output = Output::on(&format!("tsl:127.0.0.1:{port}?{options}"));
        // The listener may come later than the first words: they are repeated.
        let lamps = [Tally::Program, Tally::Preview];
        output.say(&lamps);
        let said = std::thread::scope(|scope| {
            let (stop, stopped) = channel::<()>();
            let word = &output.word;
            scope.spawn(move || {
                while stopped
                    .recv_timeout(Duration::from_millis(50))
                    .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
                {
                    word.send_modify(|_| {});
                }
            });
            let said = listener.until_buses(&["CAM 1"], &["CAM 2"]);
            drop(stop);
            said
        });
        assert!(!said.is_empty());
        output.until("told", |state| *state == OutputState::Telling);
        output.say(&[Tally::Unknown; 2]);
        output.cancel.cancel();
        listener.until_buses(&[], &[]);
    }
}

#[test]
fn a_display_that_is_not_there_is_a_sentence_and_a_taken_port_too() {
    let port = free_port();
    let output = Output::on(&format!("tsl:127.0.0.1:{port}?transport=tcp"));
    let OutputState::Failed { reason, .. } =
        output.until("a failure", |state| *state != OutputState::Telling)
    else {
        panic!("nobody listens there")
    };
    assert!(reason.contains("cannot be reached"), "{reason}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = Output::on(&format!("vmix:127.0.0.1:{}", taken.local_addr().unwrap().port()));
    let OutputState::Failed { reason, .. } = output.until("a failure", |_| true) else {
        panic!("it is taken")
    };
    assert!(reason.contains("is another program on it?"), "{reason}");
    drop(taken);
    output.is_open();
}

/// One request, the connection closed after it.
fn get(port: u16, path: &str, header: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned())
}

struct Http {
    output: Output,
    port: u16,
    _token: tempfile::NamedTempFile,
}

impl Http {
    fn open() -> Self {
        let port = free_port();
        let mut token = tempfile::NamedTempFile::new().unwrap();
        writeln!(token, "{TOKEN}").unwrap();
        let output = Output::on(&format!("http:127.0.0.1:{port}?token-file={}", token.path().display()));
        output.is_open();
        Self { output, port, _token: token }
    }

    fn get(&self, path: &str) -> (u16, serde_json::Value) {
        let (status, body) = get(self.port, path, &format!("Authorization: Bearer {TOKEN}\r\n"));
        (status, serde_json::from_str(&body).unwrap())
    }
}

#[test]
fn programs_read_the_lamps_with_the_token_and_without_it_nothing() {
    let mut http = Http::open();
    let before = http.get("/tally");
    assert_eq!((before.0, before.1["code"].as_str()), (503, Some("no_tally_yet")));
    http.output.say(&[Tally::Preview, Tally::Program]);
    let all = std::iter::repeat_with(|| http.get("/tally")).find(|(status, _)| *status == 200).unwrap().1;
    assert_eq!(all["cameras"][1]["tally"], "program");
    assert!(all["age_ms"].is_u64() && all["seq"] == 1);
    let (status, one) = http.get("/tally/2");
    assert_eq!((status, one["tally"].as_str()), (200, Some("program")));
    for absent in ["/tally/3", "/tally/0", "/tally/red", "/nothing"] {
        assert_eq!(http.get(absent).0, 404, "{absent}");
    }
    for header in ["", "Authorization: Bearer wrong\r\n", "Authorization: Basic YQ==\r\n"] {
        for path in ["/tally", "/tally/2", "/ws"] {
            let (status, body) = get(http.port, path, header);
            assert!(status == 401 && !body.contains("program"), "{path} {header}: {status} {body}");
        }
    }
    assert_eq!(get(http.port, &format!("/tally?token={TOKEN}"), "").0, 401, "not in the address");
}

#[test]
fn a_websocket_hears_every_word_and_the_last() {
    let mut http = Http::open();
    http.output.say(&[Tally::Program]);
    let request = http::request(http.port);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use futures_util::StreamExt as _;
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let mut next = async || {
            let message = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
            message.to_text().ok().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok())
        };
        assert_eq!(next().await.unwrap()["cameras"][0]["tally"], "program");
        http.output.say(&[Tally::Idle]);
        assert_eq!(next().await.unwrap()["cameras"][0]["tally"], "idle");
        http.output.say(&[Tally::Unknown]);
        http.output.cancel.cancel();
        assert_eq!(next().await.unwrap()["cameras"][0]["tally"], "unknown");
        assert_eq!(next().await, None, "then it closes");
    });
    drop(http.output.runtime);
}

mod http {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
    use tokio_tungstenite::tungstenite::handshake::client::Request;

    pub(super) fn request(port: u16) -> Request {
        let mut request = format!("ws://127.0.0.1:{port}/ws").into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {}", super::TOKEN).parse().unwrap());
        request
    }
}

#[test]
fn a_lamp_that_sends_no_vmix_is_left_and_the_others_stay() {
    let port = free_port();
    let mut output = Output::on(&format!("vmix:127.0.0.1:{port}"));
    output.say(&[Tally::Idle]);
    output.is_open();
    let mut lamp = BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
    let mut line = || {
        let mut line = String::new();
        lamp.read_line(&mut line).unwrap();
        line
    };
    assert_eq!(line(), "VERSION OK 28.0.0.0\r\n");
    let mut stranger = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // It may be left before the last of it is written.
    let _broken = stranger.write_all(&[0; 4_096]);
    let mut rest = Vec::new();
    let _reset = stranger.read_to_end(&mut rest);
    lamp.get_mut().write_all(b"TALLY\r\n").unwrap();
    let mut answer = String::new();
    lamp.read_line(&mut answer).unwrap();
    assert_eq!(answer, "TALLY OK 0\r\n");
}
