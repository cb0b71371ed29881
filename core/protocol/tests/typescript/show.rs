//! A show with one of everything, and what the cloud says of it.

use std::collections::BTreeMap;

use returnfeed_protocol::show::{
    OutputTarget, ProgrammeMode, Rest, SecretRef, ShowCamera, ShowFeed, ShowGreen, ShowLink, ShowOutput,
    ShowQuality, ShowSource, ShowSwitcher, SourceInput, SwitcherProtocol, TslDisplay, TslTransport,
    TslVersion,
};
use returnfeed_protocol::{Bitrate, Layer, Show, ShowDigest, ShowEntry, ShowHistory, ShowId, ShowPast};

use super::samples::{Sample, camera, sample};

fn rest() -> Rest {
    Rest::new()
}

fn sources() -> Vec<ShowSource> {
    let inputs = [
        SourceInput::Test { rest: rest() },
        SourceInput::File { path: "/srv/opener.mp4".into(), rest: rest() },
        SourceInput::V4l2 { device: "/dev/video0".into(), rest: rest() },
        SourceInput::Ndi { name: "STUDIO (CAM 1)".into(), rest: rest() },
        SourceInput::NdiAddress { address: "192.168.1.20:5961".into(), rest: rest() },
    ];
    let named = |input: SourceInput| {
        let (name, number) = match &input {
            SourceInput::Test { .. } => ("Bars", None),
            SourceInput::File { .. } => ("Opener", None),
            SourceInput::V4l2 { .. } => ("Balcony", Some(2)),
            SourceInput::Ndi { .. } => ("무대 왼쪽", Some(1)),
            SourceInput::NdiAddress { .. } => ("", Some(3)),
        };
        ShowSource { name: name.into(), camera: number.map(camera), input, rest: rest() }
    };
    inputs.into_iter().map(named).collect()
}

fn switchers() -> Vec<ShowSwitcher> {
    let protocols = [
        SwitcherProtocol::Vmix { rest: rest() },
        SwitcherProtocol::Obs { password: Some(SecretRef::new("obs-studio")), rest: rest() },
        SwitcherProtocol::Atem { rest: rest() },
        SwitcherProtocol::Tsl {
            version: Some(TslVersion::V50),
            transport: TslTransport::Tcp,
            screen: Some(1),
            programme: Some(1),
            preview: Some(2),
            displays: vec![TslDisplay { display: 7, programme: 4, preview: 1, rest: rest() }],
            silence_s: Some(30),
            rest: rest(),
        },
    ];
    let named = |protocol: SwitcherProtocol| {
        let (name, host, port) = match &protocol {
            SwitcherProtocol::Vmix { .. } => ("vMix", "10.0.0.5", None),
            SwitcherProtocol::Obs { .. } => ("OBS", "obs.local", Some(4455)),
            SwitcherProtocol::Atem { .. } => ("van", "10.0.0.7", None),
            SwitcherProtocol::Tsl { .. } => ("umd", "0.0.0.0", Some(8900)),
        };
        ShowSwitcher { name: name.into(), host: host.into(), port, protocol, rest: rest() }
    };
    protocols.into_iter().map(named).collect()
}

/// One of everything.
fn show() -> Show {
    let link = |switcher: &str, input: &str| ShowLink {
        switcher: switcher.into(),
        input: input.into(),
        rest: rest(),
    };
    let feed = |links| ShowFeed { links, rest: rest() };
    Show {
        programme: ProgrammeMode::Beside { source: 4, rest: rest() },
        sources: sources(),
        switchers: switchers(),
        cameras: vec![ShowCamera {
            camera: camera(1),
            name: "무대 왼쪽".into(),
            feeds: vec![feed(vec![link("vMix", "5"), link("van", "4")]), feed(vec![link("OBS", "Sony FX3")])],
            rest: rest(),
        }],
        green: ShowGreen::EveryOther,
        outputs: vec![ShowOutput {
            name: "Truck".into(),
            layer: Layer::High,
            target: OutputTarget::Srt {
                host: "srt.example.org".into(),
                port: 9000,
                stream_id: "truck".into(),
                passphrase: SecretRef::new("truck"),
                latency_ms: Some(120),
                rest: rest(),
            },
            rest: rest(),
        }],
        keys: BTreeMap::from([
            ("cut".into(), "Space".into()),
            ("hot_cut:1".into(), "Shift+Digit1".into()),
            ("preview:1".into(), "Digit1".into()),
        ]),
        quality: ShowQuality {
            encoder: Some("x264enc".into()),
            high_bitrate: Some(Bitrate(1_000_000)),
            low_bitrate: Some(Bitrate(100_000)),
            rest: rest(),
        },
        ..Show::new("저녁 예배 Evening service")
    }
}

fn past() -> ShowPast {
    ShowPast {
        version: 7,
        digest: ShowDigest::from_bytes([0xab; 32]),
        name: show().name,
        machine: "Studio".into(),
        saved_at: 1_763_856_000_000,
    }
}

fn entry() -> ShowEntry {
    ShowEntry {
        id: ShowId::from_parts(1_763_856_000_004, [4; 10]),
        name: show().name,
        version: 7,
        digest: Some(past().digest),
        etag: Some(past().digest.etag(7)),
        updated_at: past().saved_at,
    }
}

/// A show, the least show, and each body.
pub(crate) fn shows() -> Vec<Sample> {
    let deleted = ShowEntry { digest: None, etag: None, version: 8, ..entry() };
    vec![
        sample("show.v1", "Show", &show()),
        sample("show.v1_least", "Show", &Show::new("Sunday")),
        sample("http.show_entry", "ShowEntry", &entry()),
        sample("http.show_entry_deleted", "ShowEntry", &deleted),
        sample("http.show_history", "ShowHistory", &ShowHistory { now: entry(), versions: vec![past()] }),
    ]
}

#[test]
fn the_sample_of_everything_is_a_show_that_may_be_written() {
    assert_eq!(Show::parse(&show().to_text().unwrap()), Ok(show()));
}
