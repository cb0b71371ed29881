//! Bytes from somebody who means harm, or from a broken sender: no panic, no endless loop, bounded memory.
//!
//! The forged datagrams pass every check that can be made without a key: address, socket id, a known kind.

use std::time::Duration;

use proptest::prelude::*;
use returnfeed_srt::Refusal;

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
    let waiting = pair
        .listener_events()
        .iter()
        .filter(|event| matches!(event, returnfeed_srt::ListenerEvent::Asked { .. }));
    assert!(waiting.count() <= 90);
    pair.run(Duration::from_secs(6));
    assert_eq!(pair.listener.poll_timeout(), None, "nobody is remembered");
}
