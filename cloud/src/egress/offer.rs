//! What an SDP offer must hold before a viewer session is made of it.

use crate::media::JoinRefusal;

/// Longer than any browser's: a hundred times what two media sections take.
const MAX_LEN: usize = 64 * 1024;

/// Checks that the offer can receive what is sent here; the index of the section that will.
///
/// # Errors
/// Says what is missing.
pub(super) fn check(offer: &str) -> Result<usize, JoinRefusal> {
    let invalid = |what: &str| Err(JoinRefusal::SdpInvalid(what.to_owned()));
    if offer.len() > MAX_LEN {
        return invalid("it is longer than 64 KiB");
    }
    if !offer.starts_with("v=0") {
        return invalid("it does not begin with \"v=0\"");
    }
    let sections: Vec<&str> = offer.split("\nm=").skip(1).collect();
    let video = |section: &str| section.starts_with("video ");
    if !sections.iter().any(|section| video(section)) {
        return invalid("it has no video section");
    }
    if !sections.iter().any(|section| video(section) && receives(section)) {
        return invalid("its video section does not receive (recvonly)");
    }
    let plays = |section: &&str| video(section) && receives(section) && has_h264(section);
    sections.iter().position(plays).ok_or(JoinRefusal::H264Missing)
}

fn lines(section: &str) -> impl Iterator<Item = &str> {
    section.lines().map(str::trim)
}

fn receives(section: &str) -> bool {
    !lines(section).any(|line| line == "a=sendonly" || line == "a=inactive")
}

/// Whether packets may be repeated under this payload type (RFC 4588 8.1).
pub(super) fn repeats_on(offer: &str, payload_type: u8) -> bool {
    let named = |line: &str| {
        let (number, codec) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
        Some(number.parse() == Ok(payload_type) && codec.to_ascii_lowercase().starts_with("rtx/"))
    };
    lines(offer).filter_map(named).any(|is_it| is_it)
}

/// A payload type that is H.264 with packetization-mode 1 (RFC 6184 8.2.2; absent means 0).
fn has_h264(section: &str) -> bool {
    let types = lines(section).filter_map(|line| {
        let (payload_type, codec) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
        codec.to_ascii_uppercase().starts_with("H264/90000").then_some(payload_type)
    });
    types.into_iter().any(|payload_type| {
        lines(section).any(|line| {
            let format = line.strip_prefix("a=fmtp:").and_then(|rest| rest.split_once(' '));
            format.is_some_and(|(of, parameters)| {
                of == payload_type && parameters.split(';').any(|p| p.trim() == "packetization-mode=1")
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROMIUM: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 106 108\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n\
        a=rtpmap:106 H264/90000\r\n\
        a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f\r\n\
        a=rtpmap:108 H264/90000\r\n\
        a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n";

    #[test]
    fn packets_are_repeated_where_the_browser_takes_them() {
        let offer = format!("{CHROMIUM}a=rtpmap:109 rtx/90000\r\na=fmtp:109 apt=108\r\n");
        assert!(repeats_on(&offer, 109));
        assert!(!repeats_on(&offer, 108) && !repeats_on(CHROMIUM, 109));
    }

    #[test]
    fn a_browser_that_plays_h264_is_taken() {
        assert_eq!(check(CHROMIUM), Ok(1));
    }

    #[test]
    fn without_packetization_mode_1_the_refusal_says_so() {
        let single = CHROMIUM.replace("packetization-mode=1", "packetization-mode=0");
        assert_eq!(check(&single), Err(JoinRefusal::H264Missing));
        let vp8 = CHROMIUM.replace("H264", "VP9");
        assert_eq!(check(&vp8), Err(JoinRefusal::H264Missing));
    }

    #[test]
    fn what_is_no_offer_is_refused_with_what_is_wrong() {
        for (offer, word) in [
            ("", "v=0"),
            ("hello", "v=0"),
            ("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "no video"),
            (&CHROMIUM.replace("recvonly", "sendonly"), "recvonly"),
            (&format!("v=0{}", "a".repeat(MAX_LEN)), "64 KiB"),
        ] {
            match check(offer) {
                Err(JoinRefusal::SdpInvalid(why)) => assert!(why.contains(word), "{why}"),
                other => panic!("{word}: {other:?}"),
            }
        }
    }
}
