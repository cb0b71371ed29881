//! One session's room: its pages, its director's uplink, and the tally between them.
//!
//! It refuses to await anything: each event is one short step under one lock. Invariant: a word reaches every
//! operator's outbox in the step in which it was heard.

mod crew;
mod far;
mod figures;
mod lan;
mod pages;
mod picture;
mod talk;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use returnfeed_media::remote_clock::RemoteClock;
use returnfeed_protocol::{
    CameraNumber, CloudToDirector, Epoch, Layer, PROTOCOL_VERSION, PageNumber, ParticipantId, Place, Problem,
    Role, SessionId, SessionState, SessionSummary, TallyState,
};
use returnfeed_tally::{Hub, Questions, Takeover, WordRefusal};

use super::bus::{Bus, Far, Node};
use super::drain::Drain;
use super::outbox::Outbox;
use super::page::PageSlots;
use super::uplink::UplinkSlots;
use super::word::Word;
use super::{bye, locked};
use crate::clock::{run_us, unix_us};
use crate::media::MediaPlane;
use crate::store::SessionRow;

pub use figures::RoomFigures;

/// Name and version, for a director's log.
const SOFTWARE: &str = concat!("returnfeed-cloud ", env!("CARGO_PKG_VERSION"));

/// A session that somebody is connected to.
pub struct Room {
    session: SessionId,
    media: MediaPlane,
    inner: Mutex<Inner>,
}

struct Inner {
    bus: Bus,
    /// Other servers in whose rooms somebody of this session is.
    others: BTreeMap<Node, far::Other>,
    summary: SessionSummary,
    as_of: u64,
    drain: Option<Drain>,
    hub: Hub,
    word: Option<Arc<Word>>,
    opened: u64,
    pages: BTreeMap<PageNumber, OpenPage>,
    questions: Questions,
    viewers: HashMap<ParticipantId, u32>,
    uplink: Option<OpenUplink>,
    director_clock: RemoteClock,
    refused: BTreeMap<Layer, Problem>,
    impaired: BTreeMap<Layer, Vec<Problem>>,
    /// When a server of others asked last.
    far_keyframes: BTreeMap<Layer, Instant>,
}

struct OpenPage {
    participant: ParticipantId,
    /// As the database has it.
    name: String,
    /// As the database has it.
    camera: Option<CameraNumber>,
    /// As of when the database has it so.
    as_of: u64,
    outbox: Arc<Outbox<PageSlots>>,
    greeted: Option<Role>,
    /// The place that it was told last.
    told: Option<Place>,
}

struct OpenUplink {
    participant: ParticipantId,
    number: u64,
    outbox: Arc<Outbox<UplinkSlots>>,
}

impl Room {
    pub(super) fn new(session: &SessionRow, media: MediaPlane, bus: Bus, drain: Option<Drain>) -> Self {
        bus.say(session.summary.id, Far::Roll);
        let opened = bus.first_number();
        let inner = Inner {
            bus,
            others: BTreeMap::new(),
            summary: session.summary.clone(),
            as_of: session.updated_at,
            drain,
            hub: Hub::new(session.epoch_heard),
            word: None,
            opened,
            pages: BTreeMap::new(),
            questions: Questions::default(),
            viewers: HashMap::new(),
            uplink: None,
            director_clock: RemoteClock::default(),
            refused: BTreeMap::new(),
            impaired: BTreeMap::new(),
            far_keyframes: BTreeMap::new(),
        };
        Self { session: session.summary.id, media, inner: Mutex::new(inner) }
    }

    /// The session.
    pub fn session(&self) -> SessionId {
        self.session
    }

    pub(super) fn is_empty(&self) -> bool {
        let inner = locked(&self.inner);
        inner.pages.is_empty() && inner.uplink.is_none()
    }

    /// How far the pictures' capture times may be from this machine's clock, in µs.
    pub(super) fn capture_error_us(&self) -> Option<u64> {
        Some(locked(&self.inner).director_clock.offset(unix_us())?.error_us)
    }

    /// How far the director's clock is taken to be ahead of this machine's, in µs.
    pub(super) fn director_ahead_us(&self) -> Option<i64> {
        Some(locked(&self.inner).director_clock.offset(unix_us())?.ahead_us)
    }

    // The uplink.

    pub(super) fn next_uplink(&self) -> u64 {
        locked(&self.inner).next_number()
    }

    /// A director said hello: it takes over from the uplink that is open, unless its run is older.
    pub(super) fn greet_uplink(
        &self,
        participant: ParticipantId,
        number: u64,
        epoch: Epoch,
        outbox: &Arc<Outbox<UplinkSlots>>,
    ) -> Result<(), Problem> {
        let picture = self.media.picture_anywhere(self.session);
        let inner = &mut *locked(&self.inner);
        if inner.summary.state == SessionState::Ended {
            return Err(bye::session_ended());
        }
        let takeover = inner.hub.handle_hello(epoch).map_err(|_| bye::stale_director())?;
        if takeover == Takeover::NewerRun {
            inner.tell_cues();
            inner.director_clock = RemoteClock::default(); // perhaps another machine
            self.media.set_director_ahead(self.session, None);
        }
        if let Some(old) = inner.uplink.take() {
            let reason = match takeover {
                Takeover::NewerRun => bye::stale_director(),
                Takeover::SameRun => bye::uplink_replaced(),
            };
            old.outbox.put(|slots| slots.bye = Some(reason));
        }
        let session = inner.summary.clone();
        let welcome =
            CloudToDirector::Welcome { protocol: PROTOCOL_VERSION, software: SOFTWARE.to_owned(), session };
        outbox.put(|slots| {
            slots.welcome = Some(welcome);
            for layer in Layer::ALL {
                slots.ingest.insert(layer, inner.ingest(layer, &picture));
            }
            for (page, operator) in inner.hub.operators().chain(inner.far_operators()) {
                slots.operators.insert(page, Some(operator.clone()));
            }
            slots.viewers = Some(inner.viewer_count());
        });
        inner.uplink = Some(OpenUplink { participant, number, outbox: Arc::clone(outbox) });
        inner.say(Far::Director { epoch });
        // Under the lock, so that an older uplink's farewell cannot come after it.
        self.media.set_keyframes_on_request(self.session, true);
        Ok(())
    }

    /// The director's clock said `theirs_us` between two moments of ours.
    pub(super) fn handle_director_clock(&self, asked_us: u64, theirs_us: u64, heard_us: u64) {
        let mut inner = locked(&self.inner);
        inner.director_clock.handle_answer(asked_us, theirs_us, heard_us);
        let ahead = inner.director_clock.offset(heard_us).map(|offset| offset.ahead_us);
        self.media.set_director_ahead(self.session, ahead);
    }

    pub(super) fn close_uplink(&self, number: u64) {
        let mut inner = locked(&self.inner);
        if inner.uplink.as_ref().is_some_and(|uplink| uplink.number == number) {
            inner.uplink = None;
            self.media.set_keyframes_on_request(self.session, false);
        }
    }

    /// The director of run `epoch` said a word, at `said` at the earliest.
    pub(super) fn handle_word(
        &self,
        epoch: Epoch,
        state: TallyState,
        said: Instant,
    ) -> Result<(), WordRefusal> {
        let inner = &mut *locked(&self.inner);
        let state = inner.hub.handle_word(epoch, state, said)?;
        if !inner.bus.is_alone() {
            let said_us = Some(run_us(said));
            inner.bus.say(self.session, Far::Word { state: state.clone(), said_us });
        }
        let word = Arc::new(Word::new(state, said));
        for page in inner.pages.values().filter(|page| page.greeted == Some(Role::Camera)) {
            page.outbox.put(|slots| slots.tally = Some(Arc::clone(&word)));
        }
        inner.word = Some(word);
        Ok(())
    }

    // The session and its picture.

    /// The session is so; older news than what is known are passed over.
    pub(super) fn handle_session_changed(&self, session: &SessionRow) {
        let summary = &session.summary;
        let mut inner = locked(&self.inner);
        if session.updated_at < inner.as_of || inner.summary == *summary {
            return;
        }
        inner.as_of = session.updated_at;
        inner.summary = summary.clone();
        if summary.state == SessionState::Ended {
            inner.dismiss_all(&bye::session_ended());
        }
        inner.tell_greeted(|slots| slots.session = Some(summary.clone()));
    }

    /// The server ends soon.
    pub(super) fn drain(&self, drain: Drain) {
        let mut inner = locked(&self.inner);
        inner.drain = Some(drain);
        inner.tell_greeted(|slots| slots.drain = Some(drain));
    }

    /// Ends every socket.
    pub(super) fn close(&self, reason: &Problem) {
        locked(&self.inner).dismiss_all(reason);
    }
}

impl Inner {
    fn next_number(&mut self) -> u64 {
        self.opened += 1;
        self.opened
    }

    fn forget_viewer(&mut self, who: ParticipantId) {
        if let Some(pages) = self.viewers.get_mut(&who) {
            *pages -= 1;
            if *pages == 0 {
                self.viewers.remove(&who);
            }
        }
    }

    /// On all servers.
    fn viewer_count(&self) -> u32 {
        self.here_viewers().saturating_add(self.far_viewers())
    }

    fn here_viewers(&self) -> u32 {
        u32::try_from(self.viewers.len()).unwrap_or(u32::MAX)
    }

    fn tell_viewers(&self) {
        let viewers = self.viewer_count();
        self.tell_director(|slots| slots.viewers = Some(viewers));
    }

    /// A page came or went.
    fn tell_of_page(&self, page: PageNumber, role: Role) {
        match role {
            Role::Camera => self.tell_of_operator(page),
            Role::Viewer | Role::Director => {
                self.tell_viewers();
                self.say(Far::Viewers { count: self.here_viewers() });
            }
        }
    }

    fn tell_of_operator(&self, page: PageNumber) {
        self.say_operator(page);
        self.tell_director(|slots| {
            slots.operators.insert(page, self.hub.operator(page).cloned());
        });
    }

    fn tell_director(&self, change: impl FnOnce(&mut UplinkSlots)) {
        if let Some(uplink) = &self.uplink {
            uplink.outbox.put(change);
        }
    }

    fn tell_greeted(&self, change: impl Fn(&mut PageSlots)) {
        for page in self.pages.values().filter(|page| page.greeted.is_some()) {
            page.outbox.put(&change);
        }
    }

    fn dismiss_all(&self, reason: &Problem) {
        for page in self.pages.values() {
            page.outbox.put(|slots| slots.bye = Some(reason.clone()));
        }
        self.tell_director(|slots| slots.bye = Some(reason.clone()));
    }
}
