//! The answer as WHEP wants it (draft-ietf-wish-whep 4.5.1 and 4.5.2): one bundle that is RTP and RTCP together and
//! nothing else, one media stream. The library writes neither `rtcp-mux-only` nor one stream's name for both tracks.

/// Adds what the draft requires of each media section.
pub(super) fn finish(answer: &str) -> String {
    let stream = answer.lines().find_map(|line| line.strip_prefix("a=msid:")?.split_whitespace().next());
    let mut finished = String::with_capacity(answer.len() + 64);
    for line in answer.lines() {
        match (line.strip_prefix("a=msid:").and_then(|rest| rest.split_once(' ')), stream) {
            (Some((_, track)), Some(stream)) => finished.push_str(&format!("a=msid:{stream} {track}\r\n")),
            _ => {
                finished.push_str(line);
                finished.push_str("\r\n");
            }
        }
        if line == "a=rtcp-mux" {
            finished.push_str("a=rtcp-mux-only\r\n");
        }
    }
    finished
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tracks_are_of_one_stream_and_rtcp_has_no_port_of_its_own() {
        let answer = "v=0\r\nm=audio 9 X 1\r\na=msid:one a\r\na=rtcp-mux\r\n\
            m=video 9 X 2\r\na=msid:two v\r\na=rtcp-mux\r\na=ssrc:1 cname:x\r\n";
        assert_eq!(
            finish(answer),
            "v=0\r\nm=audio 9 X 1\r\na=msid:one a\r\na=rtcp-mux\r\na=rtcp-mux-only\r\n\
             m=video 9 X 2\r\na=msid:one v\r\na=rtcp-mux\r\na=rtcp-mux-only\r\na=ssrc:1 cname:x\r\n"
        );
    }
}
