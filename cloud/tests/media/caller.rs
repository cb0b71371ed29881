//! A publisher in the test's own process: our caller over a real socket.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::{DemuxEvent, MuxConfig, Track, TsDemuxer, TsMuxer, Unit};
use returnfeed_protocol::MediaTime;
use returnfeed_srt::{Caller, CallerConfig, CallerEvent, Seed};
use tokio::net::UdpSocket;

use crate::DEADLINE;
use crate::encoder::{KEY, Push, VIDEO};

/// As it is.
pub(crate) struct PublishCaller {
    pub(crate) caller: Caller,
    socket: UdpSocket,
    server: SocketAddr,
}

impl PublishCaller {
    pub(crate) async fn call(push: &Push, passphrase: &str) -> Self {
        Self::call_for(push.port, push.stream_id(), passphrase).await
    }

    /// Asks for what the stream id says.
    pub(crate) async fn call_for(port: u16, stream_id: String, passphrase: &str) -> Self {
        let server = SocketAddr::from(([127, 0, 0, 1], port));
        let config =
            CallerConfig { stream_id, passphrase: passphrase.into(), latency: Duration::from_millis(20) };
        let seed = Seed::from(returnfeed_cloud::random::bytes());
        let caller = Caller::new(config, &seed, server, Instant::now()).unwrap();
        Self { caller, socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(), server }
    }

    /// Sends what stands ready.
    pub(crate) async fn flush(&mut self) {
        while let Some(transmit) = self.caller.poll_transmit() {
            self.socket.send_to(&transmit.data, transmit.to).await.unwrap();
        }
    }

    /// Takes a message to send; false while too much waits.
    pub(crate) fn send(&mut self, message: &'static [u8]) -> bool {
        self.caller.send(Bytes::from_static(message), Instant::now()).is_ok()
    }

    pub(crate) async fn step(&mut self) -> Option<CallerEvent> {
        self.flush().await;
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

    pub(crate) async fn event(&mut self) -> CallerEvent {
        let end = Instant::now() + DEADLINE;
        loop {
            assert!(Instant::now() < end, "nothing came of the call");
            if let Some(event) = self.step().await {
                return event;
            }
        }
    }
}

/// Access units of a second of video, its first one a keyframe, made by ffmpeg.
pub(crate) fn units() -> Vec<Unit> {
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

/// When a [`Publisher`] makes a keyframe: by itself, or at its beginning and when asked, as the engine does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyframes {
    EachSecond,
    OnRequest,
}

/// Thirty pictures a second, each with its capture time.
pub(crate) struct Publisher {
    caller: PublishCaller,
    muxer: TsMuxer,
    units: Vec<Unit>,
    keyframes: Keyframes,
    keyframe_due: bool,
    sent: u64,
    begin: Instant,
}

impl Publisher {
    pub(crate) async fn connect(push: &Push, keyframes: Keyframes) -> Self {
        let mut caller = PublishCaller::call(push, KEY).await;
        assert!(matches!(caller.event().await, CallerEvent::Connected { .. }));
        Self {
            caller,
            muxer: TsMuxer::new(MuxConfig { video: true, audio: None }),
            units: units(),
            keyframes,
            keyframe_due: true,
            sent: 0,
            begin: Instant::now(),
        }
    }

    /// The next picture is a keyframe.
    pub(crate) fn want_keyframe(&mut self) {
        self.keyframe_due = true;
    }

    /// Publishes for as long as `meanwhile` takes.
    pub(crate) async fn publish_during<T>(&mut self, meanwhile: impl Future<Output = T>) -> T {
        tokio::pin!(meanwhile);
        loop {
            tokio::select! {
                value = &mut meanwhile => return value,
                () = self.step() => {}
            }
        }
    }

    /// Half of a keyframe's messages, and not another word.
    pub(crate) async fn vanish_within_a_keyframe(mut self) {
        self.keyframe_due = true;
        let messages = self.messages();
        assert!(messages.len() >= 4, "a keyframe of {} messages", messages.len());
        let half = messages.len() / 2;
        self.send(messages.into_iter().take(half).collect());
        self.caller.flush().await;
    }

    pub(crate) async fn step(&mut self) {
        if self.begin.elapsed() >= Duration::from_millis(33) * u32::try_from(self.sent).unwrap() {
            let messages = self.messages();
            self.send(messages);
        }
        assert_eq!(self.caller.step().await, None, "the push goes on");
    }

    fn send(&mut self, messages: Vec<Bytes>) {
        for message in messages {
            self.caller.caller.send(message, Instant::now()).unwrap();
        }
    }

    /// The next picture's.
    fn messages(&mut self) -> Vec<Bytes> {
        let others = self.units.len() - 1;
        let n = usize::try_from(self.sent).unwrap();
        let unit = match self.keyframes {
            _ if std::mem::take(&mut self.keyframe_due) => &self.units[0],
            Keyframes::EachSecond => &self.units[n % self.units.len()],
            Keyframes::OnRequest => &self.units[1 + n % others],
        };
        let now_us = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64;
        let stamps = Stamps {
            captured_us: now_us - 7_000,
            encoder_in_us: now_us - 5_000,
            encoder_out_us: now_us - 1_000,
            sent_us: now_us,
        };
        let data: Bytes = capture_time::insert(&unit.data, &stamps).into();
        let pts = MediaTime(90_000 + self.sent * 3_000);
        let unit = Unit { track: Track::Video, pts, data, ..unit.clone() };
        self.sent += 1;
        self.muxer.write(&unit).into_iter().collect()
    }
}
