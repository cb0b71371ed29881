//! The `Link` headers of a viewer session (RFC 8288): what a player may ask for beside the picture.

use returnfeed_protocol::{SessionId, ViewerId};

use super::events::EventKind;

/// The address of a viewer session.
pub(super) fn viewer_session(session: SessionId, viewer: ViewerId) -> String {
    format!("/whep/{session}/{viewer}")
}

/// The two extensions of the draft (4.9.1 and 4.9.2).
pub(super) fn extensions(viewer_session: &str) -> [String; 2] {
    let events = EventKind::ALL.map(EventKind::as_str).join(",");
    [
        format!(
            "<{viewer_session}/events>; rel=\"urn:ietf:params:whep:ext:core:server-sent-events\"; \
             events=\"{events}\""
        ),
        format!("<{viewer_session}/layer>; rel=\"urn:ietf:params:whep:ext:core:layer\""),
    ]
}
