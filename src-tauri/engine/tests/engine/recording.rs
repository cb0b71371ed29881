//! A recording of the real programme, and what a kill leaves of it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::director::{Said, running_with};
use crate::server::Server;

fn films(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).map(|all| all.map(|one| one.unwrap().path()).collect());
    all.unwrap_or_default()
}

/// Packets of the two tracks that ffmpeg decodes without a complaint.
fn packets(film: &Path) -> (usize, usize) {
    let decoded = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(film)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    assert!(decoded.status.success(), "{}", String::from_utf8_lossy(&decoded.stderr));
    let count = |track: &str| {
        let arguments =
            ["-v", "error", "-select_streams", track, "-show_entries", "packet=pts_time", "-of", "csv=p=0"];
        let out = Command::new("ffprobe").args(arguments).arg(film).output().unwrap();
        assert!(out.status.success());
        String::from_utf8_lossy(&out.stdout).lines().count()
    };
    (count("v"), count("a"))
}

#[test]
fn what_was_recorded_before_a_kill_can_be_played_and_what_was_stopped_has_its_length() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let films_in = folder.path().join("films");
    let mut child = running_with(&server, &["--recordings", films_in.to_str().unwrap()]);
    let mut keys = child.stdin.take().unwrap();
    let mut said = Said::by(&mut child);
    said.until(r#""event":"buses","programme":1"#);
    writeln!(keys, "v1").unwrap();
    said.until(r#""event":"recording","state":"running""#);
    server.until("some seconds of pictures", "high", 150, |arrival| {
        arrival.unit.track == returnfeed_media::Track::Video
    });
    writeln!(keys, "v0").unwrap();
    said.until(r#""event":"recording","state":"off""#);
    let first = films(&films_in).pop().unwrap();
    let (pictures, sounds) = packets(&first);
    assert!(pictures >= 10 && sounds >= 10, "{pictures} pictures, {sounds} packets of sound");
    let arguments = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"];
    let length = Command::new("ffprobe").args(arguments).arg(&first).output().unwrap();
    let length: f64 = String::from_utf8_lossy(&length.stdout).trim().parse().expect("a length");
    assert!(length > 0.1, "{length}");

    writeln!(keys, "v1").unwrap();
    let second = loop {
        let grown = films(&films_in)
            .into_iter()
            .find(|film| *film != first && std::fs::metadata(film).is_ok_and(|film| film.len() > 100_000));
        match grown {
            Some(film) => break film,
            None => std::thread::yield_now(),
        }
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let (pictures, sounds) = packets(&second);
    assert!(pictures >= 10 && sounds >= 10, "{pictures} pictures, {sounds} packets of sound after the kill");
}
