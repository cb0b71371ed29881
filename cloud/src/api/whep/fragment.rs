//! An SDP fragment as a player sends it (`application/trickle-ice-sdpfrag`, RFC 8840 9).
//!
//! Pure. It refuses what is no SDP, and credentials outside the bounds of RFC 8839 5.4. Candidates are passed over:
//! an ICE-lite agent needs none, and the draft lets those be discarded that a server cannot use (4.4.2).

use crate::media::IceCredentials;

/// Why a fragment says nothing that can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadFragment {
    #[error("line {0} is not of SDP (one letter, an equals sign, a value)")]
    NotSdp(usize),
    #[error("it names neither credentials nor candidates of an ICE session")]
    NoIce,
    #[error("ice-ufrag and ice-pwd go together")]
    HalfCredentials,
    #[error("ice-ufrag has 4 to 256 and ice-pwd 22 to 256 letters, digits, + or /")]
    OutOfBounds,
}

/// The credentials that a fragment names, if it names any.
pub(super) fn read(text: &str) -> Result<Option<IceCredentials>, BadFragment> {
    let lines = || text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let is_sdp = |line: &str| matches!(line.as_bytes(), [letter, b'=', ..] if letter.is_ascii_lowercase());
    if let Some(bad) = lines().position(|line| !is_sdp(line)) {
        return Err(BadFragment::NotSdp(bad + 1));
    }
    let attribute = |name: &str| lines().find_map(|line| line.strip_prefix("a=")?.strip_prefix(name));
    match (attribute("ice-ufrag:"), attribute("ice-pwd:")) {
        (Some(fragment), Some(password)) => {
            let fits = |value: &str, least| {
                let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
                (least..=256).contains(&value.len()) && value.bytes().all(allowed)
            };
            if !fits(fragment, 4) || !fits(password, 22) {
                return Err(BadFragment::OutOfBounds);
            }
            let (fragment, password) = (fragment.to_owned(), password.to_owned());
            Ok(Some(IceCredentials { fragment, password }))
        }
        (Some(_), None) | (None, Some(_)) => Err(BadFragment::HalfCredentials),
        (None, None) if attribute("candidate:").or(attribute("end-of-candidates")).is_some() => Ok(None),
        (None, None) => Err(BadFragment::NoIce),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_candidates_are_read() {
        let text = "a=ice-options:trickle ice2\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n\
            a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n\
            a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\n";
        let credentials = read(text).unwrap().unwrap();
        assert_eq!(credentials.fragment, "ysXw");
        assert_eq!(credentials.password, "vw5LmwG4y/e6dPP/zAP9Gp5k");
        assert_eq!(read("a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"), Ok(None));
        assert_eq!(read("a=mid:0\na=end-of-candidates\n"), Ok(None));
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_reason() {
        let password = "p".repeat(22);
        for (text, why) in [
            ("hello", BadFragment::NotSdp(1)),
            ("a=mid:0\r\n{\"candidate\":\"\"}", BadFragment::NotSdp(2)),
            ("", BadFragment::NoIce),
            ("a=mid:0\r\n", BadFragment::NoIce),
            ("a=ice-ufrag:abcd\r\n", BadFragment::HalfCredentials),
            ("a=ice-ufrag:abc\r\na=ice-pwd:short\r\n", BadFragment::OutOfBounds),
            (&format!("a=ice-ufrag:ab d\r\na=ice-pwd:{password}\r\n"), BadFragment::OutOfBounds),
            (
                &format!("a=ice-ufrag:{}\r\na=ice-pwd:{password}\r\n", "a".repeat(257)),
                BadFragment::OutOfBounds,
            ),
        ] {
            assert_eq!(read(text), Err(why), "{text:?}");
        }
    }
}
