//! The push when the server goes, comes back, or refuses.

use std::time::Duration;

use returnfeed_engine::gui::{Notice, PushState};
use returnfeed_engine::push::{PushFailure, PushTarget, probe};
use returnfeed_media::Track;
use returnfeed_protocol::Layer;
use returnfeed_srt::{CallerEnd, CloseReason};

use crate::server::{Arrival, PASSPHRASE, Server};
use crate::stage::Stage;

fn is_video(arrival: &Arrival) -> bool {
    arrival.unit.track == Track::Video
}

fn failure(notice: &Notice) -> Option<String> {
    match notice {
        Notice::Push { layer: Layer::High, state: PushState::Failed { reason, .. } } => {
            Some(reason.to_string())
        }
        _ => None,
    }
}

#[test]
fn a_server_that_was_gone_is_pushed_to_again_from_a_keyframe_on() {
    let server = Server::start();
    let address = server.address;
    let stage = Stage::start(&["test"], &server);
    let before = server.until("pictures", "high", 60, is_video).last().unwrap().unit.pts;
    drop(server);
    stage.wait("the failure", failure);
    let server = Server::on(address);
    for stream in ["high", "low"] {
        let arrivals = server.until("pictures again", stream, 30, is_video);
        let first = arrivals.iter().find(|arrival| is_video(arrival)).unwrap();
        assert!(first.unit.keyframe, "{stream} resumes with a keyframe");
        assert!(first.unit.pts > before, "time goes on");
    }
    stage.stop();
}

#[test]
fn sound_goes_once_and_with_the_low_layer_only_where_that_is_all_there_is() {
    let is_audio = |arrival: &Arrival| arrival.unit.track == Track::Audio;
    let server = Server::start();
    let stage = Stage::start(&["test"], &server);
    for stream in ["high", "low"] {
        server.until("pictures", stream, 30, is_video);
    }
    let now = server.wait("now", |heard| Some(heard.arrivals.len()));
    let later = server.wait("a second more", |heard| {
        let later = heard.arrivals.get(now..)?;
        (later.iter().filter(|a| a.stream == "high" && is_audio(a)).count() >= 50).then(|| later.to_vec())
    });
    assert!(!later.iter().any(|a| a.stream == "low" && is_audio(a)), "the high layer carries it");
    stage.stop();

    let server = Server::start();
    let stage = Stage::of(&["test"], server.address, PASSPHRASE, &[Layer::Low]);
    server.until("a second of sound", "low", 50, is_audio);
    stage.stop();
}

#[test]
fn a_wrong_passphrase_is_told_in_plain_words() {
    let server = Server::start();
    let stage = Stage::to(&["test"], server.address, "not this session's");
    let (_, reason) = stage.wait("the refusal", failure);
    assert_eq!(reason, "the passphrase is not this session's; copy the SRT address of this session again");
    stage.stop();
}

#[test]
fn no_server_at_all_is_told_with_what_to_check() {
    let server = Server::start();
    let address = server.address;
    drop(server);
    let stage = Stage::to(&["test"], address, PASSPHRASE);
    let (_, reason) = stage.wait("the failure", failure);
    assert!(reason.contains("no answer from the server") && reason.contains("UDP port"), "{reason}");
    stage.stop();
}

#[test]
fn ending_the_engine_says_goodbye_to_the_server() {
    let server = Server::start();
    let stage = Stage::start(&["test"], &server);
    server.until("pictures", "low", 10, is_video);
    stage.stop();
    let closed =
        server.wait("both goodbyes", |heard| (heard.closed.len() == 2).then(|| heard.closed.clone()));
    assert!(closed.iter().all(|(_, reason)| *reason == CloseReason::PeerClosed), "{closed:?}");
}

#[test]
fn a_probe_says_what_the_server_has_of_it_and_says_goodbye() {
    let server = Server::start();
    let target = PushTarget {
        host: server.address.ip().to_string(),
        port: server.address.port(),
        stream_id: "probe".to_owned(),
        passphrase: PASSPHRASE.into(),
        latency: Duration::from_millis(20),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = runtime.block_on(probe::measure(&target, Duration::from_secs(1))).unwrap();
    assert!((1..=probe::BITS_PER_SECOND).contains(&found.bits_per_second), "{found:?}");
    assert!(!found.rtt.is_zero(), "{found:?}");
    server.wait("the goodbye", |heard| {
        heard.closed.contains(&("probe".to_owned(), CloseReason::PeerClosed)).then_some(())
    });
    let wrong = PushTarget { passphrase: "another one".into(), ..target };
    let refused = runtime.block_on(probe::measure(&wrong, Duration::from_secs(1)));
    assert_eq!(refused, Err(PushFailure::End(CallerEnd::WrongPassphrase)));
}
