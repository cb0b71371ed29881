//! What publishers meet.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use returnfeed_cloud::media::{AdmissionRefusal, MediaEvent, MediaPlane, StartError};
use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::{DemuxEvent, MuxConfig, Track, TsDemuxer, TsMuxer, Unit};
use returnfeed_protocol::{Layer, MediaTime, Problem};
use returnfeed_srt::{Caller, CallerConfig, CallerEnd, CallerEvent, Refusal, Seed};
use tokio::net::UdpSocket;

use crate::encoder::{KEY, OPUS, Push, VIDEO, key};
use crate::viewer::Viewer;
use crate::{DEADLINE, Server, ask, session};

/// Our own caller over a real socket.
struct Caller_ {
    caller: Caller,
    socket: UdpSocket,
    server: SocketAddr,
}

impl Caller_ {
    async fn call(push: &Push, passphrase: &str) -> Self {
        let server = SocketAddr::from(([127, 0, 0, 1], push.port));
        let config = CallerConfig {
            stream_id: push.stream_id(),
            passphrase: passphrase.into(),
            latency: Duration::from_millis(20),
        };
        let seed = Seed::from(returnfeed_cloud::random::bytes());
        let caller = Caller::new(config, &seed, server, Instant::now()).unwrap();
        Self { caller, socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(), server }
    }

    async fn step(&mut self) -> Option<CallerEvent> {
        while let Some(transmit) = self.caller.poll_transmit() {
            self.socket.send_to(&transmit.data, transmit.to).await.unwrap();
        }
        if let Some(event) = self.caller.poll_event() {
            return Some(event);
        }
        let mut buffer = [0; 2048];
        let wait = Duration::from_millis(5);
        if let Ok(received) = tokio::time::timeout(wait, self.socket.recv_from(&mut buffer)).await {
            let (len, from) = received.unwrap();
            assert_eq!(from, self.server);
            self.caller.handle_datagram(from, &buffer[..len], Instant::now());
        }
        self.caller.handle_timeout(Instant::now());
        None
    }

    async fn event(&mut self) -> CallerEvent {
        let end = Instant::now() + DEADLINE;
        loop {
            assert!(Instant::now() < end, "nothing came of the call");
            if let Some(event) = self.step().await {
                return event;
            }
        }
    }
}

fn problem(event: &MediaEvent) -> Option<Problem> {
    match event {
        MediaEvent::IngestRefused { problem, .. } => Some(problem.clone()),
        _ => None,
    }
}

fn shortcoming(event: &MediaEvent) -> Option<Problem> {
    match event {
        MediaEvent::IngestImpaired { problem, .. } => Some(problem.clone()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_of_a_push_is_told_to_both_ends() {
    let mut server = Server::start().await;
    let push = server.push(1, Layer::High);
    let mut wrong = Caller_::call(&push, "another passphrase").await;
    assert_eq!(wrong.event().await, CallerEvent::Closed(CallerEnd::WrongPassphrase));
    let told = server.event("the refusal", problem).await;
    assert_eq!(told.code, "passphrase_wrong");
    assert!(told.detail.contains("passphrase is wrong"), "{}", told.detail);

    for (admission, refusal) in [
        (AdmissionRefusal::KeyUnknown, Refusal::KeyUnknown),
        (AdmissionRefusal::KeyExpired, Refusal::KeyUnknown),
        (AdmissionRefusal::SessionUnknown, Refusal::SessionUnknown),
        (AdmissionRefusal::SessionEnded, Refusal::SessionEnded),
        (AdmissionRefusal::Unavailable, Refusal::Unavailable),
    ] {
        server.refuse(admission);
        // Another key each time: who is refused often for one stream id is left without an answer.
        let push = Push { key: key(10 + u64::from(refusal.status())), ..push };
        let mut caller = Caller_::call(&push, KEY).await;
        assert_eq!(caller.event().await, CallerEvent::Closed(CallerEnd::Refused(refusal)));
        assert_eq!(server.event("the refusal", problem).await.status, refusal.status());
    }
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_too_short_is_told_by_its_setting_and_not_as_a_wrong_passphrase() {
    let mut server = Server::start().await;
    for (n, key_length) in [(1, 16), (2, 24)] {
        let _encoder = server.push(n, Layer::High).ffmpeg_keyed(&[VIDEO, OPUS].concat(), key_length);
        let told = server.event("the refusal", problem).await;
        assert_eq!((told.status, told.code.as_str()), (403, "key_too_short"));
        let given = format!("pbkeylen={key_length}");
        assert!(told.detail.contains(&given) && told.detail.contains("set pbkeylen=32"), "{}", told.detail);
    }
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_key_takes_over_and_an_older_one_is_refused() {
    let server = Server::start().await;
    let older = server.push(1, Layer::High);
    let newer = Push { key: key(2), layer: Layer::Low, ..older };
    let mut first = Caller_::call(&older, KEY).await;
    assert!(matches!(first.event().await, CallerEvent::Connected { .. }));
    let mut second = Caller_::call(&newer, KEY).await;
    assert!(matches!(second.event().await, CallerEvent::Connected { .. }));
    assert_eq!(first.event().await, CallerEvent::Closed(CallerEnd::PeerClosed));
    let mut late = Caller_::call(&older, KEY).await;
    assert_eq!(late.event().await, CallerEvent::Closed(CallerEnd::Refused(Refusal::Superseded)));
    // Both layers of one key live together.
    let mut other = Caller_::call(&Push { layer: Layer::High, ..newer }, KEY).await;
    assert!(matches!(other.event().await, CallerEvent::Connected { .. }));
    assert_eq!(second.step().await, None);
    server.plane.end_session(session(1));
    assert_eq!(second.event().await, CallerEvent::Closed(CallerEnd::PeerClosed));
    assert_eq!(other.event().await, CallerEvent::Closed(CallerEnd::PeerClosed));
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_codec_that_cannot_be_used_is_named_and_the_rest_flows() {
    let mut server = Server::start().await;
    let aac = [VIDEO, &["-c:a", "aac"]].concat();
    let encoder = server.push(1, Layer::High).ffmpeg_with(&aac);
    server.arrived(1, Layer::High).await;
    let told = server.event("what is said about AAC", shortcoming).await;
    assert_eq!(told.code, "audio_codec");
    assert_eq!(told.detail, "AAC sound cannot go to WebRTC without transcoding: choose Opus");
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    viewer.watch_until("the picture without sound", |viewer| viewer.pictures.len() > 20).await;
    assert!(viewer.sounds.is_empty());
    drop(encoder);

    let hevc = [&["-c:v", "mpeg2video"][..], OPUS].concat();
    let _encoder = server.push(2, Layer::High).ffmpeg_with(&hevc);
    let told = server.event("the refusal of MPEG-2", problem).await;
    assert_eq!(told.code, "video_codec");
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b_frames_are_refused_by_name() {
    let mut server = Server::start().await;
    let codecs = [&["-c:v", "libx264", "-preset", "medium", "-bf", "2", "-g", "30"][..], OPUS].concat();
    let _encoder = server.push(1, Layer::High).ffmpeg_with(&codecs);
    let told = server.event("the refusal of B-frames", problem).await;
    assert_eq!(told.code, "b_frames", "{}", told.detail);
    assert!(told.detail.contains("bframes=0"), "{}", told.detail);
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_told_with_the_setting_to_change() {
    let server = Server::start().await;
    let ports = server.plane.local_ports();
    let gate = std::sync::Arc::clone(&server.gate);
    let srt = returnfeed_cloud::media::MediaConfig {
        srt: SocketAddr::from(([127, 0, 0, 1], ports.srt)),
        ..crate::config()
    };
    let webrtc = returnfeed_cloud::media::MediaConfig {
        webrtc: SocketAddr::from(([127, 0, 0, 1], ports.webrtc)),
        ..crate::config()
    };
    for (config, port) in [(srt, ports.srt), (webrtc, ports.webrtc)] {
        match MediaPlane::start(config, std::sync::Arc::clone(&gate) as _).await {
            Err(error @ StartError::PortInUse { .. }) => {
                assert!(error.to_string().contains(&port.to_string()), "{error}");
            }
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("port {port} was opened twice"),
        }
    }
    server.plane.shutdown().await;
}

/// Access units of a second of video, its first one a keyframe, made by ffmpeg.
fn units() -> Vec<Unit> {
    let output = std::process::Command::new("ffmpeg")
        .args(["-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=1"])
        .args(VIDEO)
        .args(["-f", "mpegts", "-"])
        .output()
        .unwrap();
    let mut demuxer = TsDemuxer::new();
    let mut units = Vec::new();
    for message in output.stdout.chunks(1316) {
        demuxer.handle_message(message);
        while let Some(event) = demuxer.poll_event() {
            if let DemuxEvent::Unit(unit) = event {
                units.push(unit);
            }
        }
    }
    assert!(units.len() > 20 && units[0].keyframe);
    units
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn capture_time_travels_and_a_joiner_asks_for_one_keyframe() {
    let mut server = Server::start().await;
    server.plane.set_keyframes_on_request(session(1), true);
    let units = units();
    let mut caller = Caller_::call(&server.push(1, Layer::High), KEY).await;
    assert!(matches!(caller.event().await, CallerEvent::Connected { .. }));
    let mut muxer = TsMuxer::new(MuxConfig { video: true, audio: None });
    let begin = Instant::now();
    let (mut viewer, mut asked, mut sent, mut keyframe_due): (Option<Viewer>, Vec<Instant>, u64, bool) =
        (None, Vec::new(), 0, true);

    // The publisher makes a keyframe only at the start and when asked: as the engine does.
    while viewer.as_ref().is_none_or(|viewer| viewer.pictures.len() < 60) {
        assert!(begin.elapsed() < DEADLINE, "the picture did not come");
        if begin.elapsed() >= Duration::from_millis(33) * u32::try_from(sent).unwrap() {
            let unit = if std::mem::take(&mut keyframe_due) {
                &units[0]
            } else {
                &units[1 + (sent as usize % (units.len() - 1))]
            };
            let now_us = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64;
            let stamps = Stamps {
                captured_us: now_us - 7_000,
                encoder_in_us: now_us - 5_000,
                encoder_out_us: now_us - 1_000,
                sent_us: now_us,
            };
            let data: Bytes = capture_time::insert(&unit.data, &stamps).into();
            let unit =
                Unit { track: Track::Video, pts: MediaTime(90_000 + sent * 3_000), data, ..unit.clone() };
            for message in muxer.write(&unit) {
                caller.caller.send(message, Instant::now()).unwrap();
            }
            sent += 1;
        }
        caller.step().await;
        while let Ok(event) = server.events.try_recv() {
            if matches!(event, MediaEvent::KeyframeWanted { layer: Layer::High, .. }) {
                asked.push(Instant::now());
                keyframe_due = true;
            }
        }
        match &mut viewer {
            Some(viewer) => viewer.step().await,
            None if sent == 30 => viewer = Some(Viewer::join(&server.plane, ask(1)).await.unwrap()),
            None => {}
        }
    }
    let viewer = viewer.unwrap();
    viewer.assert_one_stream();
    assert!((1..=3).contains(&asked.len()), "asked {} times", asked.len());
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(450)));
    // The joiner saw the old keyframe at once and then the fresh one, nothing between them.
    let keyframes: Vec<usize> = (0..10).filter(|n| viewer.pictures[*n].width().is_some()).collect();
    assert_eq!(keyframes.get(..2), Some(&[0, 1][..]), "the cached and the fresh keyframe come first");
    let captured: Vec<_> = viewer.pictures.iter().filter_map(|picture| picture.captured).collect();
    assert!(captured.len() >= 3, "{} capture times", captured.len());
    for time in captured.iter().skip(1) {
        let age = SystemTime::now().duration_since(*time).unwrap();
        assert!(age < DEADLINE, "a capture time of {age:?} ago");
    }
    server.plane.shutdown().await;
}
