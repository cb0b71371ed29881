//! Any bytes, cut anywhere: nothing panics, and what a conversation holds stays small.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use returnfeed_switchers::Session;
use returnfeed_switchers::atem::{Atem, Flags, header};
use returnfeed_switchers::obs::Obs;
use returnfeed_switchers::tsl::{Transport, Tsl, TslConfig};
use returnfeed_switchers::vmix::Vmix;

use crate::talk::Talk;

#[expect(clippy::disallowed_methods, reason = "a long run says in the environment how long it is")]
fn config(seed: u64) -> Config {
    let factor = std::env::var("RETURNFEED_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    Config { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::with_cases(500 * factor) }
}

/// Pieces that look like what the switcher would say, and pieces that do not.
fn pieces(alphabet: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let piece = prop_oneof![
        3 => prop::sample::select(alphabet).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(piece, 0..30)
}

fn feed<S: Session>(mut talk: Talk<S>, pieces: &[Vec<u8>]) -> Talk<S> {
    for piece in pieces {
        if talk.hear(piece).is_err() {
            break;
        }
    }
    talk
}

const VMIX: &[&[u8]] = &[
    b"VERSION OK 28\r\n",
    b"SUBSCRIBE OK TALLY\r\n",
    b"TALLY OK 0121\r\n",
    b"TALLY ",
    b"XML 10\r\n",
    b"\r\n",
    b"<vmix><input ",
    b"number='1' title='a'/>",
    b"XML 18446744073709551616\r\n",
    b"XML 0\r\n",
    b" ",
    b"TALLY OK\n",
];
const OBS: &[&[u8]] = &[
    br#"{"op":0,"d":{"obsWebSocketVersion":"5"}}"#, br#"{"op":2,"d":{}}"#, br#"{"op":5,"d":{"eventType":"InputCreated"}}"#,
    br#"{"op":7,"d":{"requestId":"1","requestStatus":{"result":true},"responseData":{"inputs":[{"inputName":"a"}]}}}"#,
    br#"{"op":7,"d":{"requestId":"2","requestStatus":{"result":true},"responseData":{"studioModeEnabled":true}}}"#,
    br#"{"op":7,"d":{"requestId":"3","requestStatus":{"result":true},"responseData":{"sceneName":"a"}}}"#,
    br#"{"op":5,"d":{"eventType":"InputActiveStateChanged","eventData":{"inputName":"a","videoActive":true}}}"#,
];
const TSL: &[&[u8]] = &[
    b"\xfe\x02",
    b"\xfe",
    b"\xfe\xfe",
    b"\x02",
    b"\x0f\x00\x00\x00\x00\x00",
    b"\x03\x00\xc1\x00\x05\x00CAM 3",
    b"\x81\x02CAM 1           ",
    b"\x81",
    b"\xff\xff",
    b"\xff\xff\x00\x00",
];

proptest! {
    #![proptest_config(config(0x5717_0001))]

    #[test]
    fn vmix_survives_any_bytes(pieces in pieces(VMIX)) {
        feed(Talk::begin(Vmix::new), &pieces);
    }

    #[test]
    fn obs_survives_any_messages(pieces in pieces(OBS)) {
        feed(Talk::begin(|now| Obs::new(None, now)), &pieces);
    }

    #[test]
    fn tsl_survives_any_bytes_and_says_the_same_however_they_are_cut(
        pieces in pieces(TSL),
        cuts in prop::collection::vec(1..20usize, 1..50),
    ) {
        feed(Talk::begin(|now| Tsl::new(TslConfig::default(), Transport::Udp, now)), &pieces);
        let stream = || Talk::begin(|now| Tsl::new(TslConfig::default(), Transport::Tcp, now));
        let bytes = pieces.concat();
        let whole = feed(stream(), std::slice::from_ref(&bytes));
        let (mut rest, mut cut) = (bytes.as_slice(), Vec::new());
        for length in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (head, tail) = rest.split_at(rest.len().min(*length));
            cut.push(head.to_vec());
            rest = tail;
        }
        prop_assert_eq!(feed(stream(), &cut).inputs, whole.inputs);
    }

    #[test]
    fn atem_survives_any_bytes_under_a_true_header(
        open in any::<bool>(),
        flags in 0..32u8,
        id in 0..4u16,
        body in prop::collection::vec(any::<u8>(), 0..200),
        junk in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut atem = Talk::begin(Atem::new);
        let datagram = |flags: u8, id: u16, body: &[u8]| {
            let length = u16::try_from(body.len() + 12).unwrap();
            let words = [u16::from(flags) << 11 | length, 0x8001, 0, 0, 0, id];
            words.iter().flat_map(|word| word.to_be_bytes()).chain(body.iter().copied()).collect::<Vec<_>>()
        };
        if open {
            prop_assert!(atem.hear(datagram(Flags::HELLO.0, 0, &[2])).is_ok());
        }
        let _over = atem.hear(datagram(flags, id, &body)).and_then(|()| atem.hear(&junk));
        let _refused = header(&junk);
    }
}
