//! Real encoders against the listener: ffmpeg, GStreamer's srtsink and libsrt's own srt-live-transmit.
//!
//! What they push arrives byte for byte; a wrong key, a short one and none are turned away.

#![expect(clippy::disallowed_types, reason = "real encoders speak over a real socket")]
#![expect(clippy::disallowed_methods, reason = "real encoders run on the real clock")]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of a test fail loudly; lints see only #[test] functions as tests"
)]

use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use returnfeed_srt::{CloseReason, Listener, ListenerConfig, ListenerEvent};

const KEY: &str = "a passphrase of this session";
const STREAM_ID: &str =
    "#!::m=publish,r=019a0000-0000-7000-8000-000000000001,k=019a0000-0000-7000-8000-000000000002";
const DEADLINE: Duration = Duration::from_secs(40);

/// A listener on a loopback port that takes everybody who knows the passphrase.
struct Server {
    socket: UdpSocket,
    listener: Listener,
    asked: Vec<String>,
    received: Vec<u8>,
    closed: Option<CloseReason>,
}

impl Server {
    fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let listener = Listener::new(ListenerConfig::default(), Instant::now());
        Self { socket, listener, asked: Vec::new(), received: Vec::new(), closed: None }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Serves until `done`, or fails with what was seen.
    fn serve_until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        let mut buffer = [0; 2048];
        while !done(self) {
            assert!(
                Instant::now() < end,
                "{what} did not happen: asked {:?}, {} bytes, closed {:?}",
                self.asked,
                self.received.len(),
                self.closed
            );
            let until = self
                .listener
                .poll_timeout()
                .map_or(Duration::from_millis(20), |(at, _)| at.saturating_duration_since(Instant::now()));
            let wait = until.clamp(Duration::from_micros(100), Duration::from_millis(20));
            self.socket.set_read_timeout(Some(wait)).unwrap();
            if let Ok((len, from)) = self.socket.recv_from(&mut buffer) {
                self.listener.handle_datagram(from, &buffer[..len], Instant::now());
            }
            if self.listener.poll_timeout().is_some_and(|(at, _)| at <= Instant::now()) {
                self.listener.handle_timeout(Instant::now());
            }
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(event) = self.listener.poll_event() {
            match event {
                ListenerEvent::Asked { connection, stream_id, .. } => {
                    self.asked.push(stream_id);
                    self.listener.accept(connection, &KEY.into(), Instant::now()).unwrap();
                }
                ListenerEvent::Connected { .. } => {}
                ListenerEvent::Message { data, .. } => self.received.extend_from_slice(&data),
                ListenerEvent::Closed { reason, .. } => self.closed = Some(reason),
            }
        }
        while let Some(transmit) = self.listener.poll_transmit() {
            self.socket.send_to(&transmit.data, transmit.to).unwrap();
        }
    }

    fn assert_transport_stream(&self) {
        assert!(self.received.len() > 50 * 188, "only {} bytes came", self.received.len());
        assert_eq!(self.received.len() % 188, 0);
        assert!(self.received.chunks(188).all(|packet| packet[0] == 0x47), "not a transport stream");
    }
}

/// An encoder that does not outlive its test.
struct Encoder(Child);

impl Encoder {
    fn start(command: &mut Command) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("{:?}: {error}; run ./dev test", command.get_program())))
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn url(server: &Server, passphrase: Option<&str>, key_length: Option<u8>) -> String {
    let mut url = format!("srt://{}?mode=caller&latency=20", server.address());
    if let Some(passphrase) = passphrase {
        url += &format!("&passphrase={passphrase}");
    }
    if let Some(length) = key_length {
        url += &format!("&pbkeylen={length}");
    }
    url
}

fn ffmpeg(server: &Server, passphrase: Option<&str>, key_length: Option<u8>) -> Encoder {
    // ffmpeg counts the latency in microseconds.
    let url = url(server, passphrase, key_length).replace("latency=20", "latency=20000");
    Encoder::start(
        Command::new("ffmpeg")
            .args([
                "-loglevel",
                "error",
                "-re",
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=320x180:rate=30:duration=3",
            ])
            .args(["-c:v", "libx264", "-tune", "zerolatency", "-b:v", "300k", "-f", "mpegts"])
            .arg(format!("{url}&streamid={STREAM_ID}")),
    )
}

fn srtsink(server: &Server, passphrase: &str, key_length: &str) -> Encoder {
    let uri = format!("uri=srt://{}?mode=caller", server.address());
    Encoder::start(
        Command::new("gst-launch-1.0")
            .args([
                "-q",
                "videotestsrc",
                "num-buffers=90",
                "is-live=true",
                "!",
                "video/x-raw,width=320,height=180",
            ])
            .args(["!", "x264enc", "tune=zerolatency", "bitrate=300", "!", "mpegtsmux", "alignment=7", "!"])
            .args(["srtsink", &uri, "latency=20", &format!("passphrase={passphrase}")])
            .args([&format!("pbkeylen={key_length}"), &format!("streamid={STREAM_ID}")]),
    )
}

fn is_over(server: &Server) -> bool {
    server.closed.is_some()
}

#[test]
fn ffmpeg_pushes_with_aes_256() {
    let mut server = Server::start();
    let _encoder = ffmpeg(&server, Some(KEY), Some(32));
    server.serve_until("the end of ffmpeg's push", is_over);
    assert_eq!(server.asked, [STREAM_ID]);
    assert_eq!(server.closed, Some(CloseReason::PeerClosed));
    server.assert_transport_stream();
}

#[test]
fn an_encoder_that_leaves_the_key_length_open_takes_aes_256() {
    let mut server = Server::start();
    let _encoder = ffmpeg(&server, Some(KEY), None);
    server.serve_until("the end of ffmpeg's push", is_over);
    assert_eq!(server.closed, Some(CloseReason::PeerClosed));
    server.assert_transport_stream();
}

#[test]
fn ffmpeg_with_a_wrong_passphrase_or_aes_128_is_turned_away() {
    for (passphrase, length) in [("another passphrase", 32), (KEY, 16)] {
        let mut server = Server::start();
        let _encoder = ffmpeg(&server, Some(passphrase), Some(length));
        server.serve_until("a refusal", is_over);
        assert_eq!(server.closed, Some(CloseReason::WrongKey), "{passphrase:?} with {length}");
        assert!(server.received.is_empty());
    }
}

#[test]
fn ffmpeg_without_a_passphrase_or_with_aes_192_is_turned_away_before_anybody_is_asked() {
    for (passphrase, length) in [(None, None), (Some(KEY), Some(24))] {
        let mut server = Server::start();
        let encoder = std::cell::RefCell::new(ffmpeg(&server, passphrase, length));
        let ended = std::cell::OnceCell::new();
        server.serve_until("ffmpeg's failure", |_| {
            if let Some(status) = encoder.borrow_mut().0.try_wait().unwrap() {
                ended.get_or_init(|| status);
            }
            ended.get().is_some()
        });
        assert!(!ended.get().unwrap().success());
        assert!(server.asked.is_empty(), "asked for {passphrase:?} with {length:?}");
    }
}

#[test]
fn srtsink_pushes_with_aes_256_and_is_turned_away_without() {
    let mut server = Server::start();
    let encoder = srtsink(&server, KEY, "32");
    server.serve_until("the end of srtsink's push", is_over);
    assert_eq!(server.asked, [STREAM_ID]);
    server.assert_transport_stream();
    drop(encoder);

    for (passphrase, length) in [("another passphrase", "32"), (KEY, "16")] {
        let mut server = Server::start();
        let _encoder = srtsink(&server, passphrase, length);
        server.serve_until("a refusal", is_over);
        assert_eq!(server.closed, Some(CloseReason::WrongKey), "{passphrase:?} with {length}");
    }
}

#[test]
fn srt_live_transmit_delivers_every_byte_in_order_across_key_changes() {
    let mut server = Server::start();
    let url = url(&server, Some(KEY), Some(32));
    // A new key each 600 packets: five of them in this stream.
    let mut encoder = Command::new("srt-live-transmit")
        .args(["-q", "-a:no", "-chunk:1316", "file://con"])
        .arg(format!("{url}&kmrefreshrate=600&kmpreannounce=200&streamid={STREAM_ID}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("srt-live-transmit: {error}; run ./dev test"));
    let mut input = encoder.stdin.take().unwrap();
    let _encoder = Encoder(encoder);
    let sent: Vec<u8> =
        (0..3_000_u32).flat_map(|n| [&n.to_be_bytes()[..], &[(n % 251) as u8; 1312]].concat()).collect();

    let feed = sent.clone();
    let feeder = std::thread::spawn(move || {
        for message in feed.chunks(1316) {
            input.write_all(message).unwrap();
            // A live encoder has a rate; without one libsrt drops what it cannot send in time.
            std::thread::sleep(Duration::from_millis(1));
        }
        // Kept open: its end would end the push before the last bytes are out.
        input
    });
    let all = sent.len();
    server.serve_until("the last byte", |server| server.received.len() >= all || server.closed.is_some());
    drop(feeder.join().unwrap());
    assert_eq!(server.closed, None);
    assert!(server.received == sent, "what arrived is not what was sent");
}
