//! What is on air while a source is not there.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use returnfeed_engine::gui::SourceState;
use returnfeed_media::Track;

use crate::decode::{Decoded, decode};
use crate::server::{Arrival, Server};
use crate::stage::{Stage, film};

/// Luma of a slate's ground.
const GROUND: u8 = 42;

fn is_slate(picture: &Decoded) -> bool {
    [(8, 60), (620, 60), (8, 300), (620, 300)]
        .into_iter()
        .all(|(x, y)| picture.luma(x, y).abs_diff(GROUND) < 6)
}

/// All of the high layer once pictures have come for another second.
fn a_second_more(server: &Server) -> Vec<Arrival> {
    let is_video = |arrival: &Arrival| arrival.stream == "high" && arrival.unit.track == Track::Video;
    let now = server.wait("now", |heard| Some(heard.arrivals.iter().filter(|a| is_video(a)).count()));
    server.until("a second more", "high", now + 25, is_video)
}

fn signal(process: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &process.id().to_string()]).status().unwrap().success());
}

struct Encoder(Child);

impl Encoder {
    /// The real ffmpeg, which feeds a named pipe at its own pace.
    fn into_pipe(pipe: &Path) -> Self {
        assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
        let line = "-nostdin -loglevel error -re -f lavfi -i testsrc2=s=640x360:r=25 -c:v libx264 -preset ultrafast \
                    -tune zerolatency -g 25 -b:v 2M -minrate 2M -maxrate 2M -bufsize 1M -f mpegts -y";
        let ffmpeg = Command::new("ffmpeg")
            .args(line.split_whitespace())
            .arg(pipe)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self(ffmpeg)
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_frozen_source_is_a_slate_within_a_second_and_comes_back_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("camera.ts");
    let encoder = Encoder::into_pipe(&pipe);
    let server = Server::start();
    let stage = Stage::start(&[&format!("file:{}", pipe.display())], &server);
    stage.wait_source(1, 0, |state| *state == SourceState::Live);
    a_second_more(&server);
    let seen = stage.seen();
    signal(&encoder.0, "-STOP");
    stage.wait_source(1, seen, |state| *state == SourceState::Frozen);
    let pictures = decode(&a_second_more(&server));
    let slate = pictures.iter().rposition(|picture| !is_slate(picture)).unwrap() + 1;
    let silence = (pictures[slate].pts.0 - pictures[slate - 1].pts.0) / 90;
    println!("last frame to slate: {silence} ms");
    assert!(silence < 2_000, "{silence} ms");
    assert!(pictures[slate..].len() >= 20, "the slate runs");
    let words = |picture: &Decoded| picture.luma_plane().iter().filter(|luma| **luma > 180).count();
    assert!(words(&pictures[slate]) > 300, "and says what is wrong");

    let seen = stage.seen();
    signal(&encoder.0, "-CONT");
    stage.wait_source(1, seen, |state| *state == SourceState::Live);
    let pictures = decode(&a_second_more(&server));
    assert!(!is_slate(pictures.last().unwrap()), "the source is back");
    drop(encoder);
    stage.stop();
}

#[test]
fn a_file_that_breaks_while_it_plays_is_a_slate_and_plays_again_once_mended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("opener.mp4");
    std::fs::copy(film(), &file).unwrap();
    let server = Server::start();
    let stage = Stage::start(&[&format!("file:{}", file.display())], &server);
    stage.wait_source(1, 0, |state| *state == SourceState::Live);
    a_second_more(&server);
    let seen = stage.seen();
    std::fs::write(&file, b"this is no film").unwrap();
    let lost = stage.wait_source(1, seen, |state| matches!(state, SourceState::Lost { .. }));
    println!("the broken file: {lost:?}");
    let pictures = decode(&a_second_more(&server));
    assert!(is_slate(pictures.last().unwrap()), "the push goes on with a slate");

    let seen = stage.seen();
    std::fs::copy(film(), &file).unwrap();
    stage.wait_source(1, seen, |state| *state == SourceState::Live);
    let pictures = decode(&a_second_more(&server));
    assert!(!is_slate(pictures.last().unwrap()), "the film plays again");
    stage.stop();
}

#[test]
fn a_missing_file_is_named_with_what_to_do_and_the_others_go_on() {
    let server = Server::start();
    let stage = Stage::start(&["file:/nowhere/opener.mp4", "test"], &server);
    let lost = stage.wait_source(1, 0, |state| matches!(state, SourceState::Lost { .. }));
    let reason = "there is no file /nowhere/opener.mp4; put it there and it plays by itself";
    assert!(matches!(&lost, SourceState::Lost { reason: said } if **said == *reason), "{lost:?}");
    stage.wait_source(2, 0, |state| *state == SourceState::Live);
    let pictures = decode(&a_second_more(&server));
    assert!(
        pictures.iter().all(is_slate),
        "the programme is the slate of source 1 from the first picture on"
    );
    stage.stop();
}
