//! A real film as a source.

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
