//! One short show in many settings of ffmpeg and GStreamer: unit for unit what ffmpeg's own demuxer reads of it, and
//! told is what is wrong with it, neither more nor less.

#![expect(clippy::disallowed_methods, reason = "real parts have files")]

mod support;

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use returnfeed_media::{DemuxEvent, DemuxProblem, MAX_MESSAGE, Track, TsDemuxer};
use support::tools::{Frame, as_frames, frames_of, run};
use support::{events_of, units_of};

/// Who makes the file, by which line, and what is told about it.
struct Row {
    maker: Maker,
    line: &'static str,
    told: &'static [DemuxProblem],
}

#[derive(Clone, Copy)]
enum Maker {
    /// Between picture and sound of this size and rate, and the file.
    Ffmpeg(&'static str),
    /// The pipeline of a picture and a sound into `mux.`; the muxer stands in the line.
    Gst,
}

const fn ffmpeg(source: &'static str, line: &'static str) -> Row {
    Row { maker: Maker::Ffmpeg(source), line, told: &[] }
}

const fn gst(line: &'static str) -> Row {
    Row { maker: Maker::Gst, line, told: &[] }
}

const fn telling(row: Row, told: &'static [DemuxProblem]) -> Row {
    Row { told, ..row }
}

const REORDERED: DemuxProblem = DemuxProblem::Reordered;
const AAC: DemuxProblem = DemuxProblem::AudioCodec { found: "AAC" };
const SMALL: &str = "size=320x180:rate=30:duration=2";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // the encoder
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus"),
    ffmpeg(SMALL, "-c:v libx264 -preset veryfast -bf 0 -profile:v high -c:a libopus"),
    ffmpeg(SMALL, "-c:v libx264 -preset medium -bf 0 -profile:v main -c:a libopus -ac 2 -b:a 48k"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -x264-params aud=1:repeat-headers=1 -c:a libopus"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -x264-params slices=4 -c:a libopus -frame_duration 60"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -x264-params slice-max-size=400 -c:a libopus -frame_duration 10"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -b:v 300k -maxrate 300k -bufsize 300k -x264-params nal-hrd=cbr -c:a libopus"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -g 1 -c:a libopus"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -c:a libopus -application lowdelay -frame_duration 2.5"),
    // sizes and rates
    ffmpeg("size=640x360:rate=60:duration=1", "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus"),
    ffmpeg("size=426x240:rate=25:duration=2", "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus"),
    ffmpeg("size=1280x720:rate=50:duration=0.5", "-c:v libx264 -preset ultrafast -tune zerolatency -qp 12 -c:a libopus"),
    ffmpeg("size=320x180:rate=30000/1001:duration=2", "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus"),
    // the muxer
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -pes_payload_size 0"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -omit_video_pes_length 0"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -muxrate 2M -pcr_period 20"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -muxdelay 0.1 -muxpreload 0.5"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -muxdelay 3 -muxpreload 1"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -mpegts_flags resend_headers+pat_pmt_at_frames"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -mpegts_flags initial_discontinuity+system_b -pat_period 0.1"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -mpegts_start_pid 0x1f0 -mpegts_pmt_start_pid 0x700 -mpegts_service_id 77"),
    ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -output_ts_offset 95442.2"),
    ffmpeg(SMALL, "-an -c:v libx264 -preset ultrafast -tune zerolatency"),
    ffmpeg(SMALL, "-vn -c:a libopus -ac 2"),
    // GStreamer
    gst("x264enc tune=zerolatency speed-preset=ultrafast ! h264parse ! queue ! mux. opusenc ! queue ! mux. mpegtsmux name=mux alignment=7"),
    gst("x264enc tune=zerolatency speed-preset=ultrafast ! h264parse ! queue ! mux. opusenc frame-size=10 ! queue ! mux. mpegtsmux name=mux alignment=-1"),
    gst("x264enc tune=zerolatency bitrate=400 aud=false ! h264parse config-interval=-1 ! queue ! mux. opusenc frame-size=60 ! queue ! mux. mpegtsmux name=mux pat-interval=9000 pmt-interval=9000"),
    gst("x264enc tune=zerolatency sliced-threads=true key-int-max=15 ! h264parse ! queue ! mux. opusenc inband-fec=true ! queue ! mux. mpegtsmux name=mux pcr-interval=1800 bitrate=3000000"),
    // what is wrong
    telling(ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a aac"), &[AAC]),
    telling(ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a aac -mpegts_flags latm"), &[AAC]),
    telling(ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a mp2"), &[DemuxProblem::AudioCodec { found: "MPEG audio" }]),
    telling(ffmpeg(SMALL, "-c:v libx264 -preset fast -bf 2 -c:a libopus"), &[REORDERED]),
    telling(ffmpeg(SMALL, "-c:v libx264 -preset medium -g 30 -x264-params open-gop=1:b-pyramid=normal -c:a libopus"), &[REORDERED]),
    telling(ffmpeg("size=320x180:rate=30:duration=4", "-c:v libx264 -preset ultrafast -tune zerolatency -g 30 -x264-params intra-refresh=1 -c:a libopus"), &[DemuxProblem::OpenGop]),
    telling(ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -flags ildct+ilme -c:a libopus"), &[DemuxProblem::Interlaced]),
    telling(ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv420p10le -c:a libopus"), &[DemuxProblem::VideoProfile { found: "deeper than 8-bit" }]),
    telling(ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv422p -c:a libopus"), &[DemuxProblem::VideoProfile { found: "4:2:2" }]),
    telling(ffmpeg(SMALL, "-c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv444p -c:a libopus"), &[DemuxProblem::VideoProfile { found: "4:4:4" }]),
];

fn make(row: &Row, file: &Path) {
    match row.maker {
        Maker::Ffmpeg(source) => {
            let inputs =
                format!("-f lavfi -i testsrc2={source} -f lavfi -i sine=sample_rate=48000:duration=2");
            // The picture is 4:2:0 unless the line says otherwise: the later option of the two holds.
            let line =
                format!("-nostdin -v error -y {inputs} -pix_fmt yuv420p {} -f mpegts {{out}}", row.line);
            run("ffmpeg", &line, &[("out", file)]);
        }
        Maker::Gst => {
            let (picture, rest) = row.line.split_once(" mux. ").expect("a picture");
            let (sound, muxer) = rest.split_once(" mux. ").expect("a sound");
            let line = format!(
                "-q {muxer} ! filesink location={{out}} \
                 videotestsrc num-buffers=60 ! video/x-raw,format=I420,width=320,height=180,framerate=30/1 ! {picture} mux. \
                 audiotestsrc num-buffers=100 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! {sound} mux."
            );
            run("gst-launch-1.0", &line, &[("out", file)]);
        }
    }
}

/// Times as they stand in the file: ffmpeg counts backwards from a wrap that is near, we forwards.
fn as_written(frames: Vec<Frame>) -> Vec<Frame> {
    frames.into_iter().map(|(time, size, sum)| (time & ((1 << 33) - 1), size, sum)).collect()
}

/// What differs from ffmpeg's reading or from what is to be told.
fn compare(row: &Row, file: &Path) -> Result<usize, String> {
    let bytes = fs::read(file).expect("the file just made");
    let events = events_of(&mut TsDemuxer::new(), bytes.chunks(MAX_MESSAGE));
    let mut told = Vec::new();
    for event in &events {
        match event {
            DemuxEvent::Unusable(problem) => told.push(*problem),
            DemuxEvent::Discontinuity { track, cause } => return Err(format!("{track}: {cause:?}")),
            DemuxEvent::Unit(_) | DemuxEvent::Format { .. } => {}
        }
    }
    if told != row.told {
        return Err(format!("told {told:?}"));
    }
    let units = units_of(events);
    let sound_is_foreign = row.told.iter().any(|problem| matches!(problem, DemuxProblem::AudioCodec { .. }));
    for (track, option) in [(Track::Video, "-vn"), (Track::Audio, "-an")] {
        let absent = row.line.contains(option) || (track == Track::Audio && sound_is_foreign);
        let theirs = if absent { Vec::new() } else { as_written(frames_of(file, track)) };
        let ours = as_written(as_frames(&units, track));
        if theirs.is_empty() != absent {
            return Err(format!("{track}: ffmpeg reads nothing"));
        }
        let differs = ours.iter().zip(&theirs).position(|(ours, theirs)| ours != theirs);
        if differs.is_some() || ours.len() != theirs.len() {
            return Err(format!(
                "{track}: {} units, {} by ffmpeg, other from {differs:?}",
                ours.len(),
                theirs.len()
            ));
        }
    }
    Ok(units.len())
}

#[test]
fn every_setting_is_read_like_ffmpeg_reads_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (next, failures) = (Mutex::new(ROWS.iter().enumerate()), Mutex::new(Vec::new()));
    // Two at once: each is a process that encodes and two that read.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((index, row)) = next.lock().expect("no row panicked").next() else { return };
                    let file = folder.path().join(format!("{index}.ts"));
                    make(row, &file);
                    if let Err(difference) = compare(row, &file) {
                        failures
                            .lock()
                            .expect("no row panicked")
                            .push(format!("{}\n    {difference}", row.line));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no row panicked");
    assert!(failures.is_empty(), "{} of {} settings:\n{}", failures.len(), ROWS.len(), failures.join("\n"));
}

/// Two encoders' files, one behind the other as when an encoder is set anew: other size, other times, counters that
/// start over.
#[test]
fn another_size_in_mid_stream_is_followed_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut bytes, mut wanted, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for (index, source) in [SMALL, "size=640x360:rate=25:duration=2", SMALL].into_iter().enumerate() {
        let file = folder.path().join(format!("{index}.ts"));
        make(
            &ffmpeg(source, "-c:v libx264 -preset ultrafast -tune zerolatency -c:a libopus -muxdelay 0"),
            &file,
        );
        bytes.extend(fs::read(&file).expect("the file just made"));
        wanted.push((frames_of(&file, Track::Video), frames_of(&file, Track::Audio)));
    }
    let events = events_of(&mut TsDemuxer::new(), bytes.chunks(MAX_MESSAGE));
    for event in &events {
        match event {
            DemuxEvent::Format { video: Some(format), .. } => sizes.extend(format.sps.map(|sps| sps.width)),
            DemuxEvent::Unusable(problem) => panic!("{problem}"),
            _ => {}
        }
    }
    sizes.dedup();
    assert_eq!(sizes, [320, 640, 320]);
    let units = units_of(events);
    let contents =
        |frames: Vec<Frame>| frames.into_iter().map(|(_, size, sum)| (size, sum)).collect::<Vec<_>>();
    let (video, audio): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
    assert_eq!(contents(as_frames(&units, Track::Video)), contents(video.concat()));
    assert_eq!(contents(as_frames(&units, Track::Audio)), contents(audio.concat()));
    assert!(units.iter().filter(|unit| unit.keyframe).count() >= 3);
}
