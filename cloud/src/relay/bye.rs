//! Every reason for which the cloud ends a socket.

use axum::http::StatusCode;
use returnfeed_protocol::{PROTOCOL_VERSION, Problem};

use crate::api::problem::ApiProblem;
use crate::api::routes::Refusal;

/// All of them.
pub const ALL: [Refusal; 12] = [
    Refusal(409, "session_ended"),
    Refusal(403, "removed"),
    Refusal(403, "logged_out"),
    Refusal(503, "server_stopping"),
    Refusal(409, "stale_director"),
    Refusal(409, "uplink_replaced"),
    Refusal(409, "epoch_unknown"),
    Refusal(426, "protocol_unknown"),
    Refusal(400, "hello_expected"),
    Refusal(400, "message_not_understood"),
    Refusal(429, "too_many_messages"),
    Refusal(408, "connection_silent"),
];

fn bye(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Problem {
    ApiProblem::new(status, code, title, detail).into_problem()
}

/// The session is over.
pub fn session_ended() -> Problem {
    let detail = "The director has ended this session. Ask for the link of the next one.";
    bye(StatusCode::CONFLICT, "session_ended", "The session has ended", detail)
}

/// The director has taken somebody out.
pub fn removed() -> Problem {
    let detail = "If that was a mistake, ask the director for a new link.";
    bye(StatusCode::FORBIDDEN, "removed", "The director has taken you out", detail)
}

/// The login that lent it is over.
pub fn logged_out() -> Problem {
    let detail = "Log in, and direct the session anew.";
    bye(StatusCode::FORBIDDEN, "logged_out", "This login is over", detail)
}

/// The server stops.
pub fn stopping() -> Problem {
    let detail = "Come back in a few seconds; if it lasts, ask the host of the server.";
    bye(StatusCode::SERVICE_UNAVAILABLE, "server_stopping", "The server is stopping", detail)
}

/// Another run of the director is newer.
pub fn stale_director() -> Problem {
    let detail = "Another director has taken over this session. To take it back, go live again here.";
    bye(StatusCode::CONFLICT, "stale_director", "Another director has taken over", detail)
}

/// The same run has opened another uplink.
pub fn uplink_replaced() -> Problem {
    let detail = "This director has connected again; this older connection is not needed any more.";
    bye(StatusCode::CONFLICT, "uplink_replaced", "Connected again from the same run", detail)
}

/// A run that this server never granted.
pub fn epoch_unknown() -> Problem {
    let detail = "Ask for a new publish grant (POST .../publish) and say its epoch.";
    bye(StatusCode::CONFLICT, "epoch_unknown", "The director's run is not known here", detail)
}

/// Of a version that we do not understand.
pub fn protocol_unknown(theirs: u16) -> Problem {
    let detail = if theirs > PROTOCOL_VERSION {
        format!("This server speaks version {PROTOCOL_VERSION}, you speak {theirs}: update the server.")
    } else {
        format!(
            "This server speaks version {PROTOCOL_VERSION}, you speak {theirs}: update your app or reload the page."
        )
    };
    bye(StatusCode::UPGRADE_REQUIRED, "protocol_unknown", "The two sides speak different versions", detail)
}

/// The first message was not a hello, or a hello came twice.
pub fn hello_expected() -> Problem {
    let detail = "The first message, and only the first, is a hello.";
    bye(StatusCode::BAD_REQUEST, "hello_expected", "A hello was expected", detail)
}

/// Not a message of the protocol.
pub fn not_understood(what: &str) -> Problem {
    let detail = format!("Update the side that sent it. What was wrong: {what}.");
    bye(StatusCode::BAD_REQUEST, "message_not_understood", "A message was not understood", detail)
}

/// More messages than anybody needs.
pub fn too_many_messages() -> Problem {
    let detail = "Reload the page; if it happens again, report it.";
    bye(StatusCode::TOO_MANY_REQUESTS, "too_many_messages", "Too many messages", detail)
}

/// Nothing was heard for too long.
pub fn silent() -> Problem {
    let detail = "Connect again.";
    bye(StatusCode::REQUEST_TIMEOUT, "connection_silent", "Nothing was heard for 15 seconds", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_farewell_stands_in_the_list() {
        let made = [
            session_ended(),
            removed(),
            logged_out(),
            stopping(),
            stale_director(),
            uplink_replaced(),
            epoch_unknown(),
            protocol_unknown(0),
            hello_expected(),
            not_understood(""),
            too_many_messages(),
            silent(),
        ];
        let made: Vec<_> = made.iter().map(|problem| (problem.status, problem.code.as_str())).collect();
        assert_eq!(made, ALL.map(|Refusal(status, code)| (status, code)));
    }
}
