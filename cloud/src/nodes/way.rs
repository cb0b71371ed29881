//! Where a viewer is served: here, at another server, or here once the picture is fetched.

use super::Role;
use super::table::Holder;

/// The answer to a viewer who asks here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// By this server, if the picture arrives at all.
    Here,
    /// By the server that is reached there.
    There(String),
}

/// How this server stands to a session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Us {
    /// What it does.
    pub(super) role: Role,
    /// Whether the picture is here.
    pub(super) is_here: bool,
    /// Whether it ends soon.
    pub(super) draining: bool,
}

/// Who has the push serves it, unless it leaves that to edges; the others send viewers to who has it. An edge that drains
/// sends them to another one, or to who has the push.
pub(super) fn of(us: Us, holder: Option<&Holder>, edge: Option<&str>) -> Way {
    let stays = |holder: &&Holder| !us.draining || !holder.card.draining;
    let there =
        || holder.filter(stays).and_then(|holder| holder.card.url.clone()).map_or(Way::Here, Way::There);
    match us.role {
        Role::Edge if us.draining => match edge {
            Some(edge) if holder.is_some() => Way::There(edge.to_owned()),
            _ => there(),
        },
        Role::Edge => Way::Here,
        Role::Origin => match edge {
            Some(edge) if us.is_here || holder.is_some() => Way::There(edge.to_owned()),
            _ if us.is_here => Way::Here,
            _ => there(),
        },
        Role::All if us.is_here => Way::Here,
        Role::All => there(),
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::PublishKeyId;

    use super::super::table::{Card, Held};
    use super::*;
    use crate::relay::Node;

    #[test]
    fn viewers_are_served_where_the_push_is_and_by_edges_of_an_origin() {
        let url = |name: &str| Some(format!("https://{name}"));
        let card = |role, name| Card { role, url: url(name), srt_port: 1, viewers: 0, draining: false };
        let held = Held {
            key: PublishKeyId::from_parts(1, [0; 10]),
            high: true,
            low: true,
            ahead_us: None,
            on_request: false,
        };
        let holder = Holder { node: Node(7), card: card(Role::All, "two"), held };
        let (two, edge) = (Way::There("https://two".to_owned()), Way::There("https://edge".to_owned()));
        let nowhere = Holder { card: Card { url: None, ..holder.card.clone() }, ..holder.clone() };
        for (role, is_here, holder, an_edge, way) in [
            (Role::All, true, None, Some("https://edge"), &Way::Here),
            (Role::All, true, Some(&holder), None, &Way::Here),
            (Role::All, false, Some(&holder), None, &two),
            (Role::All, false, Some(&nowhere), None, &Way::Here),
            (Role::All, false, None, Some("https://edge"), &Way::Here),
            (Role::Origin, true, None, None, &Way::Here),
            (Role::Origin, true, None, Some("https://edge"), &edge),
            (Role::Origin, false, Some(&holder), Some("https://edge"), &edge),
            (Role::Origin, false, Some(&holder), None, &two),
            (Role::Origin, false, None, Some("https://edge"), &Way::Here),
            (Role::Edge, false, Some(&holder), None, &Way::Here),
        ] {
            let us = Us { role, is_here, draining: false };
            assert_eq!(&of(us, holder, an_edge), way, "{us:?} {holder:?} {an_edge:?}");
        }
        let leaving = Us { role: Role::Edge, is_here: true, draining: true };
        let drains_too = Holder { card: Card { draining: true, ..holder.card.clone() }, ..holder.clone() };
        for (holder, an_edge, way) in [
            (Some(&holder), Some("https://edge"), &edge),
            (Some(&holder), None, &two),
            (Some(&drains_too), None, &Way::Here),
            (None, Some("https://edge"), &Way::Here),
        ] {
            assert_eq!(&of(leaving, holder, an_edge), way, "{holder:?} {an_edge:?}");
        }
    }
}
