//! A session's log, killed in the middle, and the cut list of it beside the file that was recorded.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use returnfeed_media::Track;

use crate::director::{Said, director, running_with};
use crate::server::{Arrival, Server};

fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
    let [file] = files.as_slice() else { panic!("not one file: {files:?}") };
    file.clone()
}

fn run(command: &mut Command) -> String {
    let said = command.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap()
}

/// A second of black.
fn black(folder: &Path) -> PathBuf {
    let film = folder.join("black.mp4");
    let arguments =
        ["-v", "error", "-f", "lavfi", "-i", "color=black:s=640x360:r=30", "-t", "1", "-pix_fmt", "yuv420p"];
    run(Command::new("ffmpeg").args(arguments).arg(&film));
    film
}

/// When the pictures of a film turn dark or bright, in seconds since its first.
fn turns(film: &Path) -> Vec<f64> {
    // A filter's argument has characters of its own: the name has none of them.
    let folder = film.parent().unwrap();
    std::fs::copy(film, folder.join("film.mkv")).unwrap();
    let shown = "frame=pts_time:frame_tags=lavfi.signalstats.YAVG";
    let read = [
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "movie=film.mkv,signalstats",
        "-show_entries",
        shown,
        "-of",
        "csv=p=0",
    ];
    let said = run(Command::new("ffprobe").args(read).current_dir(folder));
    let frames: Vec<(f64, bool)> = said
        .lines()
        .map(|line| {
            let (at, luma) = line.split_once(',').unwrap();
            (at.parse().unwrap(), luma.trim_end_matches(',').parse::<f64>().unwrap() < 20.0)
        })
        .collect();
    frames.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1].0 - frames[0].0).collect()
}

/// Waits for so many more.
fn pictures(server: &Server, more: usize) {
    let is_picture = |arrival: &Arrival| arrival.unit.track == Track::Video;
    let came = server.until("what came", "high", 0, is_picture).into_iter().filter(is_picture).count();
    server.until("more pictures", "high", came + more, is_picture);
}

/// `HH:MM:SS:FF` at 60 frames, in seconds.
fn seconds(timecode: &str) -> f64 {
    let parts: Vec<f64> = timecode.split(':').map(|part| part.parse().unwrap()).collect();
    let [hours, minutes, seconds, frames] = parts[..] else { panic!("{timecode}") };
    hours * 3_600.0 + minutes * 60.0 + seconds + frames / 60.0
}

#[test]
fn the_cut_list_of_a_director_that_was_killed_has_its_cuts_where_the_recorded_file_has_them() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let (films, logs) = (folder.path().join("films"), folder.path().join("logs"));
    let dark = format!("file:{}", black(folder.path()).display());
    let places = ["--recordings", films.to_str().unwrap(), "--logs", logs.to_str().unwrap()];
    let more = [&places[..], &["--source", &dark]].concat();
    let mut child = running_with(&server, &more);
    let mut keys = child.stdin.take().unwrap();
    let mut said = Said::by(&mut child);
    said.until(r#""event":"log","state":"running""#);
    said.until(r#""event":"source","source":3,"label":"black.mp4","state":"live""#);
    said.until(r#""event":"buses","programme":1"#);
    writeln!(keys, "v1").unwrap();
    said.until(r#""event":"recording","state":"running""#);
    for key in ["3", "1", "3"] {
        pictures(&server, 30);
        said.forget();
        writeln!(keys, "{key}").unwrap();
        said.until(&format!(r#""event":"buses","programme":{key}"#));
    }
    pictures(&server, 180);
    child.kill().unwrap();
    child.wait().unwrap();

    let film = only_file(&films);
    let (edl, otio) = (folder.path().join("cuts.edl"), folder.path().join("cuts.otio"));
    let told = run(director()
        .args(["report", "--fps", "60", "--session"])
        .arg(only_file(&logs))
        .arg("--edl")
        .arg(&edl)
        .arg("--otio")
        .arg(&otio));
    assert!(told.contains("4 cuts; source times are those of the recording."), "{told}");
    let text = std::fs::read_to_string(&edl).unwrap();
    let events: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("00"))
        .map(|line| line.split_ascii_whitespace().collect())
        .collect();
    let clips: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("* FROM CLIP NAME: ")).collect();
    assert_eq!(clips, ["Test picture", "black.mp4", "Test picture", "black.mp4"]);
    let turns = turns(&film);
    assert_eq!(turns.len(), 3, "{turns:?}");
    for (event, turn) in events[1..].iter().zip(turns) {
        let listed = seconds(event[4]);
        assert!((listed - turn).abs() < 1.0 / 60.0, "the list says {listed}, the file {turn}");
    }
    assert!(
        std::fs::read_to_string(&otio)
            .unwrap()
            .contains(film.file_name().unwrap().to_str().unwrap().split(' ').next().unwrap())
    );
    let again = director()
        .args(["report", "--session"])
        .arg(only_file(&logs))
        .arg("--edl")
        .arg(&edl)
        .output()
        .unwrap();
    assert!(!again.status.success(), "never over another file");
}
