//! Real senders and receivers: what ffmpeg and GStreamer write is read as they read it themselves, and what we
//! write they read without a complaint. Needs ffmpeg and gst-launch-1.0 with base, good, bad and ugly plugins.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "real parts have files and sockets")]

mod support;

use std::collections::HashMap;
use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::time::Duration;

use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::{
    AudioConfig, DemuxEvent, DemuxProblem, MAX_MESSAGE, MuxConfig, Track, TsDemuxer, TsMuxer, Unit, h264,
};
use support::tools::{self, as_frames, ffmpeg_makes, frames_of, probe, run, try_run};
use support::{events_of, units_of};
use tempfile::TempDir;

/// As a person sets OBS or ffmpeg for live: no B-frames, low delay.
const LIVE: &str = "-c:v libx264 -profile:v baseline -preset ultrafast -tune zerolatency -g 120 -b:v 1M";
const OPUS: &str = "-c:a libopus -b:a 48k";
const FRAMES: usize = 300;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// All events of a file that comes in full messages.
fn demux(file: &Path) -> Vec<DemuxEvent> {
    let bytes = fs::read(file).expect("the file just made");
    events_of(&mut TsDemuxer::new(), bytes.chunks(MAX_MESSAGE))
}

/// Each unit of the file is what ffmpeg's demuxer makes of it, and nothing is missing or damaged.
fn assert_read_like_ffmpeg(file: &Path, video: usize, audio: usize) -> Vec<Unit> {
    let events = demux(file);
    let complaints: Vec<_> = events
        .iter()
        .filter(|event| matches!(event, DemuxEvent::Discontinuity { .. } | DemuxEvent::Unusable(_)))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    let units = units_of(events);
    for (track, at_least) in [(Track::Video, video), (Track::Audio, audio)] {
        let (ours, theirs) = (as_frames(&units, track), frames_of(file, track));
        assert!(theirs.len() >= at_least, "{} {track} units", theirs.len());
        assert_eq!(ours, theirs, "{track}");
    }
    units
}

#[test]
fn ffmpeg_as_it_comes_is_read_like_ffmpeg_reads_it() {
    let folder = folder();
    let file = folder.path().join("default.ts");
    ffmpeg_makes(&format!("{LIVE} {OPUS} -f mpegts"), &file);
    assert_read_like_ffmpeg(&file, FRAMES, 250);
}

#[test]
fn ffmpeg_set_for_low_delay_is_read_like_ffmpeg_reads_it() {
    let folder = folder();
    let file = folder.path().join("low-delay.ts");
    ffmpeg_makes(&format!("{LIVE} {OPUS} -pes_payload_size 0 -omit_video_pes_length 0 -f mpegts"), &file);
    assert_read_like_ffmpeg(&file, FRAMES, 250);
}

#[test]
fn ffmpeg_at_a_constant_rate_is_read_like_ffmpeg_reads_it() {
    let folder = folder();
    let file = folder.path().join("constant.ts");
    ffmpeg_makes(&format!("{LIVE} {OPUS} -muxrate 4M -f mpegts"), &file);
    assert_read_like_ffmpeg(&file, FRAMES, 250);
}

#[test]
fn ffmpeg_with_other_pids_and_large_keyframes_is_read_like_ffmpeg_reads_it() {
    let folder = folder();
    let file = folder.path().join("large.ts");
    let line = "-vf noise=alls=100:allf=t -c:v libx264 -profile:v baseline -preset ultrafast -tune zerolatency \
                -g 60 -qp 8 -mpegts_pmt_start_pid 0x321 -mpegts_start_pid 0x654 -f mpegts";
    ffmpeg_makes(&format!("{OPUS} {line}"), &file);
    let units = assert_read_like_ffmpeg(&file, FRAMES, 250);
    assert!(units.iter().any(|unit| unit.data.len() > 70_000), "no unit outgrew a PES length");
}

#[test]
fn gstreamer_is_read_like_ffmpeg_reads_it() {
    let folder = folder();
    let file = folder.path().join("gstreamer.ts");
    gstreamer_makes("bitrate=1000", "smpte", &file);
    assert_read_like_ffmpeg(&file, FRAMES, 250);
}

#[test]
fn gstreamer_with_large_keyframes_is_read_like_ffmpeg_reads_it() {
    let folder = folder();
    let file = folder.path().join("snow.ts");
    gstreamer_makes("bitrate=20000", "snow", &file);
    let units = assert_read_like_ffmpeg(&file, FRAMES, 250);
    assert!(units.iter().any(|unit| unit.data.len() > 65_536), "no unit outgrew a PES length");
}

fn gstreamer_makes(encoder: &str, pattern: &str, file: &Path) {
    let line = format!(
        "-q mpegtsmux name=mux ! filesink location={{file}} \
         videotestsrc num-buffers=300 pattern={pattern} ! video/x-raw,width=640,height=360,framerate=60/1 ! \
         x264enc tune=zerolatency speed-preset=ultrafast key-int-max=120 {encoder} ! \
         video/x-h264,profile=constrained-baseline ! h264parse ! queue ! mux. \
         audiotestsrc num-buffers=250 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! \
         opusenc frame-size=20 ! queue ! mux."
    );
    run("gst-launch-1.0", &line, &[("file", file)]);
}

#[test]
fn aac_from_ffmpeg_is_named_and_its_pictures_are_all_there() {
    let folder = folder();
    let file = folder.path().join("aac.ts");
    ffmpeg_makes(&format!("{LIVE} -c:a aac -f mpegts"), &file);
    let events = demux(&file);
    assert!(events.contains(&DemuxEvent::Unusable(DemuxProblem::AudioCodec { found: "AAC" })));
    let units = units_of(events);
    assert_eq!(as_frames(&units, Track::Video), frames_of(&file, Track::Video));
    assert_eq!(units.len(), FRAMES);
}

#[test]
fn b_frames_from_ffmpeg_are_told_and_known_from_the_parameter_set() {
    let folder = folder();
    let file = folder.path().join("b-frames.ts");
    ffmpeg_makes("-an -c:v libx264 -profile:v main -preset fast -bf 2 -f mpegts", &file);
    let events = demux(&file);
    assert!(events.contains(&DemuxEvent::Unusable(DemuxProblem::Reordered)));
    let units = units_of(events);
    assert!(h264::find_sps(&units[0].data).is_some_and(|sps| sps.may_reorder()));
}

#[test]
fn parameter_sets_say_what_ffprobe_says() {
    let folder = folder();
    let cases = [
        ("640x360", "-profile:v baseline -tune zerolatency", false),
        ("320x180", "-profile:v baseline -level 1.3 -tune zerolatency", false),
        ("426x240", "-profile:v main -bf 0", false),
        ("854x480", "-profile:v high -bf 3", true),
        ("1920x1080", "-profile:v high -x264-params tff=1:bframes=0:cqm=jvt", false),
        (
            "642x362",
            "-profile:v high444 -pix_fmt yuv444p -bf 0 -x264-params nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=900",
            false,
        ),
    ];
    for (size, line, reorders) in cases {
        let file = folder.path().join("sps.ts");
        let source = format!("-nostdin -v error -y -f lavfi -i testsrc2=size={size}:rate=25:duration=0.4");
        let all = format!("{source} -c:v libx264 -preset ultrafast -g 25 {line} -f mpegts {{file}}");
        run("ffmpeg", &all, &[("file", &file)]);
        let units = units_of(demux(&file));
        let sps = h264::find_sps(&units[0].data).unwrap_or_else(|| panic!("{size} {line}: no parameter set"));
        let said = probe(&file, "v:0");
        assert_eq!(format!("{}x{}", said["width"], said["height"]), size);
        assert_eq!(format!("{}x{}", sps.width, sps.height), size, "{line}");
        assert_eq!(sps.level_idc.to_string(), said["level"], "{size} {line}");
        assert_eq!(
            sps.frame_rate.map(|(frames, per)| f64::from(frames) / f64::from(per)),
            Some(25.0),
            "{sps:?}"
        );
        assert_eq!(sps.may_reorder(), reorders, "{size} {line}: {sps:?}");
    }
}

/// Everything of a file through our muxer, each picture stamped; (what was written, what it was written from).
fn remux(file: &Path, out: &Path, channels: u8) -> Vec<Unit> {
    let mut muxer = TsMuxer::new(MuxConfig { video: true, audio: Some(AudioConfig { channels }) });
    let (mut written, mut bytes) = (Vec::new(), Vec::new());
    for mut unit in units_of(demux(file)) {
        if unit.track == Track::Video {
            let us = 1_795_000_000_000_000 + unit.pts.0;
            let stamps =
                Stamps { captured_us: us, encoder_in_us: us + 1, encoder_out_us: us + 2, sent_us: us + 3 };
            unit.data = capture_time::insert(&unit.data, &stamps).into();
        }
        muxer.write(&unit).iter().for_each(|message| bytes.extend_from_slice(message));
        written.push(unit);
    }
    fs::write(out, bytes).expect("room for a few megabytes");
    written
}

fn ours(folder: &TempDir, line: &str, channels: u8) -> (std::path::PathBuf, Vec<Unit>) {
    let (made, out) = (folder.path().join("made.ts"), folder.path().join("ours.ts"));
    ffmpeg_makes(line, &made);
    let written = remux(&made, &out, channels);
    (out, written)
}

#[test]
fn what_we_write_ffmpeg_reads_and_decodes_without_a_complaint() {
    let folder = folder();
    let (file, written) = ours(&folder, &format!("{LIVE} {OPUS} -ac 2 -f mpegts"), 2);
    assert_ffmpeg_agrees(&file, &written);
    let sound = probe(&file, "a:0");
    assert_eq!((sound["codec_name"].as_str(), sound["channels"].as_str()), ("opus", "2"));
}

#[test]
fn what_we_write_above_64_kilobytes_ffmpeg_reads_and_decodes_without_a_complaint() {
    let folder = folder();
    let line =
        format!("-vf noise=alls=100:allf=t {OPUS} -c:v libx264 -profile:v baseline -preset ultrafast -qp 8");
    let (file, written) = ours(&folder, &format!("{line} -f mpegts"), 1);
    assert!(written.iter().any(|unit| unit.data.len() > 70_000));
    assert_ffmpeg_agrees(&file, &written);
    assert_eq!(probe(&file, "a:0")["channels"], "1");
}

fn assert_ffmpeg_agrees(file: &Path, written: &[Unit]) {
    for track in [Track::Video, Track::Audio] {
        assert_eq!(as_frames(written, track), frames_of(file, track), "{track}");
    }
    assert_eq!(counter_errors(file), 0);
    let decoded = run("ffmpeg", "-nostdin -v warning -xerror -i {file} -f null -", &[("file", file)]);
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "");
}

fn counter_errors(file: &Path) -> usize {
    let output = try_run("ffmpeg", "-nostdin -v debug -i {file} -c copy -f null -", &[("file", file)]);
    String::from_utf8_lossy(&output.stderr).matches("Continuity check failed").count()
}

#[test]
fn ffmpeg_would_have_noticed_a_missing_packet() {
    let folder = folder();
    let (file, _) = ours(&folder, &format!("{LIVE} {OPUS} -f mpegts"), 1);
    let mut bytes = fs::read(&file).expect("the file just made");
    bytes.drain(188 * 100..188 * 101);
    fs::write(&file, bytes).expect("room for a few megabytes");
    assert!(counter_errors(&file) > 0);
}

#[test]
fn what_we_write_gstreamer_reads_to_the_byte() {
    let folder = folder();
    let (file, written) = ours(&folder, &format!("{LIVE} {OPUS} -f mpegts"), 1);
    let (video, audio) = (folder.path().join("video"), folder.path().join("audio"));
    let line = "-q filesrc location={file} ! tsdemux name=demux \
                demux. ! queue ! video/x-h264 ! filesink location={video} \
                demux. ! queue ! audio/x-opus ! filesink location={audio}";
    run("gst-launch-1.0", line, &[("file", &file), ("video", &video), ("audio", &audio)]);
    for (track, path) in [(Track::Video, &video), (Track::Audio, &audio)] {
        let wanted: Vec<u8> =
            written.iter().filter(|unit| unit.track == track).flat_map(|unit| unit.data.to_vec()).collect();
        let read = fs::read(path).expect("what gst-launch-1.0 wrote");
        assert!(read == wanted, "{track}: {} bytes read, {} written", read.len(), wanted.len());
    }
}

#[test]
fn no_unit_of_a_live_ffmpeg_waits_for_the_next_one() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port of the loopback");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a time limit");
    let port = socket.local_addr().expect("the port just bound").port();
    let sender = std::thread::spawn(move || {
        let to = format!("udp://127.0.0.1:{port}?pkt_size=1316");
        ffmpeg_makes(
            &format!(
                "-vf realtime -af arealtime {LIVE} {OPUS} -pes_payload_size 0 -flush_packets 1 -f mpegts"
            ),
            Path::new(&to),
        );
    });
    let (mut demuxer, mut buffer) = (TsDemuxer::new(), [0; 2_048]);
    let mut starts = Starts::default();
    let mut units = 0;
    while units < FRAMES + 250 {
        let size = socket.recv(&mut buffer).expect("ffmpeg sends for five seconds");
        let events = events_of(&mut demuxer, [&buffer[..size]]);
        assert!(!events.iter().any(|event| matches!(event, DemuxEvent::Discontinuity { .. })));
        let arrived = units_of(events);
        units += arrived.len();
        starts.handle(&buffer[..size], &arrived);
    }
    sender.join().expect("ffmpeg ended well");
    println!("{} of {units} units waited for the next start, by PID {:?}", starts.waited(), starts.late);
    // A unit that fills its packets to the byte ends with its short message once those have proved themselves;
    // 1 in 184 does, and eight units are the proof.
    assert!(starts.waited() <= 2);
}

/// Counts units that came only with the packet that starts the next one of their PID.
#[derive(Default)]
struct Starts {
    open: HashMap<u16, u32>,
    late: HashMap<u16, u32>,
}

impl Starts {
    fn handle(&mut self, message: &[u8], arrived: &[Unit]) {
        let mut begun: HashMap<u16, u32> = HashMap::new();
        for packet in message.chunks_exact(188).filter(|packet| packet[1] & 0x40 != 0) {
            *begun.entry(u16::from_be_bytes([packet[1] & 0x1f, packet[2]])).or_default() += 1;
        }
        for (track, pid) in [(Track::Video, 0x100), (Track::Audio, 0x101)] {
            let ended =
                u32::try_from(arrived.iter().filter(|unit| unit.track == track).count()).expect("few");
            let open = self.open.entry(pid).or_default();
            if *open > 0 && begun.contains_key(&pid) && ended > 0 {
                *self.late.entry(pid).or_default() += 1;
            }
            *open = (*open + begun.get(&pid).copied().unwrap_or(0)).saturating_sub(ended);
        }
    }

    fn waited(&self) -> u32 {
        self.late.values().sum()
    }
}

#[test]
fn the_checks_of_this_file_can_fail() {
    let folder = folder();
    let file = folder.path().join("checked.ts");
    ffmpeg_makes(&format!("{LIVE} {OPUS} -f mpegts"), &file);
    let frames = frames_of(&file, Track::Video);
    let mut units = units_of(demux(&file));
    assert_eq!(as_frames(&units, Track::Video), frames);
    let picture = units.iter_mut().find(|unit| unit.track == Track::Video).expect("a picture");
    let mut data = picture.data.to_vec();
    data[40] ^= 1;
    picture.data = data.into();
    assert_ne!(as_frames(&units, Track::Video), frames);
    assert!(
        !tools::try_run("ffmpeg", "-v quiet -i {nothing} -f null -", &[("nothing", Path::new("/nowhere"))])
            .status
            .success()
    );
}
