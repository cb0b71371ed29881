//! The answer as WHEP wants it (draft-ietf-wish-whep 4.5.1 and 4.5.2): one bundle that is RTP and RTCP together and
//! nothing else, one media stream, of one name (RFC 8834 4.9). The library writes neither `rtcp-mux-only` nor one
//! stream's name for both tracks, and a canonical name for each.

/// Adds what the draft requires of each media section.
pub(super) fn finish(answer: &str) -> String {
    let stream = answer.lines().find_map(|line| line.strip_prefix("a=msid:")?.split_whitespace().next());
    let name = canonical_name(answer);
    let mut finished = String::with_capacity(answer.len() + 64);
    for line in answer.lines() {
        let track = line.strip_prefix("a=msid:").and_then(|rest| rest.split_once(' ')).zip(stream);
        let named = line.split_once(NAMED).filter(|(source, _)| source.starts_with("a=ssrc:")).zip(name);
        match (track, named) {
            (Some(((_, track), stream)), _) => finished.push_str(&format!("a=msid:{stream} {track}")),
            (_, Some(((source, _), name))) => finished.push_str(&format!("{source}{NAMED}{name}")),
            (None, None) => finished.push_str(line),
        }
        finished.push_str("\r\n");
        if line == "a=rtcp-mux" {
            finished.push_str("a=rtcp-mux-only\r\n");
        }
    }
    finished
}

const NAMED: &str = " cname:";

/// What sender reports call their sender (RFC 3550 6.5.1).
pub(super) fn canonical_name(answer: &str) -> Option<&str> {
    answer.lines().find_map(|line| Some(line.strip_prefix("a=ssrc:")?.split_once(NAMED)?.1.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tracks_are_of_one_stream_and_rtcp_has_no_port_of_its_own() {
        let answer = "v=0\r\nm=audio 9 X 1\r\na=msid:one a\r\na=rtcp-mux\r\na=ssrc:7 cname:y\r\n\
            m=video 9 X 2\r\na=msid:two v\r\na=rtcp-mux\r\na=ssrc:1 cname:x\r\na=ssrc:1 msid:- v\r\n";
        assert_eq!(canonical_name(answer), Some("y"));
        assert_eq!(
            finish(answer),
            "v=0\r\nm=audio 9 X 1\r\na=msid:one a\r\na=rtcp-mux\r\na=rtcp-mux-only\r\na=ssrc:7 cname:y\r\n\
             m=video 9 X 2\r\na=msid:one v\r\na=rtcp-mux\r\na=rtcp-mux-only\r\na=ssrc:1 cname:y\r\n\
             a=ssrc:1 msid:- v\r\n"
        );
    }
}
