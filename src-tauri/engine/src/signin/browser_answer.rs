//! What a browser says when it is led back: the head of a GET. Pure.

use reqwest::Url;

/// What is to be answered, and perhaps that this was it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The code.
    Code(String),
    /// A browser asks for an icon, somebody tries a port.
    SomethingElse,
}

/// Reads a head; another state than ours is somebody else's answer.
pub(super) fn heard(head: &str, state: &str) -> Heard {
    code(head, state).map_or(Heard::SomethingElse, Heard::Code)
}

fn code(head: &str, state: &str) -> Option<String> {
    let target = head.lines().next()?.strip_prefix("GET /?")?.split(' ').next()?;
    let url = Url::parse(&format!("http://127.0.0.1/?{target}")).ok()?;
    let of = |name: &str| {
        let mut found = url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        found.next().filter(|_| found.next().is_none())
    };
    let ours = of("state")?;
    // Guessing from this machine meets 256 bits; the comparison need not hide its time from it.
    (ours == state).then(|| of("code")).flatten().filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_with_our_state_is_the_answer() {
        let head = "GET /?code=a%2Fb&state=xyz HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n";
        assert_eq!(heard(head, "xyz"), Heard::Code("a/b".to_owned()));
    }

    #[test]
    fn anything_else_is_none_of_ours() {
        for head in [
            "",
            "GET /favicon.ico HTTP/1.1",
            "GET /?code=a&state=other HTTP/1.1",
            "GET /?code=a&state=xyz&state=xyz HTTP/1.1",
            "GET /?code=a&code=b&state=xyz HTTP/1.1",
            "GET /?code=&state=xyz HTTP/1.1",
            "GET /?state=xyz HTTP/1.1",
            "POST /?code=a&state=xyz HTTP/1.1",
            "GET /a?code=a&state=xyz HTTP/1.1",
            "\u{0}\u{1}",
        ] {
            assert_eq!(heard(head, "xyz"), Heard::SomethingElse, "{head}");
        }
    }
}
