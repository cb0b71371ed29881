//! The `Link` headers of a viewer session (RFC 8288): what a player may ask for beside the picture.

use returnfeed_protocol::{Layer, SessionId, ViewerId};

use super::events::EventKind;

/// The address of a viewer session.
pub(super) fn viewer_session(session: SessionId, viewer: ViewerId) -> String {
    format!("/whep/{session}/{viewer}")
}

/// Where another server of ours serves the session: with a pass, since a player may not take its token along, and with
/// what else the player asked for.
pub(super) fn elsewhere(url: &str, session: SessionId, pass: &str, layer: Option<Layer>) -> String {
    let layer = layer.map(|layer| format!("&layer={layer}")).unwrap_or_default();
    format!("{url}/whep/{session}?pass={pass}{layer}")
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
