//! Connections that wait for a page to come again without the relay: reloaded, or on another network, while the cloud is
//! away.
//!
//! Pure. A page is told how to come on the data channel that it has, and keeps its certificate for it. Invariant: one for
//! each page; whoever comes by it shows the certificate that the relay said.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    CertificateFingerprint, CloudToPage, LanAddress, LanAnswer, LanPeer, LanSide, PageNumber,
};

use super::peer::{Identity, Peer, PeerEvent};

/// As many pages as are served.
const MOST: usize = 200;
/// A page's token lives no longer.
const KEPT_FOR: Duration = Duration::from_secs(86_400);
/// A page gives a try up after 8 s: its next one must not find half a handshake here.
const CONNECTED_WITHIN: Duration = Duration::from_secs(6);

/// What the relay said of a page.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) who: LanPeer,
    pub(super) page: PageNumber,
    pub(super) fingerprint: CertificateFingerprint,
    /// Where it was told to come.
    pub(super) addresses: Vec<LanAddress>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Spares(Vec<Spare>);

struct Spare {
    known: Known,
    ours: LanSide,
    peer: Peer,
    made: Instant,
    /// When somebody began to come.
    touched: Option<Instant>,
}

impl Spares {
    /// Waits for this page, and no longer as it did before; what to tell it. Nothing where none can be made.
    pub(super) fn keep(&mut self, identity: &Identity, known: Known, now: Instant) -> Option<String> {
        self.0.retain(|spare| {
            spare.known.who != known.who && now.saturating_duration_since(spare.made) < KEPT_FOR
        });
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        let made = Peer::waiting_for(identity, &known.fingerprint, None, now);
        let (peer, ours) =
            made.inspect_err(|error| tracing::warn!(%error, "a page cannot come again by itself")).ok()?;
        let (side, addresses) = (ours.clone(), known.addresses.clone());
        let answer = LanAnswer::Open { n: 0, side, addresses };
        self.0.push(Spare { known, ours, peer, made: now, touched: None });
        serde_json::to_string(&CloudToPage::LanAnswer { answer }).ok()
    }

    /// Takes a datagram; false if it is nobody's.
    pub(super) fn handle_datagram(&mut self, from: SocketAddr, data: &[u8], now: Instant) -> bool {
        self.0.iter_mut().any(|spare| {
            let is_its = spare.peer.handle_datagram(from, data, now);
            if is_its {
                spare.touched.get_or_insert(now);
            }
            is_its
        })
    }

    pub(super) fn handle_timeout(&mut self, identity: &Identity, now: Instant) {
        for spare in &mut self.0 {
            let Some(touched) = spare.touched else { continue };
            if now.saturating_duration_since(touched) >= CONNECTED_WITHIN {
                spare.renew(identity, now);
            } else if spare.peer.deadline() <= now {
                spare.peer.handle_timeout(now);
            }
        }
    }

    /// When to call [`Self::handle_timeout`]: one that nobody has touched needs nothing.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let next = |spare: &Spare| Some(spare.peer.deadline().min(spare.touched? + CONNECTED_WITHIN));
        self.0.iter().filter_map(next).min()
    }

    /// Takes what they have to say; the pages that came.
    pub(super) fn drain(&mut self, transmits: &mut VecDeque<(SocketAddr, Vec<u8>)>) -> Vec<(Known, Peer)> {
        let mut came = Vec::new();
        for mut spare in std::mem::take(&mut self.0) {
            let mut happened = Vec::new();
            if spare.touched.is_some() {
                spare.peer.drain(|to, datagram| transmits.push_back((to, datagram)), &mut happened);
            }
            if happened.contains(&PeerEvent::Open) {
                came.push((spare.known, spare.peer));
            } else {
                self.0.push(spare);
            }
        }
        came
    }
}

impl Spare {
    /// Nobody came of who began to: it waits for the next try, by what was told.
    fn renew(&mut self, identity: &Identity, now: Instant) {
        self.touched = None;
        match Peer::waiting_for(identity, &self.known.fingerprint, Some(&self.ours), now) {
            Ok((peer, _)) => self.peer = peer,
            Err(error) => tracing::warn!(%error, "a page cannot come again by itself"),
        }
    }
}
