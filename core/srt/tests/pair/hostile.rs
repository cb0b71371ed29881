//! Bytes from somebody who means harm, or from a broken sender: no panic, no endless loop, bounded memory.
//!
//! The forged datagrams pass every check that can be made without a key: address, socket id, a known kind.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use returnfeed_srt::{
    Caller, CallerConfig, CallerEnd, CallerEvent, ConnectionId, Listener, ListenerConfig, ListenerEvent,
    Refusal, Seed,
};

use crate::KEY;
use crate::network::{Pair, message};
use crate::path::Path;

/// A datagram of a given kind with sequence numbers near the true ones, far from them, or random.
fn datagram() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![
        4 => (0_u16..10).prop_map(|kind| 0x8000_0000 | u32::from(kind) << 16),
        1 => (0_u32..6).prop_map(|subkind| 0xffff_0000 | subkind),
        4 => 0_u32..0x8000_0000,
    ];
    (kind, any::<u32>(), proptest::collection::vec(word(), 0..40), 0..4_usize).prop_map(
        |(kind, info, words, odd)| {
            let mut bytes = kind.to_be_bytes().to_vec();
            bytes.extend(info.to_be_bytes());
            bytes.extend([0; 8]);
            words.iter().for_each(|word| bytes.extend(word.to_be_bytes()));
            bytes.truncate(bytes.len() - odd);
            bytes
        },
    )
}

fn word() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), 0_u32..20, Just(u32::MAX), Just(0x8000_0000), Just(0x7fff_ffff)]
}

#[derive(Debug, Clone)]
enum Step {
    Forge {
        to_listener: bool,
        datagram: Vec<u8>,
    },
    /// A data packet or a probe so far after the stream's first one.
    Near {
        offset: u32,
        probe: bool,
    },
    Send,
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (any::<bool>(), datagram()).prop_map(|(to_listener, datagram)| Step::Forge { to_listener, datagram }),
        (0_u32..5_000, any::<bool>()).prop_map(|(offset, probe)| Step::Near { offset, probe }),
        Just(Step::Send),
        (0_u16..500).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn forged_datagrams_harm_neither_end_beyond_its_stream(
        seed in 1_u64..1_000,
        steps in proptest::collection::vec(step(), 1..150),
    ) {
        let mut pair = Pair::connected(Path::CLEAN, seed);
        let first = pair.first_sequence();
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                Step::Forge { to_listener, datagram } => pair.forge(to_listener, datagram),
                Step::Near { offset, probe } => {
                    let seq = first.wrapping_add(offset) & 0x7fff_ffff;
                    let words = if probe {
                        [0x8001_0000, 0x8000_0000 | seq, 0, 0, 0]
                    } else {
                        [seq, 0xe800_0001, 0, 0, 0]
                    };
                    pair.forge(true, words.iter().flat_map(|word: &u32| word.to_be_bytes()).collect());
                }
                Step::Send => drop(pair.send(message(n as u64))),
                Step::Wait(ms) => pair.run(Duration::from_millis(u64::from(ms))),
            }
            if let Some(stats) = pair.listener.stats(pair.connection()) {
                prop_assert!(stats.held_packets <= 2048);
            }
        }
        pair.cut();
        pair.run(Duration::from_secs(8));
        prop_assert!(pair.listener.stats(pair.connection()).is_none(), "silence ends a connection");
    }

    #[test]
    fn any_handshake_is_answered_with_less_or_not_at_all(
        version in prop_oneof![Just(4_u32), Just(5), any::<u32>()],
        kind in prop_oneof![Just(1_u32), Just(u32::MAX), any::<u32>()],
        proven in any::<bool>(),
        tail in proptest::collection::vec(any::<u8>(), 0..200),
        known in 0_u16..9,
    ) {
        let mut pair = Pair::new(Path::CLEAN, 1, KEY, Duration::from_millis(20));
        // A block of a known kind with a length that may be right.
        let mut blocks = known.to_be_bytes().to_vec();
        blocks.extend(((tail.len() / 4) as u16).to_be_bytes());
        blocks.extend(&tail);
        let answers = pair.stranger_shakes(version, kind, proven, &blocks);
        prop_assert!(answers <= 64 + blocks.len(), "{answers} bytes");
    }
}

#[test]
fn a_crowd_of_callers_is_bounded_and_the_rest_is_told() {
    let mut pair = Pair::new(Path::CLEAN, 2, KEY, Duration::from_millis(20));
    let asked = pair.asked().expect("the first one is asked about");
    let now = pair.now();
    pair.listener.refuse(asked, Refusal::SessionUnknown, now);
    // One address may ask 60 times at once; what is asked about is let go after five seconds.
    for _ in 0..100 {
        pair.call_again(KEY);
    }
    let waiting = pair.listener_events().iter().filter(|event| matches!(event, ListenerEvent::Asked { .. }));
    assert!(waiting.count() <= 90);
    pair.run(Duration::from_secs(6));
    assert_eq!(pair.listener.poll_timeout(), None, "nobody is remembered");
}

/// A caller from an address of its own, let in if there is room.
fn call(listener: &mut Listener, n: u8, now: Instant) -> (Caller, Option<ConnectionId>) {
    let server = SocketAddr::from(([192, 0, 2, 1], 8890));
    let config = CallerConfig {
        stream_id: format!("stream {n}"),
        passphrase: KEY.into(),
        latency: Duration::from_millis(20),
    };
    let mut caller = Caller::new(config, &Seed::from([n; 32]), server, now).expect("it is a caller");
    let mut id = None;
    for _ in 0..4 {
        say(listener, &mut caller, n, now);
        if let Some(ListenerEvent::Asked { connection, .. }) = listener.poll_event() {
            listener.accept(connection, &KEY.into(), now).expect("the passphrase is one");
            id = Some(connection);
        }
        while let Some(transmit) = listener.poll_transmit() {
            caller.handle_datagram(server, &transmit.data, now);
        }
    }
    while let Some(ListenerEvent::Connected { .. }) = listener.poll_event() {}
    (caller, id)
}

/// What a caller has to say reaches the listener.
fn say(listener: &mut Listener, caller: &mut Caller, n: u8, now: Instant) {
    while let Some(transmit) = caller.poll_transmit() {
        listener.handle_datagram(SocketAddr::from(([198, 51, 100, n], 40_000)), &transmit.data, now);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
fn a_full_listener_tells_the_next_caller_and_serves_those_it_has() {
    let now = Instant::now();
    let config = ListenerConfig { max_connections: 3, ..ListenerConfig::default() };
    let mut listener = Listener::new(config, &Seed::from([9; 32]), now);
    let mut callers: Vec<Caller> = (1..=4).map(|n| call(&mut listener, n, now).0).collect();
    let ends: Vec<_> = callers.iter_mut().map(Caller::poll_event).collect();
    assert!(ends[..3].iter().all(|end| matches!(end, Some(CallerEvent::Connected { .. }))), "{ends:?}");
    assert_eq!(ends[3], Some(CallerEvent::Closed(CallerEnd::Full)));
    callers[0].send(message(1), now).unwrap();
    say(&mut listener, &mut callers[0], 1, now);
    let event = listener.poll_event();
    assert!(matches!(&event, Some(ListenerEvent::Message { data, .. }) if *data == message(1)), "{event:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
fn who_leaves_a_gap_open_fills_its_own_window_and_holds_up_nobody_else() {
    let mut now = Instant::now();
    let mut listener = Listener::new(ListenerConfig::default(), &Seed::from([9; 32]), now);
    let (mut hostile, hostile_id) = call(&mut listener, 1, now);
    let (mut honest, _) = call(&mut listener, 2, now);
    // Its first packet never comes, and 300 MB would wait behind it if there were no bound.
    hostile.send(message(0), now).unwrap();
    assert!(hostile.poll_transmit().is_some(), "the first packet is kept back");
    let template = {
        hostile.send(message(1), now).unwrap();
        hostile.poll_transmit().expect("the second one leaves at once").data
    };
    let first = u32::from_be_bytes(template[..4].try_into().unwrap());
    for n in 0..300_000_u32 {
        let mut forged = template.to_vec();
        forged[..4].copy_from_slice(&(first.wrapping_add(n % 2_047) & 0x7fff_ffff).to_be_bytes());
        listener.handle_datagram(SocketAddr::from(([198, 51, 100, 1], 40_000)), &forged, now);
    }
    let stats = listener.stats(hostile_id.expect("it was let in")).expect("it is still there");
    assert!((2_000..=2_048).contains(&stats.held_packets), "{stats:?}");
    assert!(stats.duplicate_packets > 290_000, "{stats:?}");
    assert_eq!(listener.poll_event(), None);

    now += Duration::from_millis(1);
    honest.send(message(7), now).unwrap();
    say(&mut listener, &mut honest, 2, now);
    let event = listener.poll_event();
    assert!(matches!(&event, Some(ListenerEvent::Message { data, .. }) if *data == message(7)), "{event:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
fn who_asks_too_often_is_ignored_and_another_address_is_heard() {
    let now = Instant::now();
    let mut listener = Listener::new(ListenerConfig::default(), &Seed::from([9; 32]), now);
    let server = SocketAddr::from(([192, 0, 2, 1], 8890));
    // One address, a new port and a new socket id each time.
    let mut asked = 0;
    for n in 0..200_u8 {
        let config = CallerConfig {
            stream_id: "anything".to_owned(),
            passphrase: KEY.into(),
            latency: Duration::from_millis(20),
        };
        let mut caller = Caller::new(config, &Seed::from([n; 32]), server, now).expect("it is a caller");
        let from = SocketAddr::from(([203, 0, 113, 5], 30_000 + u16::from(n)));
        for _ in 0..3 {
            while let Some(transmit) = caller.poll_transmit() {
                listener.handle_datagram(from, &transmit.data, now);
            }
            while let Some(transmit) = listener.poll_transmit() {
                caller.handle_datagram(server, &transmit.data, now);
            }
        }
        asked += u32::from(matches!(listener.poll_event(), Some(ListenerEvent::Asked { .. })));
    }
    assert_eq!((asked, listener.ignored()), (60, 140));
    let (mut honest, id) = call(&mut listener, 2, now);
    assert!(id.is_some() && matches!(honest.poll_event(), Some(CallerEvent::Connected { .. })));
}
