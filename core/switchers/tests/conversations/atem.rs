use std::time::Duration;

use returnfeed_switchers::atem::{Atem, Flags, header};
use returnfeed_switchers::{Fault, Session};

use crate::talk::{Talk, names};

const SESSION: u16 = 0x8001;

/// Commands of a real switcher.
fn sample() -> Vec<u8> {
    let file = include_str!("../../../../tests/fixtures/switchers/atem/mini_8.1.1.hex");
    let byte = |line: &str, at: usize| u8::from_str_radix(&line[at..at + 2], 16).unwrap();
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| (0..line.len()).step_by(2).map(move |at| byte(line, at))).collect()
}

fn datagram(flags: Flags, id: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 12).unwrap();
    let words = [u16::from(flags.0) << 11 | length, SESSION, 0, 0, 0, id];
    words.iter().flat_map(|word| word.to_be_bytes()).chain(body.iter().copied()).collect()
}

fn welcome() -> Vec<u8> {
    datagram(Flags::HELLO, 0, &[2, 0, 0, 0, 0, 0, 0, 0])
}

fn tally(lights: &[(u16, u8)]) -> Vec<u8> {
    let mut body = u16::try_from(lights.len()).unwrap().to_be_bytes().to_vec();
    for (source, light) in lights {
        body.extend(source.to_be_bytes());
        body.push(*light);
    }
    command(*b"TlSr", &body)
}

fn command(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut command = u16::try_from(body.len() + 8).unwrap().to_be_bytes().to_vec();
    command.extend([0, 0]);
    command.extend(name);
    command.extend(body);
    command
}

/// The names of a real switcher, and no tally.
fn old_firmware() -> Talk<Atem> {
    let mut old = Vec::new();
    let mut rest = &sample()[..];
    while let Some(length) = rest.first_chunk::<2>() {
        let (one, behind) = rest.split_at(u16::from_be_bytes(*length).into());
        if &one[4..8] != b"TlSr" {
            old.extend_from_slice(one);
        }
        rest = behind;
    }
    let mut atem = Talk::begin(Atem::new);
    atem.hear(welcome()).unwrap();
    atem.hear(datagram(Flags::RELIABLE, 1, &old)).unwrap();
    atem
}

/// Greeted, with the whole state told.
fn running() -> Talk<Atem> {
    let mut atem = Talk::begin(Atem::new);
    atem.hear(welcome()).unwrap();
    atem.hear(datagram(Flags::RELIABLE, 1, &sample())).unwrap();
    atem
}

/// Which packets were acknowledged since this was asked last.
fn acknowledged(atem: &mut Talk<Atem>) -> Vec<u16> {
    let sent = atem.sent();
    let heads = sent.iter().map(|data| header(data).unwrap().0);
    heads.filter(|head| head.flags.has(Flags::ACKNOWLEDGE)).map(|head| head.acknowledged).collect()
}

#[test]
fn it_greets_as_every_client_does_until_it_is_greeted() {
    let mut atem = Talk::begin(Atem::new);
    let hello = [0x10, 0x14, 0x53, 0xab, 0, 0, 0, 0, 0, 0x3a, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(atem.sent(), [hello.to_vec()]);
    atem.pass(Duration::from_millis(1_100)).unwrap();
    assert_eq!(atem.sent(), [hello.to_vec(), hello.to_vec()]);
    atem.hear(welcome()).unwrap();
    assert_eq!(acknowledged(&mut atem), [0]);
    atem.pass(Duration::from_secs(2)).unwrap();
    assert!(atem.sent().is_empty());
}

#[test]
fn a_real_switchers_state_is_read_as_another_implementation_reads_it() {
    let atem = running();
    let other: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/switchers/atem/mini_8.1.1.json"))
            .unwrap();
    let inputs = atem.inputs.as_ref().unwrap();
    assert_eq!(inputs.len(), other["names"].as_object().unwrap().len());
    for input in inputs {
        let id = input.index.unwrap().to_string();
        assert_eq!(input.name, other["names"][&id], "{id}");
        assert_eq!(input.programme, other["tally"][&id]["program"], "{id}");
        assert_eq!(input.preview, other["tally"][&id]["preview"], "{id}");
    }
    assert_eq!(atem.connected.as_deref(), Some("ATEM Mini"));
    assert_eq!(atem.buses(), (names(&["Camera 1"]), names(&["Camera 1"])));
}

#[test]
fn nothing_is_said_before_the_whole_state_was_told() {
    let mut atem = Talk::begin(Atem::new);
    atem.hear(welcome()).unwrap();
    let sample = sample();
    let (state, end) = sample.split_at(sample.len() - 12);
    atem.hear(datagram(Flags::RELIABLE, 1, state)).unwrap();
    assert_eq!(atem.inputs, None);
    atem.hear(datagram(Flags::RELIABLE, 2, end)).unwrap();
    assert!(atem.inputs.is_some());
}

#[test]
fn both_sides_of_a_transition_are_on_programme_as_the_switcher_says() {
    let mut atem = running();
    atem.hear(datagram(Flags::RELIABLE, 2, &tally(&[(1, 1), (2, 3), (3, 2)]))).unwrap();
    assert_eq!(atem.buses(), (names(&["Camera 1", "Camera 2"]), names(&["Camera 2", "Camera 3"])));
}

#[test]
fn packets_are_taken_once_and_in_order_and_acknowledged_again_when_repeated() {
    let mut atem = running();
    atem.sent();
    let (cut, mix) = (tally(&[(2, 1)]), tally(&[(3, 1)]));
    atem.hear(datagram(Flags::RELIABLE, 3, &mix)).unwrap();
    assert_eq!((acknowledged(&mut atem), atem.buses().0), (vec![], names(&["Camera 1"])), "a gap");
    atem.hear(datagram(Flags::RELIABLE, 2, &cut)).unwrap();
    assert_eq!((acknowledged(&mut atem), atem.buses().0), (vec![2], names(&["Camera 2"])));
    let again = Flags(Flags::RELIABLE.0 | Flags::AGAIN.0);
    atem.hear(datagram(again, 3, &mix)).unwrap();
    assert_eq!((acknowledged(&mut atem), atem.buses().0), (vec![3], names(&["Camera 3"])));
    atem.hear(datagram(again, 2, &cut)).unwrap();
    assert_eq!((acknowledged(&mut atem), atem.buses().0), (vec![3], names(&["Camera 3"])), "an old one");
}

#[test]
fn ids_go_round_after_32767() {
    let mut atem = Talk::begin(Atem::new);
    atem.hear(datagram(Flags::HELLO, 0x7ffe, &[2])).unwrap();
    atem.hear(datagram(Flags::RELIABLE, 0x7fff, &sample())).unwrap();
    atem.hear(datagram(Flags::RELIABLE, 0, &tally(&[(4, 1)]))).unwrap();
    assert_eq!(atem.buses().0, ["Camera 4"]);
}

#[test]
fn a_welcome_said_again_does_not_begin_anew() {
    let mut atem = running();
    atem.hear(welcome()).unwrap();
    atem.hear(datagram(Flags::RELIABLE, 2, &tally(&[(2, 1)]))).unwrap();
    assert_eq!(atem.buses().0, ["Camera 2"]);
}

#[test]
fn a_full_switcher_a_goodbye_and_silence_are_told_apart() {
    let mut full = Talk::begin(Atem::new);
    assert_eq!(full.hear(datagram(Flags::HELLO, 0, &[3])), Err(Fault::Full));
    assert!(matches!(running().hear(datagram(Flags::HELLO, 0, &[4])), Err(Fault::Closed(_))));
    let mut atem = running();
    for id in 2..5 {
        atem.pass(Duration::from_millis(4_900)).unwrap();
        atem.hear(datagram(Flags::RELIABLE, id, &[])).unwrap();
    }
    assert_eq!(atem.pass(Duration::from_secs(5)), Err(Fault::Silent(Duration::from_secs(5))));
}

#[test]
fn malformed_datagrams_and_commands_are_counted_and_change_nothing() {
    let mut atem = running();
    let before = atem.inputs.clone();
    let mut short = datagram(Flags::RELIABLE, 2, &tally(&[(2, 1)]));
    short.pop();
    atem.hear(&short).unwrap();
    atem.hear([0x08]).unwrap();
    atem.hear(datagram(Flags::RELIABLE, 2, &[0, 3, 0, 0])).unwrap();
    let mut lying = tally(&[(2, 1)]);
    lying[9] = 200;
    atem.hear(datagram(Flags::RELIABLE, 3, &lying)).unwrap();
    assert_eq!(atem.session.malformed(), 4);
    assert_eq!(atem.inputs, before);
}

#[test]
fn without_its_tally_both_sides_of_a_transition_and_every_key_on_air_are_on_programme() {
    let mut atem = old_firmware();
    let mut id = 1;
    let mut say = |atem: &mut Talk<Atem>, commands: &[Vec<u8>]| {
        id += 1;
        atem.hear(datagram(Flags::RELIABLE, id, &commands.concat())).unwrap();
        atem.buses()
    };
    let cut = [command(*b"PrgI", &[0, 0, 0, 1]), command(*b"PrvI", &[0, 0, 0, 2, 0, 0, 0, 0])];
    assert_eq!(say(&mut atem, &cut), (names(&["Camera 1"]), names(&["Camera 2"])));
    let mix = [command(*b"TrPs", &[0, 1, 20, 0, 0, 99, 0, 0])];
    assert_eq!(say(&mut atem, &mix).0, ["Camera 1", "Camera 2"]);
    let done = [command(*b"TrPs", &[0, 0, 0, 0, 0, 0, 0, 0]), cut[0].clone()];
    assert_eq!(say(&mut atem, &done).0, ["Camera 1"]);
    // An upstream key shows camera 3, cut out by camera 4; then a downstream key in the place of it.
    let key = [command(*b"KeBP", &[0, 0, 1, 0, 0, 0, 0, 3, 0, 4]), command(*b"KeOn", &[0, 0, 1, 0])];
    assert_eq!(say(&mut atem, &key).0, ["Camera 1", "Camera 3", "Camera 4"]);
    let keys = [
        command(*b"KeOn", &[0, 0, 0, 0]),
        command(*b"DskB", &[0, 0, 0, 4, 0, 4]),
        command(*b"DskS", &[0, 1, 0, 0]),
    ];
    assert_eq!(say(&mut atem, &keys).0, ["Camera 1", "Camera 4"]);
    // M/E 1 shows what M/E 2 makes, and M/E 2 itself: a circle ends.
    let nested = [
        command(*b"DskS", &[0, 0, 0, 0]),
        command(*b"PrgI", &[0, 0, 0x27, 0x24]),
        command(*b"PrgI", &[1, 0, 0, 3]),
        command(*b"PrvI", &[1, 0, 0x27, 0x1a]),
        command(*b"TrPs", &[1, 1, 20, 0]),
    ];
    assert_eq!(say(&mut atem, &nested).0, ["Camera 3", "Program"]);
    // A firmware that tells its tally is believed alone.
    assert_eq!(say(&mut atem, &[tally(&[(2, 1)])]).0, ["Camera 2"]);
    let before = atem.session.malformed();
    say(&mut atem, &[command(*b"KeBP", &[0, 0, 1])]);
    assert_eq!(atem.session.malformed(), before + 1);
}
