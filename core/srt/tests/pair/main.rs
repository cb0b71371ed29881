//! Both ends over a simulated network in virtual time: what arrives, what is refused, and with which words.
//!
//! Each run is one seed. A seed that once failed is kept.

#![expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]

mod hostile;
#[expect(clippy::unwrap_used, reason = "a harness fails loudly; lints see only #[test] functions as tests")]
mod network;
mod path;
mod requests;
#[expect(clippy::unwrap_used, reason = "a harness fails loudly; lints see only #[test] functions as tests")]
mod run_sheets;

use std::time::Duration;

use returnfeed_srt::{CallerEnd, CallerEvent, CloseReason, ListenerEvent, Refusal, SendRefusal};

use network::{Pair, message};
use path::Path;

const KEY: &str = "a passphrase of this session";

#[test]
fn what_is_sent_arrives_whole_and_in_order() {
    let mut pair = Pair::connected(Path::CLEAN, 1);
    for n in 0..500 {
        pair.send(message(n)).unwrap();
        pair.run(Duration::from_millis(2));
    }
    pair.run(Duration::from_millis(200));
    assert_eq!(pair.messages(), (0..500).map(message).collect::<Vec<_>>());
}

#[test]
fn a_frame_leaves_at_once_and_is_held_for_nothing() {
    let mut pair = Pair::connected(Path::CLEAN, 2);
    pair.run(Duration::from_millis(500));
    let sent_at = pair.elapsed();
    for n in 0..8 {
        pair.send(message(n)).unwrap();
    }
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.messages().len(), 8);
    // 5 ms of path and nothing else, though both ends agreed on a latency of 20 ms.
    assert_eq!(pair.last_message_at().unwrap() - sent_at, Duration::from_millis(5));
}

#[test]
fn lost_packets_are_repeated_while_the_latency_lasts() {
    for seed in 1..=8 {
        let mut pair = Pair::connected_with(
            Path { loss_per_mille: 50, ..Path::CLEAN },
            seed,
            Duration::from_millis(120),
        );
        for n in 0..1_000 {
            pair.send(message(n)).unwrap();
            pair.run(Duration::from_millis(4));
        }
        pair.run(Duration::from_secs(1));
        assert_eq!(pair.messages(), (0..1_000).map(message).collect::<Vec<_>>(), "seed {seed}");
        assert!(pair.caller.stats().repeated_packets > 0, "seed {seed} lost nothing");
    }
}

#[test]
fn what_is_behind_a_gap_waits_for_the_hold_and_the_loss_is_told_at_its_place() {
    for hold in [50, 400].map(Duration::from_millis) {
        let mut pair = Pair::connected(Path::CLEAN, 13);
        let connection = pair.connection();
        pair.listener.set_hold(connection, hold);
        pair.send(message(0)).unwrap();
        pair.run(Duration::from_millis(100));
        // One message is lost, and so is everything that would mend it.
        pair.cut();
        pair.send(message(1)).unwrap();
        pair.set_path(Path::CLEAN);
        let sent_at = pair.elapsed();
        pair.send(message(2)).unwrap();
        pair.run(Duration::from_millis(5));
        pair.cut();
        pair.run(Duration::from_millis(600));
        assert_eq!(pair.messages(), [message(0), message(2)]);
        let lost = ListenerEvent::Lost { connection, packets: 1 };
        assert_eq!(pair.listener_events().iter().rev().nth(1), Some(&lost));
        assert_eq!(pair.last_message_at().unwrap() - sent_at, Duration::from_millis(5) + hold);
        let stats = pair.listener.stats(connection).unwrap();
        assert_eq!((stats.dropped_packets, stats.longest_hold), (1, hold));
    }
}

#[test]
fn the_last_request_is_made_while_an_answer_can_still_come() {
    let path = Path::rtt(100);
    let mut pair = Pair::connected(path, 14);
    for n in 0..300 {
        pair.send(message(n)).unwrap();
        pair.run(Duration::from_millis(10));
    }
    pair.run(Duration::from_millis(200));
    pair.cut();
    pair.send(message(300)).unwrap();
    pair.set_path(path);
    pair.send(message(301)).unwrap();
    // Its arrival shows the gap; the requests of the next three round trips are lost.
    pair.cut();
    pair.run(Duration::from_millis(50 + 280));
    pair.set_path(path);
    pair.run(Duration::from_millis(500));
    assert_eq!(pair.messages().len(), 302, "the hold of 400 ms was not used to its end");
}

#[test]
fn a_wrong_passphrase_is_told_to_both_ends() {
    let mut pair = Pair::new(Path::CLEAN, 3, "another passphrase", Duration::from_millis(20));
    let asked = pair.asked().unwrap();
    pair.accept(asked, KEY);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.caller_events(), [CallerEvent::Closed(CallerEnd::WrongPassphrase)]);
    assert_eq!(pair.closed(), Some(CloseReason::WrongKey));
}

#[test]
fn each_refusal_reaches_the_caller_as_its_sentence() {
    for refusal in Refusal::ALL {
        let mut pair = Pair::new(Path::CLEAN, 4, KEY, Duration::from_millis(20));
        let asked = pair.asked().unwrap();
        let now = pair.now();
        pair.listener.refuse(asked, refusal, now);
        pair.run(Duration::from_millis(100));
        assert_eq!(pair.caller_events(), [CallerEvent::Closed(CallerEnd::Refused(refusal))]);
        assert!(pair.closed().is_none());
    }
}

#[test]
fn a_caller_without_encryption_is_refused_before_anybody_is_asked() {
    let mut pair = Pair::new(Path::CLEAN, 5, KEY, Duration::from_millis(20));
    let reply = pair.plain_handshake();
    assert_eq!(reply, 1011);
    assert!(pair.asked().is_some(), "the proper caller beside it is asked about");
}

#[test]
fn no_answer_ends_with_the_port_to_look_at() {
    let mut pair = Pair::new(Path { loss_per_mille: 1000, ..Path::CLEAN }, 6, KEY, Duration::from_millis(20));
    pair.run(Duration::from_secs(4));
    let port = pair.listener_address().port();
    assert_eq!(pair.caller_events(), [CallerEvent::Closed(CallerEnd::NoAnswer { port })]);
    assert_eq!(pair.send(message(0)), Err(SendRefusal::NotConnected));
}

#[test]
fn a_goodbye_is_told_apart_from_silence() {
    let mut pair = Pair::connected(Path::CLEAN, 7);
    let now = pair.now();
    pair.caller.close(now);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.closed(), Some(CloseReason::PeerClosed));

    let mut pair = Pair::connected(Path::CLEAN, 8);
    pair.cut();
    pair.run(Duration::from_secs(7));
    assert_eq!(pair.closed(), Some(CloseReason::PeerGone));
    assert_eq!(pair.caller_events(), [CallerEvent::Closed(CallerEnd::PeerGone)]);
}

#[test]
fn a_caller_that_nobody_answers_for_is_let_go() {
    let mut pair = Pair::new(Path::CLEAN, 9, KEY, Duration::from_millis(20));
    assert!(pair.asked().is_some());
    pair.run(Duration::from_secs(6));
    assert_eq!(pair.closed(), Some(CloseReason::NotAnswered));
}

#[test]
fn who_is_refused_too_often_is_no_longer_answered() {
    let mut pair = Pair::new(Path::CLEAN, 10, KEY, Duration::from_millis(20));
    let mut refused = 0;
    for _ in 0..60 {
        if let Some(asked) = pair.asked() {
            let now = pair.now();
            pair.listener.refuse(asked, Refusal::KeyUnknown, now);
            refused += 1;
        }
        pair.run(Duration::from_millis(16));
        pair.call_again(KEY);
    }
    assert!((5..=6).contains(&refused), "{refused}");
    assert!(pair.listener.ignored() > 10);

    // After a while of silence the right key is taken again.
    pair.run(Duration::from_secs(4));
    pair.call_again(KEY);
    let asked = pair.asked().expect("asked again");
    pair.accept(asked, KEY);
    pair.run(Duration::from_millis(100));
    assert!(pair.listener_events().iter().any(|event| matches!(event, ListenerEvent::Connected { .. })));
}

#[test]
fn garbage_from_anywhere_changes_nothing() {
    let mut pair = Pair::connected(Path::CLEAN, 11);
    for n in 0..2_000 {
        pair.garbage(n);
        if n % 20 == 0 {
            pair.send(message(n / 20)).unwrap();
        }
        pair.run(Duration::from_millis(1));
    }
    pair.run(Duration::from_millis(200));
    assert_eq!(pair.messages(), (0..100).map(message).collect::<Vec<_>>());
    assert!(pair.closed().is_none());
}

#[test]
fn a_message_too_long_is_refused_and_the_next_one_goes() {
    let mut pair = Pair::connected(Path::CLEAN, 12);
    assert_eq!(pair.send(vec![0; 1317].into()), Err(SendRefusal::Length { got: 1317 }));
    assert_eq!(pair.send(Vec::new().into()), Err(SendRefusal::Length { got: 0 }));
    pair.send(message(1)).unwrap();
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.messages(), [message(1)]);
}

#[test]
fn a_passphrase_too_short_is_refused_with_its_length() {
    let error = Pair::try_caller("short", Duration::from_millis(20)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an SRT passphrase has 10 to 79 bytes, not 5; copy it again from the session page"
    );
    assert!(Pair::try_caller(KEY, Duration::ZERO).is_err());
}
