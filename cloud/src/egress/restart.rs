//! An ICE restart on an ICE-lite agent (RFC 8445 9, RFC 8839 4.4.3).
//!
//! WHEP carries only the credentials; the library below begins ICE anew when it is offered the same session with
//! other credentials. So the offer is kept, and offered again with what is new in it; of the answer only what WHEP
//! carries goes back. It refuses to touch anything that is not ICE: media goes on over the old path meanwhile.

use crate::media::IceCredentials;

/// The offer as it would be now: other credentials, and no candidates, for those it had are gone.
pub(super) fn offer_again(offer: &str, credentials: &IceCredentials) -> String {
    let lines = without_candidates(offer);
    let lines = lines.lines().map(|line| match line {
        line if line.starts_with("a=ice-ufrag:") => format!("a=ice-ufrag:{}\r\n", credentials.fragment),
        line if line.starts_with("a=ice-pwd:") => format!("a=ice-pwd:{}\r\n", credentials.password),
        line => format!("{line}\r\n"),
    });
    lines.collect()
}

/// An offer that says nothing of where the viewer may be.
pub(super) fn without_candidates(offer: &str) -> String {
    let lines = offer.lines().filter(|line| !line.starts_with("a=candidate:"));
    lines.map(|line| format!("{line}\r\n")).collect()
}

/// The value of the first attribute of this name.
pub(super) fn attribute<'a>(sdp: &'a str, name: &str) -> Option<&'a str> {
    sdp.lines().find_map(|line| line.strip_prefix("a=")?.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// The ICE of an answer as an SDP fragment: of the session and of the first media section, which the others are
/// bundled with (RFC 8840 9, RFC 9143 9).
pub(super) fn fragment(answer: &str) -> String {
    const OF_SESSION: [&str; 3] = ["a=ice-lite", "a=ice-options:", "a=group:BUNDLE"];
    const OF_MEDIA: [&str; 4] = ["a=mid:", "a=ice-ufrag:", "a=ice-pwd:", "a=candidate:"];
    let begins = |line: &str, with: &[&str]| with.iter().any(|start| line.starts_with(start));
    let is_media = |line: &&str| line.starts_with("m=");
    let session = answer.lines().take_while(|line| !is_media(line)).filter(|line| begins(line, &OF_SESSION));
    let mut rest = answer.lines().skip_while(|line| !is_media(line));
    let first = rest.next();
    let media = rest.take_while(|line| !is_media(line)).filter(|line| begins(line, &OF_MEDIA));
    let lines = session.chain(first).chain(media).chain(["a=end-of-candidates"]);
    lines.map(|line| format!("{}\r\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_again_differs_in_ice_alone() {
        let offer = "v=0\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:old1\r\n\
            a=ice-pwd:old\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n\
            a=ice-ufrag:old1\r\na=ice-pwd:old\r\na=mid:1\r\n";
        let credentials = IceCredentials { fragment: "new1".to_owned(), password: "p".repeat(22) };
        let again = offer_again(offer, &credentials);
        assert_eq!(again.matches("a=ice-ufrag:new1\r\n").count(), 2);
        assert_eq!(again.matches(&format!("a=ice-pwd:{}\r\n", "p".repeat(22))).count(), 2);
        assert!(!again.contains("old") && !again.contains("a=candidate"));
        assert!(again.ends_with("a=mid:1\r\n") && again.starts_with("v=0\r\na=group:BUNDLE 0 1\r\n"));
    }

    #[test]
    fn the_fragment_holds_the_first_section_s_ice() {
        let answer = "v=0\r\no=x\r\na=group:BUNDLE 0 1\r\na=ice-lite\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
            c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\na=fingerprint:x\r\n\
            a=candidate:1 1 udp 1 192.0.2.1 8189 typ host\r\na=mid:0\r\nm=video 9 X 96\r\na=mid:1\r\n";
        assert_eq!(
            fragment(answer),
            "a=group:BUNDLE 0 1\r\na=ice-lite\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:abcd\r\n\
             a=ice-pwd:secret\r\na=candidate:1 1 udp 1 192.0.2.1 8189 typ host\r\na=mid:0\r\n\
             a=end-of-candidates\r\n"
        );
        assert_eq!(attribute(answer, "ice-ufrag"), Some("abcd"));
    }
}
