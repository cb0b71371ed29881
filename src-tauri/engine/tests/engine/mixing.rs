//! Two pictures in one: mixed, keyed, black; pushed, received and looked at.

use std::time::Duration;

use returnfeed_engine::controller::Command;
use returnfeed_engine::gui::{Notice, SourceState};
use returnfeed_engine::multiview::Shows;
use returnfeed_engine::picture::test::backdrop;
use returnfeed_engine::switch::{KeyPicture, Manner, Transition};
use returnfeed_media::Track;

use crate::decode::{Decoded, decode};
use crate::server::{Arrival, Server};
use crate::stage::{Stage, source};

fn is_video(arrival: &Arrival) -> bool {
    arrival.unit.track == Track::Video
}

fn live(server: &Server) -> Stage {
    let stage = Stage::start(&["test", "test"], server);
    for number in [1, 2] {
        stage.wait_source(number, 0, |state| *state == SourceState::Live);
    }
    server.until("a second of pictures", "high", 60, is_video);
    stage
}

/// All that came, a second of pictures later.
fn a_second_more(server: &Server) -> Vec<Decoded> {
    let count = server.wait("now", |heard| {
        Some(heard.arrivals.iter().filter(|arrival| arrival.stream == "high" && is_video(arrival)).count())
    });
    decode(&server.until("a second more", "high", count + 40, is_video))
}

/// Where nothing moves in a test picture.
const STILL: (usize, usize) = (20, 200);

#[test]
fn a_mix_goes_from_one_picture_to_the_other_through_both_and_a_cut_is_none() {
    let server = Server::start();
    let stage = live(&server);
    let transition = Transition { manner: Manner::Mix, duration: Duration::from_millis(1_500) };
    stage.command(Command::Auto(transition));
    let both = |notice: &Notice| match notice {
        Notice::Buses { programme, incoming: Some(incoming), .. } => Some((*programme, *incoming)),
        _ => None,
    };
    assert_eq!(stage.wait("both on air", both).1, (source(1), source(2)));
    stage.wait("the end of the mix", |notice| {
        matches!(notice, Notice::Buses { programme, incoming: None, .. } if *programme == source(2))
            .then_some(())
    });
    let [one, two] = [1, 2].map(|n| f32::from(backdrop(source(n)).y));
    let part = |picture: &Decoded| (f32::from(picture.luma(STILL.0, STILL.1)) - one) / (two - one);
    let parts: Vec<f32> = a_second_more(&server).iter().map(part).collect();
    let between = parts.iter().filter(|part| (0.1..0.9).contains(*part)).count();
    assert!(between >= 8, "frames of both: {between}; {parts:?}");
    assert!(parts.windows(2).all(|two| two[1] > two[0] - 0.1), "it never goes back: {parts:?}");
    assert!(parts[0] < 0.1 && parts.last().is_some_and(|last| *last > 0.9), "{parts:?}");

    let seen = stage.seen();
    stage.command(Command::Cut(source(1)));
    stage.wait_since("the cut", seen, &mut |notice: &Notice| {
        matches!(notice, Notice::Buses { programme, .. } if *programme == source(1)).then_some(())
    });
    let after: Vec<f32> = a_second_more(&server).iter().map(part).collect();
    let from = after.iter().rposition(|part| *part > 0.9).unwrap();
    assert!(
        after[from + 1..].iter().all(|part| *part < 0.1),
        "a cut has nothing between: {:?}",
        &after[from..]
    );
    stage.stop();
}

#[test]
fn a_key_lies_over_the_programme_and_black_over_both() {
    let server = Server::start();
    let stage = live(&server);
    let third = KeyPicture::LowerThird { title: "Ada Lovelace".into(), subtitle: "수학자".into() };
    stage.command(Command::KeyPicture(Some(third.clone())));
    stage.wait("the key", |notice| match notice {
        Notice::Key { state } => (state.shows.as_ref() == Some(&third)).then_some(()),
        _ => None,
    });
    let ground = a_second_more(&server).last().unwrap().luma(560, 310);
    stage.command(Command::Key(true));
    stage.wait("the key on", |notice| matches!(notice, Notice::Key { state } if state.on).then_some(()));
    let pictures = a_second_more(&server);
    let band = pictures.last().unwrap().luma(560, 270);
    assert!(band < ground, "the band {band} is darker than the ground {ground}");
    assert!(pictures.last().unwrap().luma_plane().iter().any(|luma| *luma > 220), "and the name is bright");
    stage.command(Command::Black { black: true, duration: Duration::from_millis(300) });
    let mut last = a_second_more(&server);
    while last.last().unwrap().luma_plane().iter().any(|luma| *luma > 24) {
        last = a_second_more(&server);
    }
    stage.command(Command::Black { black: false, duration: Duration::ZERO });
    while last.last().unwrap().luma_plane().iter().all(|luma| *luma <= 24) {
        last = a_second_more(&server);
    }
    stage.stop();
}

#[test]
fn the_multiview_shows_every_picture_in_its_place_while_somebody_looks() {
    let server = Server::start();
    let stage = live(&server);
    let multiview = stage.multiview();
    let shot = multiview.after(0, crate::stage::PATIENCE).expect("a picture");
    let layout = &shot.layout;
    assert_eq!((layout.width, layout.height, layout.tiles.len()), (1280, 540, 4));
    let (width, luma) = crate::decode::jpeg(&shot.jpeg);
    assert_eq!(width, 1280);
    let full = |n: u16| (f32::from(backdrop(source(n)).y) - 16.0) * 255.0 / 219.0;
    for tile in &layout.tiles {
        let expected = match tile.shows {
            Shows::Preview => full(2),
            Shows::Programme => full(1),
            Shows::Source(number) => full(number.get()),
            Shows::Monitor => panic!("nothing comes back from a server that is no cloud"),
        };
        let at = (tile.y + tile.height * 5 / 9) * width + tile.x + tile.width / 26;
        let got = f32::from(luma[at]);
        assert!((got - expected).abs() < 12.0, "{tile:?}: {got} for {expected}");
    }
    assert!(
        multiview.after(shot.number, crate::stage::PATIENCE).is_some_and(|next| next.number > shot.number)
    );
    let figures = stage.figures();
    assert_eq!(figures.sources.len(), 2);
    assert!(figures.sources.iter().all(|source| source.frames_per_second > 0 && source.level.peak > -60.0));
    stage.stop();
    assert!(multiview.after(u64::MAX, Duration::from_secs(1)).is_none());
}
