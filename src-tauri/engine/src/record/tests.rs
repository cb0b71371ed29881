//! The recorder with a disk of any size, and files that ffprobe reads.

use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use bytes::Bytes;
use returnfeed_protocol::MediaTime;
use tempfile::TempDir;

use super::*;

/// A real picture of x264, 16 by 16: parameter sets and an IDR.
fn keyframe(at_ms: u64) -> Unit {
    let data = Bytes::from_static(&[
        0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x0a, 0xda, 0x7b, 0x01, 0x10, 0, 0, 3, 0, 0x10, 0, 0, 3, 3, 0x28, 0xf1,
        0x22, 0x6a, 0, 0, 0, 1, 0x68, 0xce, 0x0f, 0xc8, 0, 0, 1, 0x65, 0x88, 0x84, 0x3a, 0x11, 0x8a, 0, 2,
        0x18, 0xf1, 0xc0, 0, 0x40, 0xf6, 0x38, 0, 8, 0x79, 0x60,
    ]);
    Unit { track: Track::Video, pts: MediaTime(at_ms * 90), data, keyframe: true }
}

fn sound(at_ms: u64) -> Unit {
    Unit {
        track: Track::Audio,
        pts: MediaTime(at_ms * 90),
        data: Bytes::from_static(&[0xfc, 0xff, 0xfe]),
        keyframe: true,
    }
}

struct Stage {
    recorder: Option<Recorder>,
    said: Receiver<RecordingState>,
    folder: TempDir,
}

impl Stage {
    fn with_space(space: impl Fn() -> u64 + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sender, said) = channel();
        let config =
            RecorderConfig { folder: Some(folder.path().join("films")), show: "Sun/day: 저녁".into() };
        let on = Box::new(move |state| sender.send(state).unwrap_or_default());
        let recorder = Recorder::start(config, Box::new(move |_| Ok(space())), on).unwrap();
        Self { recorder: Some(recorder), said, folder }
    }

    fn push(&self, unit: &Unit) {
        assert!(!self.recorder.as_ref().unwrap().inlet().push(unit));
    }

    fn record(&self, on: bool) {
        self.recorder.as_ref().unwrap().record(on);
    }

    fn heard(&self) -> RecordingState {
        self.said.recv_timeout(Duration::from_secs(20)).expect("the recorder says something")
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> = std::fs::read_dir(self.folder.path().join("films"))
            .map(|all| all.map(|one| one.unwrap().path()).collect())
            .unwrap_or_default();
        files.sort();
        files
    }
}

fn ffprobe(file: &Path, arguments: &[&str]) -> String {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-of", "csv=p=0"])
        .args(arguments)
        .arg(file)
        .output()
        .unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn a_recording_is_a_matroska_file_of_the_shows_name_with_both_tracks_whole_length_and_index() {
    let mut stage = Stage::with_space(|| 50_000_000_000);
    stage.push(&keyframe(0));
    stage.record(true);
    for n in 0..120 {
        let at = 5_000 + n * 20;
        stage.push(&sound(at));
        if n % 2 == 0 {
            stage.push(&keyframe(at));
        }
        if n % 40 == 39 {
            while stage.files().is_empty() {
                std::thread::yield_now();
            }
        }
    }
    let RecordingState::Running { file, free_bytes: 50_000_000_000, .. } = stage.heard() else {
        panic!("running")
    };
    assert!(file.contains("Sun-day- 저녁 20") && file.ends_with(".mkv"), "{file}");
    stage.record(false);
    assert_eq!(stage.heard(), RecordingState::Off);
    let files = stage.files();
    assert_eq!(files.len(), 1);
    let streams = ffprobe(&files[0], &["-show_entries", "stream=codec_name,width,sample_rate,channels"]);
    assert_eq!(streams, "h264,16\nopus,48000,2\n");
    assert_eq!(ffprobe(&files[0], &["-show_entries", "format=duration"]), "2.380000\n");
    let packets = ffprobe(&files[0], &["-show_entries", "packet=pts_time", "-select_streams", "v"]);
    assert_eq!((packets.lines().count(), packets.lines().next()), (60, Some("0.000000")));
    let last = ffprobe(&files[0], &["-show_entries", "packet=pts_time", "-select_streams", "a"]);
    // What was heard before the first picture is left out.
    assert_eq!((last.lines().count(), last.lines().next_back()), (119, Some("2.380000")));
    drop(stage.recorder.take());
}

#[test]
fn another_encoders_pictures_go_into_a_file_of_their_own() {
    let mut stage = Stage::with_space(|| 50_000_000_000);
    stage.record(true);
    stage.push(&keyframe(0));
    let mut other = keyframe(20);
    // Another level.
    let mut bytes = other.data.to_vec();
    bytes[7] = 0x0b;
    other.data = bytes.into();
    stage.push(&other);
    drop(stage.recorder.take());
    assert_eq!(stage.files().len(), 2);
}

#[test]
fn a_disk_that_is_nearly_full_begins_nothing_and_stops_what_runs() {
    let stage = Stage::with_space(|| 900_000_000);
    stage.record(true);
    let RecordingState::Stopped { reason } = stage.heard() else { panic!("stopped") };
    assert!(reason.contains("900 MB left") && reason.contains("free some of it"), "{reason}");
    assert!(stage.files().is_empty());

    let left = Arc::new(std::sync::atomic::AtomicU64::new(50_000_000_000));
    let disk = Arc::clone(&left);
    let stage = Stage::with_space(move || disk.load(std::sync::atomic::Ordering::Relaxed));
    stage.record(true);
    stage.push(&keyframe(0));
    assert!(matches!(stage.heard(), RecordingState::Running { .. }));
    left.store(200_000_000, std::sync::atomic::Ordering::Relaxed);
    let RecordingState::Stopped { reason } = stage.heard() else { panic!("stopped") };
    assert!(reason.contains("200 MB left"), "{reason}");
    assert_eq!(ffprobe(&stage.files()[0], &["-show_entries", "packet=pts_time"]).lines().count(), 1);
    left.store(50_000_000_000, std::sync::atomic::Ordering::Relaxed);
    stage.record(true);
    stage.push(&keyframe(60_000));
    assert!(matches!(stage.heard(), RecordingState::Running { .. }), "and again once there is room");
}

#[test]
fn without_a_folder_a_sentence_says_so() {
    let (sender, said) = channel();
    let config = RecorderConfig { folder: None, show: String::new() };
    let on = Box::new(move |state| sender.send(state).unwrap_or_default());
    let recorder = Recorder::start(config, Box::new(free_bytes), on).unwrap();
    recorder.record(true);
    let said = said.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(matches!(said, RecordingState::Stopped { reason } if reason.contains("name one")));
}
