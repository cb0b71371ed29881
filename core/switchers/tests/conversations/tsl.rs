use std::time::Duration;

use returnfeed_switchers::tsl::{Lamp, Meaning, Transport, Tsl, TslConfig, Version};
use returnfeed_switchers::{Fault, Session};

use crate::talk::{Talk, names};

fn sender(config: TslConfig, transport: Transport) -> Talk<Tsl> {
    Talk::begin(|now| Tsl::new(config, transport, now))
}

fn udp() -> Talk<Tsl> {
    sender(TslConfig::default(), Transport::Udp)
}

fn tcp() -> Talk<Tsl> {
    sender(TslConfig::default(), Transport::Tcp)
}

/// A record of version 3.1.
fn record(address: u8, control: u8, text: &str) -> Vec<u8> {
    let mut bytes = vec![0x80 + address, control];
    bytes.extend(text.bytes().chain(std::iter::repeat(b' ')).take(16));
    bytes
}

/// A packet of version 5.0 with these displays: index, control, text as it goes on the wire.
fn packet(flags: u8, screen: u16, displays: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let mut body = vec![0, flags];
    body.extend(screen.to_le_bytes());
    for (index, control, text) in displays {
        let length = u16::try_from(text.len()).unwrap();
        body.extend([*index, *control, length].iter().flat_map(|word| word.to_le_bytes()));
        body.extend_from_slice(text);
    }
    let mut bytes = u16::try_from(body.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(body);
    bytes
}

fn stuffed(packet: &[u8]) -> Vec<u8> {
    let doubled =
        packet.iter().flat_map(|byte| std::iter::repeat_n(*byte, if *byte == 0xfe { 2 } else { 1 }));
    [0xfe, 0x02].into_iter().chain(doubled).collect()
}

fn samples() -> Vec<Vec<u8>> {
    let file = include_str!("../../../../tests/fixtures/switchers/tsl/v50.hex");
    let byte = |line: &str, at: usize| u8::from_str_radix(&line[at..at + 2], 16).unwrap();
    let bytes = |line: &str| (0..line.len()).step_by(2).map(|at| byte(line, at)).collect();
    file.lines().filter(|line| !line.starts_with('#')).map(bytes).collect()
}

#[test]
fn records_light_by_address_and_carry_the_name() {
    let mut sender = udp();
    sender.hear(record(1, 0b10, "CAM 1")).unwrap();
    sender.hear([record(2, 0b01, "CAM 2"), record(3, 0b1111, "CAM 3"), record(4, 0, "")].concat()).unwrap();
    assert_eq!(sender.buses(), (names(&["CAM 1", "CAM 3"]), names(&["CAM 2", "CAM 3"])));
    assert_eq!(sender.inputs.as_ref().unwrap()[3].label(), "4");
    assert_eq!(sender.connected.as_deref(), Some("TSL 3.1"));
}

#[test]
fn which_lamp_is_programme_is_the_directors_word() {
    let meaning = Meaning { programme: Lamp::new(1).unwrap(), preview: Lamp::new(3).unwrap() };
    let mut sender = sender(TslConfig { meaning, ..TslConfig::default() }, Transport::Udp);
    sender.hear(record(1, 0b0001, "a")).unwrap();
    sender.hear(record(2, 0b0100, "b")).unwrap();
    sender.hear(record(3, 0b1010, "c")).unwrap();
    assert_eq!(sender.buses(), (names(&["a"]), names(&["b"])));
    assert_eq!((Lamp::new(0), Lamp::new(5)), (None, None));
}

#[test]
fn a_display_may_have_lamps_of_its_own_meaning_in_either_version() {
    let lamp = |number| Lamp::new(number).unwrap();
    let swapped = Meaning { programme: lamp(1), preview: lamp(3) };
    let one = Meaning { programme: lamp(2), preview: lamp(2) };
    let config = || TslConfig { displays: [(2, swapped), (3, one)].into(), ..TslConfig::default() };
    let mut records = sender(config(), Transport::Udp);
    records.hear(record(1, 0b0010, "a")).unwrap();
    records.hear(record(2, 0b0001, "b")).unwrap();
    assert_eq!(records.buses(), (names(&["a", "b"]), vec![]));
    records.hear(record(2, 0b0110, "b")).unwrap();
    assert_eq!(records.buses(), (names(&["a"]), names(&["b"])), "its second lamp means nothing");

    // Left, text and right from 1: bits 4, 2 and 0.
    let mut packets = sender(config(), Transport::Udp);
    packets.hear(packet(0, 0, &[(1, 0b10 << 4, b"a"), (2, 0b10 << 4, b"b"), (3, 0b01, b"c")])).unwrap();
    assert_eq!(packets.buses(), (names(&["b"]), names(&["a"])), "green on b's left lamp is programme there");
    packets.hear(packet(0, 0, &[(2, 0b01, b"b"), (3, 0b10 << 2, b"c")])).unwrap();
    assert_eq!(packets.buses(), (vec![], names(&["a", "b", "c"])), "one lamp for both has colours");
    packets.hear(packet(0, 0, &[(0xffff, 0b11 << 2, b"")])).unwrap();
    assert_eq!(packets.buses(), (names(&["a", "c"]), vec![]), "every display, each by its own meaning");
}

#[test]
fn packets_of_another_implementation_are_understood() {
    let [bare, between] = samples().try_into().unwrap();
    let mut sender = udp();
    sender.hear(&bare).unwrap();
    assert_eq!(sender.buses(), (names(&["CAM 3"]), vec![]));
    sender.hear(&between).unwrap();
    assert_eq!(sender.buses(), (names(&["CAM 3"]), names(&["CAM 254"])));
    let mut stream = tcp();
    stream.hear(&between).unwrap();
    assert_eq!(stream.buses().1, ["CAM 254"]);
    assert_eq!((sender.session.malformed(), stream.session.malformed()), (0, 0));
}

#[test]
fn a_packet_lights_several_displays_by_any_of_their_lamps() {
    let mut sender = udp();
    let displays: [(u16, u16, &[u8]); 5] =
        [(0, 0b01, b"R"), (1, 0b01 << 2, b"T"), (2, 0b01 << 4, b"L"), (3, 0b10, b"G"), (4, 0b11, b"A")];
    sender.hear(packet(0, 0, &displays)).unwrap();
    assert_eq!(sender.buses(), (names(&["R", "T", "L", "A"]), names(&["G"])));
    sender.hear(packet(0, 0, &[(0xffff, 0, b"ALL")])).unwrap();
    assert_eq!(sender.buses(), (vec![], vec![]), "every display is dark");
    assert_eq!(sender.inputs.as_ref().unwrap()[0].label(), "R", "and keeps its name");
}

#[test]
fn unicode_names_other_screens_and_screen_control_are_known() {
    let name: Vec<u8> = "카메라".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let config = TslConfig { screen: Some(2), ..TslConfig::default() };
    let mut sender = sender(config, Transport::Udp);
    sender.hear(packet(1, 2, &[(7, 1, &name)])).unwrap();
    sender.hear(packet(0, 9, &[(7, 2, b"other")])).unwrap();
    sender.hear(packet(2, 2, &[])).unwrap();
    assert_eq!(sender.buses(), (names(&["카메라"]), vec![]));
    sender.hear(packet(0, 0xffff, &[(7, 2, b"")])).unwrap();
    assert_eq!(sender.buses(), (vec![], names(&["카메라"])), "every screen is ours too");
}

#[test]
fn a_stream_cut_at_every_byte_says_the_same_and_finds_itself_after_garbage() {
    let packets = [
        stuffed(&packet(0, 0xfefe, &[(0xfe, 0b01, b"one \xfe two")])),
        stuffed(&packet(0, 0, &[(2, 0b10, b"next")])),
    ]
    .concat();
    let mut stream = tcp();
    packets.iter().for_each(|byte| stream.hear([*byte]).unwrap());
    assert_eq!(stream.buses(), (names(&["one þ two"]), names(&["next"])));
    stream.hear([0xfe, 0x01, 0x55]).unwrap();
    stream.hear(stuffed(&packet(0, 0, &[(2, 0b01, b"next")]))).unwrap();
    assert_eq!(stream.buses().0, ["next", "one þ two"]);
    assert!(stream.session.malformed() > 0);

    let mut records = tcp();
    let bytes = [record(1, 0b10, "a"), vec![0x81, 0x80, b'x'], record(2, 0b10, "b")].concat();
    bytes.iter().for_each(|byte| records.hear([*byte]).unwrap());
    assert_eq!(records.buses().0, ["a", "b"]);
}

#[test]
fn the_version_can_be_named_where_the_first_bytes_mislead() {
    let config = TslConfig { version: Some(Version::V31), ..TslConfig::default() };
    let mut stream = sender(config, Transport::Tcp);
    stream.hear(record(126, 0b10, "last")).unwrap();
    assert_eq!(stream.buses().0, ["last"]);
}

#[test]
fn malformed_datagrams_are_counted_and_change_nothing() {
    let mut sender = udp();
    sender.hear(record(1, 0b10, "a")).unwrap();
    let mut cut = packet(0, 0, &[(1, 0, b"long name")]);
    cut.pop();
    for bytes in
        [cut, vec![], vec![0x81; 18], record(1, 0x80, "x"), vec![0xfe, 0x02, 0x00], b"hello".to_vec()]
    {
        sender.hear(&bytes).unwrap();
    }
    assert_eq!(sender.session.malformed(), 6);
    assert_eq!(sender.buses().0, ["a"]);
}

#[test]
fn silence_is_a_loss_only_where_the_director_said_so() {
    let mut patient = udp();
    patient.hear(record(1, 0b10, "a")).unwrap();
    assert!(patient.pass(Duration::from_secs(3_600)).is_ok());

    let config = TslConfig { silence: Some(Duration::from_secs(5)), ..TslConfig::default() };
    let mut strict = sender(config, Transport::Udp);
    assert!(strict.pass(Duration::from_secs(60)).is_ok(), "it was not heard yet");
    strict.hear(record(1, 0b10, "a")).unwrap();
    assert!(strict.pass(Duration::from_millis(4_999)).is_ok());
    assert_eq!(strict.pass(Duration::from_millis(1)), Err(Fault::Silent(Duration::from_secs(5))));
}
