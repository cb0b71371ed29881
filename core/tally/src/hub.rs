//! The relay's side, one per session: hands the director's word on, and knows who shows what.
//!
//! It refuses to repeat: only the director's word refreshes, so a word that it kept grows old by itself.
//! Invariant: the word it keeps only ever goes to a greater `(epoch, seq)`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    Acknowledgement, Answered, CameraNumber, CueSheet, Delay, Epoch, OperatorPresence, PageNumber,
    ParticipantId, Readiness, Signal, TallyState,
};

use crate::cues::{Cues, SheetRefusal, Standing};

/// A director of an older run than the newest heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("run {claimed} of the director is older than {newest}, the newest heard", claimed = .claimed.0, newest = .newest.0)]
pub struct StaleDirector {
    /// What it said.
    pub claimed: Epoch,
    /// What another said before.
    pub newest: Epoch,
}

/// What a hello that was accepted means for the uplink that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takeover {
    /// The same run came back; the open uplink is its own old one.
    SameRun,
    /// A newer run; the open uplink is another director's.
    NewerRun,
}

/// Why a director's word was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordRefusal {
    /// Its run is not the newest.
    #[error("the word is of another run than the newest")]
    OtherRun,
    /// It is not newer than the word before.
    #[error("the word is not newer than the one before")]
    NotNewer,
    /// Cameras not in order or one of them twice.
    #[error("the cameras of the word are not in order, or one is there twice")]
    NotOrdered,
}

/// The newest word for somebody who joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Since it was heard.
    pub age: Duration,
    /// All of it.
    pub state: TallyState,
}

/// The relay of one session.
#[derive(Debug)]
pub struct Hub {
    newest: Epoch,
    word: Option<(TallyState, Instant)>,
    operators: BTreeMap<PageNumber, OperatorPresence>,
    cues: Cues,
}

impl Hub {
    /// A relay that heard `newest` before it was last stopped.
    pub fn new(newest: Epoch) -> Self {
        Self { newest, word: None, operators: BTreeMap::new(), cues: Cues::default() }
    }

    /// The newest run heard.
    pub fn newest(&self) -> Epoch {
        self.newest
    }

    /// A director said hello.
    ///
    /// # Errors
    /// When its run is older than the newest heard.
    pub fn handle_hello(&mut self, epoch: Epoch) -> Result<Takeover, StaleDirector> {
        if epoch < self.newest {
            return Err(StaleDirector { claimed: epoch, newest: self.newest });
        }
        let takeover = if epoch > self.newest { Takeover::NewerRun } else { Takeover::SameRun };
        if takeover == Takeover::NewerRun {
            self.cues = Cues::default(); // what the one before had to say is over
        }
        self.newest = epoch;
        Ok(takeover)
    }

    /// A director of run `epoch` said a word. When it is taken, it goes to every operator.
    ///
    /// # Errors
    /// When it is not a newer word of the newest run; nothing changes.
    pub fn handle_word(
        &mut self,
        epoch: Epoch,
        state: TallyState,
        now: Instant,
    ) -> Result<&TallyState, WordRefusal> {
        if state.epoch != epoch || epoch != self.newest {
            return Err(WordRefusal::OtherRun);
        }
        if self.word.as_ref().is_some_and(|(held, _)| !state.supersedes(held)) {
            return Err(WordRefusal::NotNewer);
        }
        if !state.cameras.is_sorted_by(|a, b| a.camera < b.camera) {
            return Err(WordRefusal::NotOrdered);
        }
        Ok(&self.word.insert((state, now)).0)
    }

    /// The newest word and its age, for somebody who joins.
    pub fn snapshot(&self, now: Instant) -> Option<Snapshot> {
        self.word.as_ref().map(|(state, heard)| Snapshot {
            age: now.saturating_duration_since(*heard),
            state: state.clone(),
        })
    }

    /// An operator opened a page.
    pub fn handle_arrival(
        &mut self,
        page: PageNumber,
        participant: ParticipantId,
        name: &str,
        camera: Option<CameraNumber>,
    ) {
        let presence = OperatorPresence {
            participant,
            name: name.to_owned(),
            camera,
            asks: None,
            shows: None,
            delay: None,
            readiness: None,
            signal: None,
            answered: self.cues.answered(participant),
        };
        self.operators.insert(page, presence);
    }

    /// An operator has this name and camera number by the database; whether that is a change.
    pub fn handle_seat(&mut self, page: PageNumber, name: &str, camera: Option<CameraNumber>) -> bool {
        let Some(operator) = self.operators.get_mut(&page) else { return false };
        if operator.name == name && operator.camera == camera {
            return false;
        }
        if operator.camera != camera {
            operator.shows = None; // what it showed was another camera's
        }
        (operator.name, operator.camera) = (name.to_owned(), camera);
        true
    }

    /// An operator asks for a number that another has, or does not any more; whether that is a change.
    pub fn handle_question(&mut self, page: PageNumber, asks: Option<CameraNumber>) -> bool {
        let Some(operator) = self.operators.get_mut(&page).filter(|operator| operator.asks != asks) else {
            return false;
        };
        operator.asks = asks;
        true
    }

    /// A page is gone; whether it was an operator's.
    pub fn handle_departure(&mut self, page: PageNumber) -> bool {
        self.operators.remove(&page).is_some()
    }

    /// An operator chose a camera number; whether that is a change.
    pub fn handle_follow(&mut self, page: PageNumber, camera: CameraNumber) -> bool {
        let Some(operator) = self.operators.get_mut(&page) else { return false };
        if operator.camera == Some(camera) {
            return false;
        }
        operator.camera = Some(camera);
        operator.shows = None; // what it showed was another camera's
        true
    }

    /// A page says what it shows; whether it is an operator's. What it shows of a camera that it does not follow was
    /// said before it chose.
    pub fn handle_shown(&mut self, shown: &Acknowledgement) -> bool {
        let Some(operator) = self.operators.get_mut(&shown.page) else { return false };
        if operator.camera != Some(shown.camera) {
            return false;
        }
        operator.shows = Some(shown.tally);
        true
    }

    /// A page says how late its picture is; whether it is an operator's.
    pub fn handle_delay(&mut self, page: PageNumber, delay: Option<Delay>) -> bool {
        let Some(operator) = self.operators.get_mut(&page) else { return false };
        operator.delay = delay;
        true
    }

    /// A page says what its phone can do; whether that is news.
    pub fn handle_readiness(&mut self, page: PageNumber, readiness: Readiness) -> bool {
        let Some(operator) = self.operators.get_mut(&page) else { return false };
        operator.readiness.replace(readiness) != Some(readiness)
    }

    /// An operator says something, or takes it back; whether that is news.
    pub fn handle_signal(&mut self, page: PageNumber, signal: Option<Signal>) -> bool {
        let Some(operator) = self.operators.get_mut(&page) else { return false };
        std::mem::replace(&mut operator.signal, signal) != signal
    }

    /// The director says this to operators from now on.
    ///
    /// # Errors
    /// When it is no sheet; nothing changes.
    pub fn handle_sheet(&mut self, sheet: CueSheet) -> Result<(), SheetRefusal> {
        self.cues.handle_sheet(sheet)?;
        for operator in self.operators.values_mut() {
            operator.answered = self.cues.answered(operator.participant);
        }
        Ok(())
    }

    /// What the director says to operators.
    pub fn sheet(&self) -> &CueSheet {
        self.cues.sheet()
    }

    /// An operator answers a cue: the pages of that operator, when it is the first answer to what stands.
    pub fn handle_answer(&mut self, page: PageNumber, answered: Answered) -> Vec<PageNumber> {
        let Some((who, camera)) = self.operators.get(&page).map(|one| (one.participant, one.camera)) else {
            return Vec::new();
        };
        if !self.cues.handle_answer(who, camera, answered) {
            return Vec::new();
        }
        let theirs = self.operators.iter_mut().filter(|(_, operator)| operator.participant == who);
        theirs
            .map(|(page, operator)| {
                operator.answered = Some(answered);
                *page
            })
            .collect()
    }

    /// What stands for an operator's page.
    pub fn standing(&self, page: PageNumber) -> Option<Standing> {
        let operator = self.operators.get(&page)?;
        Some(self.cues.standing(operator.participant, operator.camera))
    }

    /// Every operator's page, with what is known of it.
    pub fn operators(&self) -> impl Iterator<Item = (PageNumber, &OperatorPresence)> {
        self.operators.iter().map(|(page, operator)| (*page, operator))
    }

    /// One operator's page.
    pub fn operator(&self, page: PageNumber) -> Option<&OperatorPresence> {
        self.operators.get(&page)
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::{Tally, TallySequence};

    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other origin; only differences are used"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    fn word(epoch: u64, seq: u64) -> TallyState {
        TallyState { epoch: Epoch(epoch), seq: TallySequence(seq), cameras: Vec::new() }
    }

    fn who(n: u8) -> ParticipantId {
        ParticipantId::from_parts(u64::from(n), [n; 10])
    }

    fn camera(n: u16) -> CameraNumber {
        n.try_into().unwrap()
    }

    #[test]
    fn a_stale_director_is_told_who_is_newer() {
        let mut hub = Hub::new(Epoch(0));
        assert_eq!(hub.handle_hello(Epoch(2)), Ok(Takeover::NewerRun));
        assert_eq!(hub.handle_hello(Epoch(2)), Ok(Takeover::SameRun));
        let stale = StaleDirector { claimed: Epoch(1), newest: Epoch(2) };
        assert_eq!(hub.handle_hello(Epoch(1)), Err(stale));
    }

    #[test]
    fn a_relay_that_was_restarted_still_refuses_the_stale_director() {
        assert!(Hub::new(Epoch(5)).handle_hello(Epoch(4)).is_err());
    }

    #[test]
    fn a_word_of_a_run_that_was_taken_over_is_refused() {
        let (mut hub, now) = (Hub::new(Epoch(0)), start());
        hub.handle_hello(Epoch(1)).unwrap();
        hub.handle_word(Epoch(1), word(1, 1), now).unwrap();
        hub.handle_hello(Epoch(2)).unwrap();
        assert_eq!(hub.handle_word(Epoch(1), word(1, 2), now), Err(WordRefusal::OtherRun));
        assert_eq!(hub.handle_word(Epoch(1), word(2, 2), now), Err(WordRefusal::OtherRun));
        assert_eq!(hub.snapshot(now).unwrap().state, word(1, 1));
    }

    #[test]
    fn an_old_word_and_a_word_said_twice_are_refused() {
        let (mut hub, now) = (Hub::new(Epoch(0)), start());
        hub.handle_hello(Epoch(1)).unwrap();
        hub.handle_word(Epoch(1), word(1, 2), now).unwrap();
        assert_eq!(hub.handle_word(Epoch(1), word(1, 1), now), Err(WordRefusal::NotNewer));
        assert_eq!(hub.handle_word(Epoch(1), word(1, 2), now), Err(WordRefusal::NotNewer));
    }

    #[test]
    fn a_word_with_a_camera_twice_is_refused() {
        let (mut hub, now) = (Hub::new(Epoch(1)), start());
        let lamp = returnfeed_protocol::CameraLamp {
            camera: camera(1),
            name: String::new(),
            tally: Tally::Program,
            reason: returnfeed_protocol::TallyReason::NotInUse,
        };
        let state = TallyState { cameras: vec![lamp.clone(), lamp], ..word(1, 1) };
        assert_eq!(hub.handle_word(Epoch(1), state, now), Err(WordRefusal::NotOrdered));
        assert_eq!(hub.snapshot(now), None);
    }

    #[test]
    fn a_snapshot_says_how_old_the_word_is() {
        let (mut hub, now) = (Hub::new(Epoch(1)), start());
        hub.handle_word(Epoch(1), word(1, 1), now).unwrap();
        let later = now + Duration::from_millis(1_700);
        assert_eq!(hub.snapshot(later).unwrap().age, Duration::from_millis(1_700));
    }

    #[test]
    fn two_phones_of_one_operator_count_separately() {
        let mut hub = Hub::new(Epoch(0));
        let (one, two) = (PageNumber(1), PageNumber(2));
        hub.handle_arrival(one, who(1), "Ada", Some(camera(3)));
        hub.handle_arrival(two, who(1), "Ada", Some(camera(3)));
        assert!(hub.handle_shown(&shown(two, 3)));
        let shows: Vec<_> = hub.operators().map(|(page, operator)| (page, operator.shows)).collect();
        assert_eq!(shows, [(one, None), (two, Some(Tally::Program))]);
        assert!(hub.handle_departure(one));
        assert!(!hub.handle_departure(one));
        assert_eq!(hub.operators().count(), 1);
    }

    #[test]
    fn what_a_page_shows_is_forgotten_when_it_follows_another_camera() {
        let mut hub = Hub::new(Epoch(0));
        let page = PageNumber(1);
        hub.handle_arrival(page, who(1), "Ada", Some(camera(1)));
        assert!(hub.handle_shown(&shown(page, 1)));
        assert!(hub.handle_follow(page, camera(2)));
        assert!(!hub.handle_follow(page, camera(2)));
        assert_eq!(hub.operator(page).unwrap().shows, None);
        assert!(!hub.handle_shown(&shown(page, 1)), "said before it chose");
        assert!(!hub.handle_shown(&shown(PageNumber(9), 1)), "a stranger is no operator");
    }

    fn shown(page: PageNumber, number: u16) -> Acknowledgement {
        Acknowledgement {
            page,
            camera: camera(number),
            epoch: Epoch(1),
            seq: TallySequence(1),
            tally: Tally::Program,
        }
    }
}
