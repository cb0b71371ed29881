//! The stream that everybody is sent: made once by ffmpeg, then repeated from memory, so that no encoder is measured.
//!
//! Invariant: the same units, in the same order, at the same times, for every server.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use returnfeed_media::{DemuxEvent, MAX_MESSAGE, Track, TsDemuxer, Unit};

/// 1 Mbit/s at 60 frames a second with a keyframe a second, and Opus: the high layer.
const ENCODING: &[&str] = &[
    "-loglevel",
    "error",
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=640x360:rate=60", //
    "-f",
    "lavfi",
    "-i",
    "sine=frequency=440:sample_rate=48000", //
    "-t",
    "10",
    "-pix_fmt",
    "yuv420p",
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-tune",
    "zerolatency", //
    "-profile:v",
    "baseline",
    "-g",
    "60",
    "-bf",
    "0",
    "-x264-params",
    "aud=0:sliced-threads=0:scenecut=0", //
    "-b:v",
    "1000k",
    "-maxrate",
    "1000k",
    "-bufsize",
    "250k", //
    "-c:a",
    "libopus",
    "-b:a",
    "48k",
    "-frame_duration",
    "20", //
    "-f",
    "mpegts",
    "-pes_payload_size",
    "0",
    "-muxdelay",
    "0",
    "-muxpreload",
    "0",
    "pipe:1",
];

/// Units of a stream, by time.
pub(crate) struct Stream {
    /// Each with its time after the first one's.
    pub(crate) units: Vec<(Duration, Unit)>,
    /// After which it begins anew.
    pub(crate) length: Duration,
}

impl Stream {
    /// Ten seconds of a test picture and a tone.
    pub(crate) fn make() -> anyhow::Result<Self> {
        let made = Command::new("ffmpeg").args(ENCODING).stdin(Stdio::null()).output();
        let made = made.context("ffmpeg cannot be run; install it, or run this by ./dev bench")?;
        if !made.status.success() {
            bail!("ffmpeg did not make the stream: {}", String::from_utf8_lossy(&made.stderr));
        }
        Self::read(&made.stdout)
    }

    fn read(ts: &[u8]) -> anyhow::Result<Self> {
        let mut demuxer = TsDemuxer::new();
        let mut units = Vec::new();
        for message in ts.chunks(MAX_MESSAGE) {
            demuxer.handle_message(message);
            while let Some(event) = demuxer.poll_event() {
                if let DemuxEvent::Unit(unit) = event {
                    units.push(unit);
                }
            }
        }
        units.sort_by_key(|unit| unit.pts);
        let first = units.first().context("the stream is empty")?.pts;
        let after = |unit: &Unit| Duration::from_micros((unit.pts.0 - first.0) * 100 / 9);
        let units: Vec<_> = units.into_iter().map(|unit| (after(&unit), unit)).collect();
        let pictures = units.iter().filter(|(_, unit)| unit.track == Track::Video).count();
        if pictures < 500 {
            bail!("only {pictures} pictures of 600 came out of ffmpeg");
        }
        let last = units.last().map(|(at, _)| *at).unwrap_or_default();
        Ok(Self { units, length: last + Duration::from_micros(16_667) })
    }
}
