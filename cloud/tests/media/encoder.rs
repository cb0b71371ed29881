//! Real encoders that push.

use std::process::{Child, Command, Stdio};

use returnfeed_protocol::{Layer, PublishKeyId, SessionId, StreamId, StreamMode};

pub(crate) const KEY: &str = "a passphrase of this session";

/// An encoder that does not outlive its test.
pub(crate) struct Encoder(Child);

impl Encoder {
    fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
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

/// What to push.
#[derive(Clone, Copy)]
pub(crate) struct Push {
    pub(crate) port: u16,
    pub(crate) session: SessionId,
    pub(crate) layer: Layer,
    pub(crate) key: PublishKeyId,
    pub(crate) size: &'static str,
    pub(crate) rate: u32,
}

pub(crate) fn key(n: u64) -> PublishKeyId {
    PublishKeyId::from_parts(n, [7; 10])
}

impl Push {
    pub(crate) fn new(port: u16, session: SessionId, layer: Layer) -> Self {
        let (size, rate) = match layer {
            Layer::High => ("640x360", 30),
            Layer::Low => ("320x180", 15),
        };
        Self { port, session, layer, key: key(1), size, rate }
    }

    pub(crate) fn stream_id(&self) -> String {
        let Self { session, layer, key, .. } = *self;
        StreamId { mode: StreamMode::Publish, session, layer, key }.to_string()
    }

    /// ffmpeg as docs tell people to run it; `codecs` replaces the usual ones.
    pub(crate) fn ffmpeg_with(&self, codecs: &[&str]) -> Encoder {
        self.ffmpeg_keyed(codecs, 32)
    }

    /// The same with another key length, in bytes.
    pub(crate) fn ffmpeg_keyed(&self, codecs: &[&str], key_length: u8) -> Encoder {
        let video = format!("testsrc2=size={}:rate={}", self.size, self.rate);
        Encoder::start(
            Command::new("ffmpeg")
                .args(["-loglevel", "error", "-re", "-f", "lavfi", "-i", &video])
                .args(["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"])
                .args(codecs)
                .args(["-f", "mpegts", "-pes_payload_size", "0", "-flush_packets", "1"])
                .args(["-muxdelay", "0", "-muxpreload", "0"])
                .arg(format!(
                    "srt://127.0.0.1:{}?mode=caller&latency=20000&pbkeylen={key_length}&passphrase={KEY}&streamid={}",
                    self.port,
                    self.stream_id()
                )),
        )
    }

    pub(crate) fn ffmpeg(&self) -> Encoder {
        self.ffmpeg_with(&[VIDEO, OPUS].concat())
    }

    pub(crate) fn srtsink(&self) -> Encoder {
        let (width, height) = self.size.split_once('x').unwrap();
        let caps = format!("video/x-raw,width={width},height={height},framerate={}/1", self.rate);
        Encoder::start(
            Command::new("gst-launch-1.0")
                .args(["-q", "mpegtsmux", "name=mux", "alignment=7", "!", "srtsink", "latency=20"])
                .args([&format!("uri=srt://127.0.0.1:{}?mode=caller", self.port), "pbkeylen=32"])
                .args([&format!("passphrase={KEY}"), &format!("streamid={}", self.stream_id())])
                .args(["videotestsrc", "is-live=true", "!", &caps, "!", "x264enc", "tune=zerolatency"])
                .args(["key-int-max=30", "bitrate=800", "!", "video/x-h264,profile=constrained-baseline"])
                .args(["!", "queue", "!", "mux."])
                .args(["audiotestsrc", "is-live=true", "!", "opusenc", "!", "queue", "!", "mux."]),
        )
    }
}

/// Constrained baseline, a keyframe a second.
pub(crate) const VIDEO: &[&str] = &[
    "-c:v",
    "libx264",
    "-profile:v",
    "baseline",
    "-preset",
    "ultrafast",
    "-tune",
    "zerolatency",
    "-b:v",
    "500k",
    "-force_key_frames",
    "expr:gte(t,n_forced)",
];
pub(crate) const OPUS: &[&str] = &["-c:a", "libopus", "-b:a", "32k", "-ac", "1"];
