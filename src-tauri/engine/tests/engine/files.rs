//! A real film as a source.

use std::path::{Path, PathBuf};
use std::process::Command;

use returnfeed_engine::gui::{Notice, SourceState};
use returnfeed_media::Track;
use returnfeed_protocol::MediaTime;

use crate::decode::decode;
use crate::server::{Arrival, Server};
use crate::stage::{Stage, film};

#[test]
fn a_film_is_played_over_and_over_without_a_gap() {
    let server = Server::start();
    let stage = Stage::start(&[&format!("file:{}", film().display())], &server);
    stage.wait_source(1, 0, |state| *state == SourceState::Live);
    let begun = server.until("pictures", "high", 1, |arrival| arrival.unit.track == Track::Video).len();
    let arrivals = server.wait("twelve seconds, more than two rounds", |heard| {
        let of_high = || heard.arrivals.iter().filter(|arrival| arrival.stream == "high");
        let (first, last) = (of_high().nth(begun)?.unit.pts.0, of_high().last()?.unit.pts.0);
        (last > first + 12 * MediaTime::HZ).then(|| of_high().cloned().collect::<Vec<Arrival>>())
    });
    let states: Vec<Notice> =
        stage.notices().into_iter().filter(|notice| matches!(notice, Notice::Source { .. })).collect();
    assert!(states.iter().all(|notice| matches!(
        notice,
        Notice::Source { state: SourceState::Starting | SourceState::Live, .. }
    )));
    let sound: Vec<&Arrival> = arrivals.iter().filter(|arrival| arrival.unit.track == Track::Audio).collect();
    assert!(sound[1..].windows(2).all(|pair| pair[1].unit.pts.0 - pair[0].unit.pts.0 == 1_800));
    let spoken = sound.iter().filter(|packet| packet.unit.data.len() > 40).count();
    assert!(spoken * 2 > sound.len(), "the film's own sound is heard, not silence");
    let pictures = decode(&arrivals);
    let widest = pictures.windows(2).map(|pair| pair[1].pts.0 - pair[0].pts.0).max().unwrap();
    println!("widest gap between two pictures over the loop's seams: {} ms", widest / 90);
    let repeated = pictures.last().unwrap().luma_plane() != pictures[pictures.len() / 2].luma_plane();
    assert!(repeated, "the picture moves");
    stage.stop();
}

/// As a phone films: upright, at NTSC's rate, with the sound of another trade.
fn odd(folder: &Path) -> PathBuf {
    let film = folder.join("upright.mp4");
    let line = "-v error -f lavfi -i testsrc2=s=360x640:r=30000/1001 -f lavfi -i sine=f=440:r=44100 \
                -t 4 -pix_fmt yuv420p -ac 8 -ar 44100 -c:a aac";
    let made = Command::new("ffmpeg").args(line.split_whitespace()).arg(&film).status().unwrap();
    assert!(made.success());
    film
}

#[test]
fn a_portrait_film_at_ntscs_rate_with_eight_channels_at_44_1_khz_is_shown_whole_and_heard() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    let stage = Stage::start(&[&format!("file:{}", odd(folder.path()).display())], &server);
    stage.wait_source(1, 0, |state| *state == SourceState::Live);
    let is_picture = |arrival: &Arrival| arrival.unit.track == Track::Video;
    let had = server.until("what came", "high", 0, is_picture).into_iter().filter(is_picture).count();
    let arrivals = server.until("two seconds of it", "high", had + 60, is_picture);
    let sound: Vec<&Arrival> = arrivals.iter().filter(|arrival| arrival.unit.track == Track::Audio).collect();
    let spoken = sound.iter().rev().take(50).filter(|packet| packet.unit.data.len() > 40).count();
    assert!(spoken > 25, "{spoken} of the last fifty packets are more than silence");
    let last = decode(&arrivals).pop().unwrap();
    // 640x360 with the film upright in its middle: black beside it, and its own picture from top to bottom.
    assert!(last.luma(8, 180) < 24 && last.luma(624, 180) < 24, "black beside it");
    let middle: Vec<u8> = (0..352).step_by(16).map(|y| last.luma(316, y)).collect();
    let shown = middle.iter().filter(|luma| **luma > 24).count();
    assert!(shown > middle.len() / 2, "the picture itself: {middle:?}");
    stage.stop();
}
