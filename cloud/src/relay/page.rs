//! One page of a camera operator or viewer, whichever way it is connected.
//!
//! It refuses anything before a hello. Invariant: the tally goes to camera operators alone.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    Acknowledgement, CameraNumber, CloudToPage, LanAnswer, PROTOCOL_VERSION, PageNumber, PageToCloud,
    ParticipantId, Picture, Place, Problem, Role, SessionSummary,
};
use returnfeed_tally::Standing;

use super::drain::Drain;
use super::outbox::{Outbox, Slots, Spoken};
use super::room::Room;
use super::word::Word;
use super::{bye, locked};
use crate::clock::{run_us, unix_us};

/// Messages that a page may say in one second; a good page says three.
const MESSAGES_PER_SECOND: u32 = 50;

/// How often a page may offer to its director's machine, which makes a peer connection for each; what comes sooner is
/// passed over, and a page offers again by itself.
const LAN_OFFER_EACH: Duration = Duration::from_secs(1);

/// Who a page belongs to.
#[derive(Debug, Clone)]
pub struct PageIdentity {
    /// Who.
    pub participant: ParticipantId,
    /// As what: camera or viewer.
    pub role: Role,
    /// As they are called.
    pub name: String,
    /// The tally light they follow.
    pub camera: Option<CameraNumber>,
    /// As of when: [`crate::store::Participant::updated_at`].
    pub as_of: u64,
}

/// A page that is connected; dropping it is its departure.
pub struct Page {
    room: Arc<Room>,
    who: PageIdentity,
    number: PageNumber,
    outbox: Arc<Outbox<PageSlots>>,
    heard: Mutex<Heard>,
}

struct Heard {
    greeted: bool,
    last: Instant,
    second: Instant,
    in_second: u32,
    offered: Option<Instant>,
}

/// What waits to be said to a page.
#[derive(Default)]
pub(super) struct PageSlots {
    pub(super) welcome: Option<CloudToPage>,
    pub(super) place: Option<Place>,
    pub(super) tally: Option<Arc<Word>>,
    pub(super) cue: Option<Standing>,
    pub(super) session: Option<SessionSummary>,
    pub(super) picture: Option<Picture>,
    pub(super) drain: Option<Drain>,
    pub(super) lan: Option<LanAnswer>,
    pub(super) pong: Option<Pong>,
    pub(super) bye: Option<Problem>,
    over: bool,
}

/// An answer; the clock is read when it goes out.
pub(super) struct Pong {
    n: u64,
    capture_error_us: Option<u64>,
}

impl Slots for PageSlots {
    fn take(&mut self) -> Option<Spoken> {
        if self.over {
            return None;
        }
        if let Some(problem) = self.bye.take() {
            self.over = true;
            return Some(Spoken::last(&CloudToPage::Bye { problem }));
        }
        if let Some(welcome) = self.welcome.take() {
            return Some(Spoken::of(&welcome));
        }
        // Before the word: it says which lamp of the word is this page's.
        if let Some(place) = self.place.take() {
            return Some(Spoken::of(&CloudToPage::Place { place }));
        }
        if let Some(word) = self.tally.take() {
            return Some(word.spoken(Instant::now()));
        }
        let cue = |Standing { silent, cue, answered }| CloudToPage::Cue { silent, cue, answered };
        let session = |session| CloudToPage::Session { session };
        let picture = |picture| CloudToPage::Picture { picture };
        let lan = |answer| CloudToPage::LanAnswer { answer };
        let pong = |Pong { n, capture_error_us }| {
            let run_us = Some(run_us(Instant::now()));
            CloudToPage::Pong { n, unix_us: unix_us(), run_us, capture_error_us }
        };
        let next = self.cue.take().map(cue);
        let next = next.or_else(|| self.session.take().map(session));
        let next = next.or_else(|| self.picture.take().map(picture));
        let next = next.or_else(|| self.drain.take().map(|drain| drain.spoken(Instant::now())));
        let next = next.or_else(|| self.lan.take().map(lan));
        next.or_else(|| self.pong.take().map(pong)).as_ref().map(Spoken::of)
    }
}

impl Page {
    /// A page that has said nothing yet.
    pub fn new(room: Arc<Room>, who: PageIdentity, now: Instant) -> Self {
        let outbox = Arc::default();
        let number = room.open_page(&who, &outbox);
        let heard = Heard { greeted: false, last: now, second: now, in_second: 0, offered: None };
        Self { room, who, number, outbox, heard: Mutex::new(heard) }
    }

    /// Whose page it is.
    pub fn participant(&self) -> ParticipantId {
        self.who.participant
    }

    /// The next thing to say to it.
    pub async fn next(&self) -> Spoken {
        self.outbox.next().await
    }

    /// How long nothing was heard of it.
    pub fn silence(&self, now: Instant) -> Duration {
        now.saturating_duration_since(locked(&self.heard).last)
    }

    /// Something that is no message came, such as a pong of the socket.
    pub fn handle_sign_of_life(&self, now: Instant) {
        locked(&self.heard).last = now;
    }

    /// The page said something.
    ///
    /// # Errors
    /// The reason to end its connection.
    pub fn handle(&self, message: PageToCloud, now: Instant) -> Result<(), Problem> {
        let first = self.count(matches!(message, PageToCloud::Hello { .. }), now)?;
        let who = &self.who;
        match message {
            PageToCloud::Hello { protocol, camera, ticket: _ } => {
                if !first {
                    return Err(bye::hello_expected());
                }
                if !understands(protocol) {
                    return Err(bye::protocol_unknown(protocol));
                }
                self.room.greet_page(self.number, who, camera);
            }
            PageToCloud::Ping { n } => {
                let capture_error_us = self.room.capture_error_us();
                self.outbox.put(|slots| slots.pong = Some(Pong { n, capture_error_us }));
            }
            PageToCloud::Readiness { readiness } => self.room.handle_readiness(self.number, readiness),
            PageToCloud::Signal { signal } => self.room.handle_signal(self.number, signal),
            PageToCloud::Answer { answered } => self.room.handle_answer(self.number, answered),
            PageToCloud::Delay { delay } => self.room.handle_delay(self.number, delay),
            PageToCloud::LanOffer { offer } => {
                if self.may_offer(now) {
                    self.room.handle_lan_offer(self.number, offer);
                }
            }
            PageToCloud::Follow { camera } => self.room.handle_follow(self.number, camera),
            PageToCloud::Shown { epoch, seq, camera, tally } => {
                let page = self.number;
                self.room.handle_shown(Acknowledgement { page, camera, epoch, seq, tally });
            }
        }
        Ok(())
    }

    /// Ends the connection with a reason.
    pub fn dismiss(&self, problem: Problem) {
        self.outbox.put(|slots| slots.bye = Some(problem));
    }

    fn may_offer(&self, now: Instant) -> bool {
        let mut heard = locked(&self.heard);
        let soon = heard.offered.is_some_and(|last| now.saturating_duration_since(last) < LAN_OFFER_EACH);
        if !soon {
            heard.offered = Some(now);
        }
        !soon
    }

    /// Counts a message; whether it is the page's first.
    fn count(&self, is_hello: bool, now: Instant) -> Result<bool, Problem> {
        let mut heard = locked(&self.heard);
        heard.last = now;
        if now.saturating_duration_since(heard.second) >= Duration::from_secs(1) {
            (heard.second, heard.in_second) = (now, 0);
        }
        heard.in_second += 1;
        if heard.in_second > MESSAGES_PER_SECOND {
            return Err(bye::too_many_messages());
        }
        let first = !heard.greeted;
        if first && !is_hello {
            return Err(bye::hello_expected());
        }
        heard.greeted = true;
        Ok(first)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.room.close_page(self.number, &self.who);
    }
}

/// Ours and the one before.
pub(super) fn understands(protocol: u16) -> bool {
    protocol == PROTOCOL_VERSION || protocol.checked_add(1) == Some(PROTOCOL_VERSION)
}
