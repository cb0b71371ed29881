use std::time::Duration;

use returnfeed_switchers::vmix::{Vmix, names as names_of};
use returnfeed_switchers::{Fault, Session};

use crate::talk::{Talk, names};

const STATE: &str = include_str!("../../../../tests/fixtures/switchers/vmix/state.xml");
const TITLE: &str = "Tom & Ada \"LateNight\" 카메라";

fn xml() -> String {
    format!("XML {}\r\n{STATE}", STATE.len())
}

/// Greeted, subscribed, names and a first tally heard.
fn running() -> Talk<Vmix> {
    let mut vmix = Talk::begin(Vmix::new);
    for line in ["VERSION OK 28.0.0.39\r\n", "SUBSCRIBE OK TALLY\r\n", &xml(), "TALLY OK 01\r\n"] {
        vmix.hear(line).unwrap();
    }
    vmix
}

#[test]
fn it_waits_for_the_greeting_and_asks_one_thing_at_a_time() {
    let mut vmix = Talk::begin(Vmix::new);
    assert!(vmix.sent().is_empty(), "vMix speaks first");
    for (line, asked) in [
        ("VERSION OK 28.0.0.39\r\n", "SUBSCRIBE TALLY\r\n"),
        ("SUBSCRIBE OK TALLY\r\n", "XML\r\n"),
        (&xml(), "TALLY\r\n"),
    ] {
        vmix.hear(line).unwrap();
        assert_eq!(vmix.sent_text(), [asked], "after {line:.20}");
    }
    vmix.hear("TALLY OK 012\r\n").unwrap();
    assert!(vmix.sent().is_empty());
    assert_eq!(vmix.connected.as_deref(), Some("vMix 28.0.0.39"));
}

#[test]
fn tally_is_by_number_and_names_come_from_the_state() {
    let mut vmix = running();
    assert_eq!(vmix.buses(), (names(&[TITLE]), vec![]));
    vmix.hear("TALLY OK 0121\r\n").unwrap();
    assert_eq!(vmix.buses(), (names(&[TITLE, "4"]), names(&["3"])));
    let numbers: Vec<_> = vmix.inputs.iter().flatten().map(|input| input.index).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), Some(4)]);
}

#[test]
fn a_stream_cut_at_every_byte_says_the_same() {
    let mut vmix = Talk::begin(Vmix::new);
    let said = format!("VERSION OK 28.0\r\nSUBSCRIBE OK TALLY\r\n{}TALLY OK 21\r\nTALLY OK 12\r\n", xml());
    for byte in said.as_bytes() {
        vmix.hear([*byte]).unwrap();
    }
    assert_eq!(vmix.buses(), (names(&["NewsHD.xaml"]), names(&[TITLE])));
}

#[test]
fn it_asks_for_the_tally_each_second_and_for_names_each_five() {
    let mut vmix = running();
    let mut asked = Vec::new();
    vmix.sent();
    for _ in 0..10 {
        vmix.pass(Duration::from_secs(1)).unwrap();
        for line in vmix.sent_text() {
            let names = line == "XML\r\n";
            asked.push(line);
            if names {
                vmix.hear(xml()).unwrap();
            }
        }
        vmix.hear("TALLY OK 01\r\n").unwrap();
    }
    let count = |line: &str| asked.iter().filter(|asked| *asked == line).count();
    assert!((8..=11).contains(&count("TALLY\r\n")) && count("XML\r\n") == 2, "{asked:?}");
    assert_eq!(vmix.said, 1, "nothing changed");
}

#[test]
fn a_machine_that_does_not_answer_is_silent_after_three_seconds() {
    let mut vmix = running();
    let fault = vmix.pass(Duration::from_secs(30)).unwrap_err();
    assert_eq!(fault, Fault::Silent(Duration::from_secs(3)));
    let mut mute = Talk::begin(Vmix::new);
    assert!(mute.pass(Duration::from_millis(2_999)).is_ok());
    assert!(mute.pass(Duration::from_millis(1)).is_err(), "no greeting");
}

#[test]
fn a_web_server_on_the_port_is_told_from_vmix() {
    let mut vmix = Talk::begin(Vmix::new);
    let fault = vmix.hear("HTTP/1.1 400 Bad Request\r\n").unwrap_err();
    assert!(matches!(fault, Fault::NotThis { wanted: "vMix", .. }), "{fault}");
    let mut endless = Talk::begin(Vmix::new);
    assert!(endless.hear([b'x'; 5_000]).is_err(), "a line without an end");
    assert!(running().hear("XML 99999999\r\n").is_err(), "more data than any vMix has");
}

#[test]
fn an_empty_tally_is_no_inputs_and_a_malformed_one_is_counted() {
    let mut vmix = running();
    vmix.hear("TALLY OK \r\nTALLY OK\r\n").unwrap();
    assert_eq!(vmix.inputs, Some(vec![]));
    vmix.hear("TALLY OK 01x\r\nwhat\r\nTALLY OK 1\r\n").unwrap();
    assert_eq!(vmix.session.malformed(), 2);
    assert_eq!(vmix.buses().0, ["NewsHD.xaml"]);
}

#[test]
fn names_that_are_refused_or_broken_cost_only_the_names() {
    let mut vmix = Talk::begin(Vmix::new);
    for line in ["VERSION OK 28\r\n", "SUBSCRIBE OK TALLY\r\n", "XML ER busy\r\n", "TALLY OK 1\r\n"] {
        vmix.hear(line).unwrap();
    }
    assert_eq!(vmix.buses().0, ["1"]);
    assert_eq!(names_of(b"<html><input number='1' title='x'/></html>"), None);
    assert_eq!(names_of(b"<vmix><input number="), None);
}
