//! All pages on one port: who is introduced, what they are told, what is heard of them.
//!
//! Pure: datagrams and time in, datagrams and events out. Refuses a datagram that is nobody's. Invariant: of one page
//! there are at most two connections, the one that works and the one that would take its place.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    Acknowledgement, CloudToPage, LanAddress, LanAnswer, LanOffer, PageNumber, PageToCloud, TallyState,
};
use str0m::RtcError;

use super::LanEvent;
use super::peer::{Identity, Peer, PeerEvent};
use super::spares::{Known, Spares};

/// As many pages as a large show has, twice.
const MOST: usize = 200;
/// A page that is on this network is connected by then.
const CONNECTED_WITHIN: Duration = Duration::from_secs(15);
/// A page confirms each word, and there is one each second: three are missing.
const PROVEN_FOR: Duration = Duration::from_secs(3);
/// A page that was not heard for so long is away, or has offered anew.
const SILENCE: Duration = Duration::from_secs(15);
/// A change is said again so soon: nothing is repeated below, and the next word may be a second away.
const SAID_AGAIN: [Duration; 2] = [Duration::from_millis(60), Duration::from_millis(250)];
/// A confirmation has a hundred bytes.
const LONGEST: usize = 1_024;
/// What a page may say in one second, as to the cloud.
const MESSAGES_PER_SECOND: u32 = 50;

/// See the module.
pub(super) struct Peers {
    identity: Identity,
    seats: Vec<Seat>,
    spares: Spares,
    word: Option<Said>,
    transmits: VecDeque<(SocketAddr, Vec<u8>)>,
    events: VecDeque<LanEvent>,
}

/// A page's connection.
struct Seat {
    known: Known,
    peer: Peer,
    greeted: bool,
    /// How it comes again without the relay.
    again: Option<String>,
    begun: Instant,
    heard: Option<Instant>,
    proven: bool,
    second: Instant,
    in_second: u32,
    gone: bool,
}

/// The newest word.
struct Said {
    state: TallyState,
    at: Instant,
    /// When it is said again, the next last.
    again: Vec<Instant>,
}

impl Peers {
    pub(super) fn new(here: SocketAddr) -> Result<Self, RtcError> {
        let identity = Identity::new(here)?;
        let (transmits, events) = (VecDeque::new(), VecDeque::new());
        Ok(Self { identity, seats: Vec::new(), spares: Spares::default(), word: None, transmits, events })
    }

    /// The relay introduces a page; what to say to it.
    pub(super) fn handle_offer(
        &mut self,
        page: PageNumber,
        offer: &LanOffer,
        addresses: Vec<LanAddress>,
        now: Instant,
    ) -> LanAnswer {
        let LanOffer { peer: who, n, side: theirs } = offer;
        // Its offer before this one that led to nothing.
        self.seats.retain(|seat| seat.known.who != *who || seat.peer.is_open());
        if self.seats.len() >= MOST || addresses.is_empty() {
            return LanAnswer::Closed { n: *n };
        }
        let (peer, side) = match Peer::new(&self.identity, theirs, now) {
            Ok(made) => made,
            Err(error) => {
                tracing::warn!(%error, "a page cannot be served on the local network");
                return LanAnswer::Closed { n: *n };
            }
        };
        let (who, fingerprint) = (who.clone(), theirs.fingerprint.clone());
        let known = Known { who, page, fingerprint, addresses: addresses.clone() };
        self.seats.push(Seat::new(known, peer, now));
        self.settle(now);
        LanAnswer::Open { n: *n, side, addresses }
    }

    /// The director said this word.
    pub(super) fn handle_word(&mut self, state: TallyState, now: Instant) {
        let changed = self.word.as_ref().is_none_or(|before| before.state.cameras != state.cameras);
        let again =
            if changed { SAID_AGAIN.iter().rev().map(|after| now + *after).collect() } else { Vec::new() };
        self.word = Some(Said { state, at: now, again });
        self.say_all(now);
        for Seat { peer, again, .. } in &mut self.seats {
            // With each word, since it may be lost as a word may.
            again.iter().for_each(|again| peer.add(again));
        }
        self.settle(now);
    }

    pub(super) fn handle_datagram(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        let is_ours = self.seats.iter_mut().any(|seat| seat.peer.handle_datagram(from, data, now))
            || self.spares.handle_datagram(from, data, now);
        if is_ours {
            self.settle(now);
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        for seat in self.seats.iter_mut().filter(|seat| seat.peer.deadline() <= now) {
            seat.peer.handle_timeout(now);
        }
        self.spares.handle_timeout(&self.identity, now);
        let due = self.word.as_mut().is_some_and(|word| {
            let before = word.again.len();
            word.again.retain(|at| *at > now);
            word.again.len() < before
        });
        if due {
            self.say_all(now);
        }
        self.settle(now);
    }

    /// When to call [`Self::handle_timeout`].
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let again = self.word.as_ref().and_then(|word| word.again.last().copied());
        self.seats.iter().map(Seat::poll_timeout).chain(again).chain(self.spares.poll_timeout()).min()
    }

    /// Goodbye to everybody; drain once more after it.
    pub(super) fn close(&mut self, now: Instant) {
        for seat in &mut self.seats {
            seat.peer.close();
        }
        self.settle(now);
    }

    /// The next datagram to send; drain to `None` after each mutation.
    pub(super) fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.transmits.pop_front()
    }

    /// What happened; drain to `None` after each mutation.
    pub(super) fn poll_event(&mut self) -> Option<LanEvent> {
        self.events.pop_front()
    }

    fn say_all(&mut self, now: Instant) {
        let Some(text) = self.word.as_ref().and_then(|word| word.text(now)) else { return };
        for seat in &mut self.seats {
            seat.peer.say(text.clone());
        }
    }

    /// Takes what the peers have to say, and lets go of those that are gone.
    fn settle(&mut self, now: Instant) {
        for (known, peer) in self.spares.drain(&mut self.transmits) {
            self.seats.push(Seat::new(known, peer, now));
        }
        let mut arrived = Vec::new();
        for seat in &mut self.seats {
            seat.drain(now, &mut self.transmits, &mut self.events);
            if seat.peer.is_open() && !seat.greeted {
                seat.greeted = true;
                seat.again = self.spares.keep(&self.identity, seat.known.clone(), now);
                seat.greet(self.word.as_ref(), now);
                seat.drain(now, &mut self.transmits, &mut self.events);
            }
            if seat.look(now, &mut self.events) {
                arrived.push((seat.known.who.clone(), seat.known.page, seat.begun));
            }
        }
        for (who, page, begun) in arrived {
            for older in self.seats.iter_mut().filter(|seat| seat.known.who == who && seat.begun < begun) {
                older.retire(&mut self.transmits);
                if older.proven && older.known.page != page {
                    self.events.push_back(LanEvent::Path { page: older.known.page, proven: false });
                }
            }
        }
        self.seats.retain(|seat| !seat.gone);
    }
}

impl Said {
    fn text(&self, now: Instant) -> Option<String> {
        let age_ms = u64::try_from(now.saturating_duration_since(self.at).as_millis()).unwrap_or(u64::MAX);
        serde_json::to_string(&CloudToPage::Tally { age_ms, run_us: None, state: self.state.clone() }).ok()
    }
}

impl Seat {
    fn new(known: Known, peer: Peer, now: Instant) -> Self {
        Self {
            known,
            peer,
            greeted: false,
            again: None,
            begun: now,
            heard: None,
            proven: false,
            second: now,
            in_second: 0,
            gone: false,
        }
    }

    /// The newest word, and how to come again.
    fn greet(&mut self, word: Option<&Said>, now: Instant) {
        if let Some(text) = word.and_then(|word| word.text(now)) {
            self.peer.say(text);
        }
        self.again.iter().for_each(|again| self.peer.add(again));
    }

    fn poll_timeout(&self) -> Instant {
        let silent = self.heard.map_or(self.begun + CONNECTED_WITHIN, |at| at + SILENCE);
        let unproven = self.heard.filter(|_| self.proven).map_or(silent, |at| at + PROVEN_FOR);
        self.peer.deadline().min(silent).min(unproven)
    }

    fn drain(
        &mut self,
        now: Instant,
        transmits: &mut VecDeque<(SocketAddr, Vec<u8>)>,
        events: &mut VecDeque<LanEvent>,
    ) {
        let mut happened = Vec::new();
        self.peer.drain(|to, datagram| transmits.push_back((to, datagram)), &mut happened);
        for event in happened {
            match event {
                PeerEvent::Open => {}
                PeerEvent::Heard(text) => self.hear(&text, now, events),
                PeerEvent::Gone => self.gone = true,
            }
        }
    }

    /// What a page confirms; all else it says to the cloud.
    fn hear(&mut self, text: &[u8], now: Instant, events: &mut VecDeque<LanEvent>) {
        if now.saturating_duration_since(self.second) >= Duration::from_secs(1) {
            (self.second, self.in_second) = (now, 0);
        }
        self.in_second = self.in_second.saturating_add(1);
        if self.in_second > MESSAGES_PER_SECOND || text.len() > LONGEST {
            return;
        }
        if let Ok(PageToCloud::Shown { epoch, seq, camera, tally }) = serde_json::from_slice(text) {
            self.heard = Some(now);
            let page = self.known.page;
            events.push_back(LanEvent::Shown(Acknowledgement { page, camera, epoch, seq, tally }));
        }
    }

    /// Whether the way has just been proven; tells when it is and when it is not any more.
    fn look(&mut self, now: Instant, events: &mut VecDeque<LanEvent>) -> bool {
        let since = |at| now.saturating_duration_since(at);
        self.gone |= match self.heard {
            Some(heard) => since(heard) >= SILENCE,
            None => since(self.begun) >= CONNECTED_WITHIN,
        };
        let proven = !self.gone && self.heard.is_some_and(|heard| since(heard) < PROVEN_FOR);
        let changed = proven != self.proven;
        self.proven = proven;
        if changed {
            events.push_back(LanEvent::Path { page: self.known.page, proven });
        }
        changed && proven
    }

    /// A newer connection of the same page works: what is known of the page is known by that one.
    fn retire(&mut self, transmits: &mut VecDeque<(SocketAddr, Vec<u8>)>) {
        self.peer.close();
        self.peer.drain(|to, datagram| transmits.push_back((to, datagram)), &mut Vec::new());
        self.gone = true;
    }
}
