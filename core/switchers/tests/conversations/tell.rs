//! Our lamps, told to those who expect a switcher, and heard by our own listeners.

use returnfeed_protocol::{CameraLamp, CameraNumber, Tally, TallyReason};
use returnfeed_switchers::tsl::{
    Colour, Lamp, Meaning, TellerConfig, Transport, Tsl, TslConfig, Version, packet, tell,
};
use returnfeed_switchers::vmix::{Server, Vmix};
use returnfeed_switchers::{Fault, Session};

use crate::talk::{Talk, names};

fn lamp(camera: u16, name: &str, tally: Tally) -> CameraLamp {
    let camera = CameraNumber::try_from(camera).unwrap();
    CameraLamp { camera, name: name.to_owned(), tally, reason: TallyReason::Test }
}

fn show() -> Vec<CameraLamp> {
    vec![
        lamp(1, "Wide", Tally::Preview),
        lamp(2, "", Tally::Program),
        lamp(3, "<무대> & \"A\"", Tally::Idle),
        lamp(5, "Crane", Tally::Unknown),
    ]
}

fn config(version: Version, transport: Transport) -> TellerConfig {
    TellerConfig { version, transport, screen: 0, first: 1, meaning: Meaning::default() }
}

/// What a listener of ours makes of it.
fn heard(config: TellerConfig, lamps: &[CameraLamp]) -> Talk<Tsl> {
    let mut talk = Talk::begin(|now| Tsl::new(TslConfig::default(), config.transport, now));
    for frame in tell(&config, lamps) {
        talk.hear(frame).unwrap();
    }
    assert_eq!(talk.session.malformed(), 0);
    talk
}

#[test]
fn what_is_told_is_what_is_heard_in_each_version_and_over_each_transport() {
    for version in [Version::V31, Version::V50] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let talk = heard(config(version, transport), &show());
            assert_eq!(talk.buses(), (names(&["CAM 2"]), names(&["Wide"])), "{version:?} {transport:?}");
            let inputs = talk.inputs.as_ref().unwrap();
            let labels: Vec<_> = inputs.iter().map(|input| (input.index.unwrap(), input.label())).collect();
            let third = if version == Version::V31 { "CAM 3" } else { "<무대> & \"A\"" };
            assert_eq!(
                labels,
                [(1, "Wide".into()), (2, "CAM 2".into()), (3, third.to_owned()), (5, "? Crane".into())]
            );
        }
    }
}

#[test]
fn the_bytes_are_those_of_the_two_specifications() {
    let on_air = [lamp(2, "CAM", Tally::Program)];
    let v31 = tell(&config(Version::V31, Transport::Udp), &on_air);
    assert_eq!(v31, [b"\x82\x32CAM             ".to_vec()]);
    let v50 = tell(&config(Version::V50, Transport::Udp), &on_air);
    // 13 bytes follow; version 0; ASCII; screen 0; index 2; three red lamps, brightness 3; 3 bytes of text.
    assert_eq!(v50, [b"\x0d\0\0\0\0\0\x02\0\xd5\0\x03\0CAM".to_vec()]);
}

#[test]
fn an_address_of_254_and_a_whole_wall_survive_the_stream() {
    let wall: Vec<_> = (1..=99).map(|n| lamp(n, "카메라 이름 열여섯 글자", Tally::Program)).collect();
    for transport in [Transport::Udp, Transport::Tcp] {
        let config = TellerConfig { first: 200, ..config(Version::V50, transport) };
        let frames = tell(&config, &wall);
        assert_eq!(frames.len(), 99, "one display a packet: many receivers read no more");
        let talk = heard(config, &wall);
        let indices: Vec<_> =
            talk.inputs.as_ref().unwrap().iter().map(|input| input.index.unwrap()).collect();
        assert_eq!(indices, (200..=298).collect::<Vec<_>>());
        assert_eq!(talk.buses().0.len(), 99);
    }
}

#[test]
fn every_lamp_of_50_has_the_colour_and_31_has_those_that_were_chosen() {
    let packets = tell(&config(Version::V50, Transport::Udp), &show());
    let lamps = packets.iter().map(|bytes| packet(bytes).unwrap().displays[0].lamps);
    let colours = [Colour::Green, Colour::Red, Colour::Off, Colour::Off];
    assert_eq!(lamps.collect::<Vec<_>>(), colours.map(|colour| [colour; 3]));
    let mut chosen = config(Version::V31, Transport::Udp);
    chosen.meaning = Meaning { programme: Lamp::new(4).unwrap(), preview: Lamp::new(3).unwrap() };
    let controls: Vec<_> = tell(&chosen, &show()).iter().map(|record| record[1] & 15).collect();
    assert_eq!(controls, [0b0100, 0b1000, 0, 0]);
}

#[test]
fn our_own_listener_takes_the_server_for_a_vmix() {
    let mut server = Server::new(&show());
    let mut client = Talk::begin(Vmix::new);
    let exchange = |server: &mut Server, client: &mut Talk<Vmix>| {
        loop {
            let said: Vec<u8> = std::iter::from_fn(|| server.poll_output()).flatten().collect();
            let asked = client.sent().concat();
            if said.is_empty() && asked.is_empty() {
                return;
            }
            server.handle_input(&asked).unwrap();
            // As a network cuts it.
            said.chunks(7).for_each(|piece| client.hear(piece).unwrap());
        }
    };
    exchange(&mut server, &mut client);
    assert_eq!(client.connected.as_deref(), Some("vMix 28.0.0.0"));
    assert_eq!(client.buses(), (names(&["CAM 2"]), names(&["Wide"])));
    let labels: Vec<_> = client.inputs.iter().flatten().map(|input| input.label()).collect();
    assert_eq!(labels, ["Wide", "CAM 2", "<무대> & \"A\"", "CAM 4", "Crane"]);

    let mut after = show();
    (after[0].tally, after[1].tally) = (Tally::Program, Tally::Preview);
    server.tell(&after);
    exchange(&mut server, &mut client);
    assert_eq!(client.buses(), (names(&["Wide"]), names(&["CAM 2"])));
    assert_eq!(client.session.malformed(), 0);
}

fn said(server: &mut Server) -> String {
    String::from_utf8(std::iter::from_fn(|| server.poll_output()).flatten().collect()).unwrap()
}

#[test]
fn a_lamp_that_did_not_subscribe_is_told_nothing_by_itself_and_the_same_twice_to_nobody() {
    let mut server = Server::new(&show());
    said(&mut server);
    server.tell(&[lamp(1, "", Tally::Program)]);
    assert_eq!(said(&mut server), "");
    server.handle_input(b"subscribe tally\r\nTALLY\n").unwrap();
    assert_eq!(said(&mut server), "SUBSCRIBE OK TALLY\r\nTALLY OK 1\r\nTALLY OK 1\r\n");
    server.tell(&[lamp(1, "renamed", Tally::Program)]);
    assert_eq!(said(&mut server), "");
    server.tell(&[lamp(1, "renamed", Tally::Unknown)]);
    assert_eq!(said(&mut server), "TALLY OK 0\r\n", "unknown is dark, not the last colour");
    server.handle_input(b"UNSUBSCRIBE TALLY\r\n").unwrap();
    server.tell(&[lamp(1, "", Tally::Program)]);
    assert_eq!(said(&mut server), "UNSUBSCRIBE OK TALLY\r\n");
}

#[test]
fn nothing_can_be_done_to_the_show_and_whatever_is_no_vmix_client_is_refused() {
    let mut server = Server::new(&show());
    said(&mut server);
    server.handle_input(b"FUNCTION Cut\r\nSUBSCRIBE ACTS\r\nQUIT\r\n").unwrap();
    let said = said(&mut server);
    assert!(said.starts_with("FUNCTION ER ") && said.contains("\r\nSUBSCRIBE ER "), "{said}");
    assert!(said.ends_with("QUIT OK Bye\r\n") && server.is_over());
    let long = vec![b'x'; 2_000];
    assert!(matches!(Server::new(&[]).handle_input(&long), Err(Fault::NotThis { .. })));
    let mut ended = long;
    ended.push(b'\n');
    assert!(matches!(Server::new(&[]).handle_input(&ended), Err(Fault::NotThis { .. })));
}
