//! A caller that requests a stream: what the listener sends arrives as what a caller pushes does.

use std::time::Duration;

use bytes::Bytes;
use returnfeed_srt::{CallerEnd, CallerEvent, CloseReason, SendRefusal};

use crate::KEY;
use crate::network::{Pair, message};
use crate::path::Path;

/// A listener that serves whoever knows the passphrase.
fn served(path: Path, seed: u64) -> Pair {
    let mut pair = Pair::requesting(path, seed, KEY);
    let asked = loop {
        match pair.asked() {
            Some(asked) => break asked,
            None => pair.run(Duration::from_millis(50)),
        }
        assert!(pair.elapsed() < Duration::from_secs(3), "seed {seed}: nobody asked");
    };
    pair.serve(asked, KEY);
    let mut events = Vec::new();
    while events.is_empty() {
        pair.run(Duration::from_millis(50));
        events = pair.caller_events();
        assert!(pair.elapsed() < Duration::from_secs(6), "seed {seed}: not connected");
    }
    assert!(matches!(events.as_slice(), [CallerEvent::Connected { .. }]), "{events:?}");
    pair
}

fn messages(events: Vec<CallerEvent>) -> Vec<Bytes> {
    let message = |event| match event {
        CallerEvent::Message(data) => data,
        other => panic!("{other:?}"),
    };
    events.into_iter().map(message).collect()
}

#[test]
fn what_is_requested_arrives_whole_and_in_order() {
    let mut pair = served(Path::CLEAN, 1);
    let connection = pair.connection();
    let mut all = Vec::new();
    for n in 0..500 {
        pair.serve_message(message(n)).unwrap();
        pair.run(Duration::from_millis(2));
        all.extend(pair.caller_events());
    }
    pair.run(Duration::from_millis(200));
    all.extend(pair.caller_events());
    assert_eq!(messages(all), (0..500).map(message).collect::<Vec<_>>());
    assert_eq!(pair.send(message(0)), Err(SendRefusal::NotConnected), "nothing goes the other way");
    let now = pair.now();
    assert_eq!(pair.listener.stats(connection), None);
    pair.caller.close(now);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.closed(), Some(CloseReason::PeerClosed));
}

#[test]
fn what_a_bad_path_loses_is_repeated_across_key_changes() {
    for seed in 1..8 {
        let mut pair = served(Path { loss_per_mille: 50, ..Path::CLEAN }, seed);
        pair.change_served_keys_every(200);
        let mut all = Vec::new();
        for n in 0..1_000 {
            pair.serve_message(message(n)).unwrap();
            pair.run(Duration::from_millis(4));
            all.extend(pair.caller_events());
        }
        pair.run(Duration::from_secs(2));
        all.extend(pair.caller_events());
        assert_eq!(messages(all), (0..1_000).map(message).collect::<Vec<_>>(), "seed {seed}");
        assert!(pair.caller.received().unwrap().key_changes >= 3, "seed {seed}");
    }
}

#[test]
fn a_request_with_another_passphrase_is_served_nothing() {
    let mut pair = Pair::requesting(Path::CLEAN, 3, "another passphrase");
    let asked = pair.asked().unwrap();
    pair.serve(asked, KEY);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.caller_events(), [CallerEvent::Closed(CallerEnd::WrongPassphrase)]);
    assert_eq!(pair.closed(), Some(CloseReason::WrongKey));
}

#[test]
fn silence_ends_both_ends_of_a_request() {
    let mut pair = served(Path::CLEAN, 4);
    pair.cut();
    pair.run(Duration::from_secs(7));
    assert_eq!(pair.closed(), Some(CloseReason::PeerGone));
    assert_eq!(pair.caller_events(), [CallerEvent::Closed(CallerEnd::PeerGone)]);
}
