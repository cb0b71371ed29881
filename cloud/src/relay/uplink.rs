//! One director's uplink.
//!
//! It refuses a run that was never granted, and an older one than the newest heard. Invariant: a database that does
//! not answer never delays a word; and a word is as old as its director's own count of time makes it, wherever it stood.
//! Of a director that does not date its words, none counts after a silence before it has answered, since it is alive and,
//! what is said being heard in its order, said nothing newer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    Acknowledgement, CloudToDirector, Delay, DirectorToCloud, Epoch, IngestState, LanOffer, Layer,
    OperatorPresence, PageNumber, ParticipantId, Problem, TallyState,
};
use returnfeed_tally::WordRefusal;
use tokio_util::task::TaskTracker;

use super::bus::Age;
use super::outbox::{Outbox, Slots, Spoken};
use super::page::understands;
use super::room::Room;
use super::{bye, locked};
use crate::clock::{run_us, unix_us};
use crate::store::Store;

/// How long a hello waits for the database before what was known at the door has to do.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the director's clock is asked for: often enough that a fast answer is among those kept.
const CLOCK_EACH: Duration = Duration::from_secs(2);

/// A director speaks each second: after a longer silence what is heard first may have stood in a socket, its director long
/// gone.
const SILENCE: Duration = Duration::from_secs(2);

/// What pages show goes in messages of so many, well within the size that a socket allows.
const SHOWN_AT_ONCE: usize = 100;

/// What an uplink brings to the room.
pub struct UplinkIdentity {
    /// Who.
    pub participant: ParticipantId,
    /// The newest run granted when the socket opened.
    pub granted: Epoch,
}

/// An uplink that is connected; dropping it is its departure.
pub struct Uplink {
    room: Arc<Room>,
    who: UplinkIdentity,
    number: u64,
    outbox: Arc<Outbox<UplinkSlots>>,
    store: Store,
    tasks: TaskTracker,
    heard: Mutex<Heard>,
}

struct Heard {
    last: Instant,
    epoch: Option<Epoch>,
    question: Option<Question>,
    age: Age,
    /// Nothing counts until the newest question is answered; the newest word waits.
    doubt: Option<Option<Said>>,
}

/// A word as it came.
struct Said {
    state: TallyState,
    run_us: Option<u64>,
}

/// The newest question for the director's clock.
#[derive(Clone, Copy)]
struct Question {
    n: u64,
    asked: Instant,
    asked_us: u64,
}

/// What waits to be said to a director.
#[derive(Default)]
pub(super) struct UplinkSlots {
    pub(super) welcome: Option<CloudToDirector>,
    pub(super) keyframes: BTreeSet<Layer>,
    pub(super) ingest: BTreeMap<Layer, IngestState>,
    pub(super) operators: BTreeMap<PageNumber, Option<OperatorPresence>>,
    pub(super) viewers: Option<u32>,
    pub(super) shown: BTreeMap<PageNumber, Acknowledgement>,
    pub(super) delays: BTreeMap<PageNumber, Option<Delay>>,
    pub(super) lan: BTreeMap<PageNumber, LanOffer>,
    pub(super) clock: Option<(u64, Option<i64>)>,
    pub(super) bye: Option<Problem>,
    over: bool,
}

impl Slots for UplinkSlots {
    fn take(&mut self) -> Option<Spoken> {
        if self.over {
            return None;
        }
        if let Some(problem) = self.bye.take() {
            self.over = true;
            return Some(Spoken::last(&CloudToDirector::Bye { problem }));
        }
        self.next_message().as_ref().map(Spoken::of)
    }
}

impl UplinkSlots {
    /// Who is there comes before what they show, so that a page is known when it is spoken of.
    fn next_message(&mut self) -> Option<CloudToDirector> {
        let ingest = |(layer, ingest)| CloudToDirector::Ingest { layer, ingest };
        let operator = |(page, presence)| CloudToDirector::Operator { page, presence };
        let lan = |(page, offer)| CloudToDirector::LanOffer { page, offer };
        let delay = |(page, delay)| CloudToDirector::Delay { page, delay };
        self.welcome
            .take()
            .or_else(|| self.clock.take().map(|(n, ahead_us)| CloudToDirector::ClockRequest { n, ahead_us }))
            .or_else(|| self.keyframes.pop_first().map(|layer| CloudToDirector::KeyframeRequest { layer }))
            .or_else(|| self.ingest.pop_first().map(ingest))
            .or_else(|| self.operators.pop_first().map(operator))
            .or_else(|| self.take_shown().map(|shown| CloudToDirector::Shown { shown }))
            .or_else(|| self.viewers.take().map(|viewers| CloudToDirector::Viewers { viewers }))
            .or_else(|| self.delays.pop_first().map(delay))
            .or_else(|| self.lan.pop_first().map(lan))
    }

    fn take_shown(&mut self) -> Option<Vec<Acknowledgement>> {
        let next = || self.shown.pop_first().map(|(_, shown)| shown);
        let shown: Vec<_> = std::iter::from_fn(next).take(SHOWN_AT_ONCE).collect();
        Some(shown).filter(|shown| !shown.is_empty())
    }
}

impl Uplink {
    pub(super) fn new(
        room: Arc<Room>,
        who: UplinkIdentity,
        store: Store,
        tasks: TaskTracker,
        now: Instant,
    ) -> Self {
        let number = room.next_uplink();
        let heard =
            Mutex::new(Heard { last: now, epoch: None, question: None, age: Age::default(), doubt: None });
        Self { room, who, number, outbox: Arc::default(), store, tasks, heard }
    }

    /// Whose uplink it is.
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
        let mut heard = locked(&self.heard);
        let silence = now.saturating_duration_since(std::mem::replace(&mut heard.last, now));
        if silence > SILENCE && heard.epoch.is_some() {
            heard.doubt.get_or_insert_default();
            self.ask(&mut heard, now);
        }
    }

    /// The director said something.
    ///
    /// # Errors
    /// The reason to end its connection.
    pub async fn handle(&self, message: DirectorToCloud, now: Instant) -> Result<(), Problem> {
        self.handle_sign_of_life(now);
        let greeted = locked(&self.heard).epoch;
        match (message, greeted) {
            (DirectorToCloud::Hello { protocol, .. }, None) if !understands(protocol) => {
                Err(bye::protocol_unknown(protocol))
            }
            (DirectorToCloud::Hello { epoch, software, .. }, None) => {
                if epoch > self.granted().await {
                    return Err(bye::epoch_unknown());
                }
                self.room.greet_uplink(self.who.participant, self.number, epoch, &self.outbox)?;
                locked(&self.heard).epoch = Some(epoch);
                let software: String = software.chars().filter(|c| !c.is_control()).take(80).collect();
                tracing::info!(session = %self.room.session(), epoch = epoch.0, software, "a director is connected");
                self.remember(epoch);
                Ok(())
            }
            (DirectorToCloud::Tally { state, run_us }, Some(epoch)) => {
                self.ask_clock(now);
                self.date(Said { state, run_us }, now)
                    .map_or(Ok(()), |(state, at)| self.pass_on(epoch, state, at))
            }
            (DirectorToCloud::Cues { sheet }, Some(_)) => {
                let taken = self.room.handle_sheet(self.number, sheet);
                taken.map_err(|refusal| bye::not_understood(&refusal.to_string()))
            }
            (DirectorToCloud::LanAnswer { page, answer }, Some(_)) => {
                self.room.handle_lan_answer(self.number, page, answer);
                Ok(())
            }
            (DirectorToCloud::Clock { n, unix_us, run_us }, Some(epoch)) => {
                let waited = self.hear_clock(n, unix_us, run_us, now).and_then(|said| self.date(said, now));
                waited.map_or(Ok(()), |(state, at)| self.pass_on(epoch, state, at))
            }
            (DirectorToCloud::Hello { .. }, Some(_))
            | (
                DirectorToCloud::Tally { .. }
                | DirectorToCloud::Cues { .. }
                | DirectorToCloud::LanAnswer { .. }
                | DirectorToCloud::Clock { .. },
                None,
            ) => Err(bye::hello_expected()),
        }
    }

    /// Ends the connection with a reason.
    pub fn dismiss(&self, problem: Problem) {
        self.outbox.put(|slots| slots.bye = Some(problem));
    }

    /// With its words, which come each second: a director that says nothing has no picture to be dated either.
    fn ask_clock(&self, now: Instant) {
        let mut heard = locked(&self.heard);
        if heard.question.is_none_or(|last| now.saturating_duration_since(last.asked) >= CLOCK_EACH) {
            self.ask(&mut heard, now);
        }
    }

    fn ask(&self, heard: &mut Heard, now: Instant) {
        let n = heard.question.map_or(1, |last| last.n.wrapping_add(1));
        heard.question = Some(Question { n, asked: now, asked_us: unix_us() });
        let ahead_us = self.room.director_ahead_us();
        self.outbox.put(|slots| slots.clock = Some((n, ahead_us)));
    }

    /// Since when at the latest a word is so; nothing where that is not known yet, and it waits.
    fn date(&self, said: Said, now: Instant) -> Option<(TallyState, Instant)> {
        let mut heard = locked(&self.heard);
        let at = match said.run_us {
            Some(theirs) => {
                heard.age.of(theirs, run_us(now), now).map(|age| now.checked_sub(age).unwrap_or(now))
            }
            None => Some(now).filter(|_| heard.doubt.is_none()),
        };
        match at {
            Some(at) => Some((said.state, at)),
            None => {
                heard.doubt = Some(Some(said));
                None
            }
        }
    }

    /// The word that waited for it.
    fn hear_clock(&self, n: u64, theirs_us: u64, theirs_run_us: Option<u64>, now: Instant) -> Option<Said> {
        let heard_us = unix_us();
        let mut heard = locked(&self.heard);
        // An answer to no question, or to one before the newest, says nothing.
        let Question { asked, asked_us, .. } = heard.question.filter(|question| question.n == n)?;
        if let Some(theirs) = theirs_run_us {
            heard.age.handle_answer(run_us(asked), theirs, now);
        }
        let waited = heard.doubt.take().flatten();
        drop(heard);
        self.room.handle_director_clock(asked_us, theirs_us, heard_us);
        waited
    }

    fn pass_on(&self, epoch: Epoch, state: TallyState, at: Instant) -> Result<(), Problem> {
        match self.room.handle_word(epoch, state, at) {
            Ok(()) => Ok(()),
            Err(WordRefusal::OtherRun) => Err(bye::stale_director()),
            Err(refusal @ (WordRefusal::NotNewer | WordRefusal::NotOrdered)) => {
                Err(bye::not_understood(&refusal.to_string()))
            }
        }
    }

    async fn granted(&self) -> Epoch {
        match tokio::time::timeout(PATIENCE, self.store.session(self.room.session())).await {
            Ok(Ok(Some(row))) => row.epoch_granted,
            Ok(Ok(None) | Err(_)) | Err(_) => self.who.granted,
        }
    }

    /// Writes the run down beside the conversation, for the time after a restart.
    fn remember(&self, epoch: Epoch) {
        let (store, session) = (self.store.clone(), self.room.session());
        self.tasks.spawn(async move {
            if let Err(error) = store.raise_epoch_heard(session, epoch).await {
                tracing::warn!(%session, %error, "a restarted server may take an older director for this one");
            }
        });
    }
}

impl Drop for Uplink {
    fn drop(&mut self) {
        self.room.close_uplink(self.number);
    }
}
