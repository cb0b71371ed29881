//! What the players of others offer (`tests/fixtures/offers`, captured or rebuilt as its README says), and what they
//! are answered.

use reqwest::StatusCode;
use str0m::change::SdpAnswer;

use crate::cloud::refused;
use crate::picture::OnAir;

fn fixture(name: &str) -> String {
    let path = format!("{}/../tests/fixtures/offers/{name}.sdp", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// A media section: its kind, and the values of an attribute in it.
fn section<'a>(sdp: &'a str, kind: &str) -> &'a str {
    sdp.split("\nm=").find(|section| section.starts_with(kind)).unwrap()
}

fn values<'a>(section: &'a str, attribute: &str) -> Vec<&'a str> {
    let value =
        |line: &'a str| line.trim_end().strip_prefix("a=")?.strip_prefix(attribute)?.strip_prefix(':');
    section.lines().filter_map(value).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_browser_s_offer_is_answered_with_its_own_numbers_for_h264() {
    let air = OnAir::start().await;
    for (name, video_first, baseline) in [
        ("chromium-156", false, None),
        ("firefox-with-h264", false, Some("126")),
        ("safari-16-rebuilt", true, Some("98")),
    ] {
        let offer = fixture(name);
        let camera = air.session.camera(name).await;
        let made = air.ask(&camera.token, "", offer.clone()).await;
        assert_eq!(made.status(), StatusCode::CREATED, "{name}");
        let answer = made.text().await.unwrap();
        SdpAnswer::from_sdp_string(&answer).unwrap_or_else(|error| panic!("{name}: {error}\n{answer}"));
        let kinds: Vec<&str> = answer.split("\nm=").skip(1).filter_map(|s| s.split(' ').next()).collect();
        assert_eq!(kinds, if video_first { ["video", "audio"] } else { ["audio", "video"] }, "{name}");
        for kind in ["audio", "video"] {
            let (asked, given) = (section(&offer, kind), section(&answer, kind));
            assert_eq!(values(given, "mid"), values(asked, "mid"), "{name}");
            assert_eq!(values(given, "setup"), ["passive"], "{name}");
            assert!(given.contains("a=sendonly"), "{name}: {given}");
            // Nothing is said that was not offered.
            for format in values(given, "rtpmap") {
                let codec = |line: &&str| line.to_lowercase() == format.to_lowercase();
                assert!(values(asked, "rtpmap").iter().any(codec), "{name}: {format}");
            }
        }
        let video = section(&answer, "video");
        let plays = |number: &str| {
            let format =
                values(video, "fmtp").into_iter().find(|line| line.starts_with(&format!("{number} ")));
            format.is_some_and(|line| line.contains("packetization-mode=1") && line.contains("42e01f"))
        };
        match baseline {
            Some(number) => assert!(plays(number), "{name}: {video}"),
            None => {
                let numbers = values(video, "rtpmap").into_iter().filter_map(|line| line.split(' ').next());
                assert!(numbers.into_iter().any(plays), "{name}: {video}");
            }
        }
        assert!(values(section(&answer, "audio"), "rtpmap").iter().any(|line| line.contains("opus/48000/2")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firefox_without_its_h264_plugin_is_told_what_it_lacks() {
    let air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    let problem =
        refused(air.ask(&camera.token, "", fixture("firefox-esr-153")).await, 406, "h264_missing").await;
    assert!(problem.detail.contains("H.264"), "{problem:?}");
}
