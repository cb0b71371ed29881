//! The camera operators' pages as the cloud tells of them, and what they have shown.
//!
//! It refuses to remember who was there before the connection broke: the cloud tells of everybody again.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use returnfeed_protocol::{
    Acknowledgement, CameraNumber, Cue, CueId, CueSheet, CueText, Delay, Epoch, LanPath, OperatorPresence,
    PageNumber, ParticipantId, TallyState,
};
use returnfeed_tally::{Concern, Observation, Witness, concerns};

use super::near::Near;
use crate::gui::{Confirmation, Need, Notice, Operator};
use crate::outputs::page::is_own;

/// What an operator is called who came by the code on our screen: as the cloud has it, too.
const OWN: &str = "LAN";

/// Who is there. See the module.
#[derive(Debug)]
pub(super) struct Crew {
    operators: BTreeMap<PageNumber, OperatorPresence>,
    viewers: u32,
    near: Near,
    witness: Witness,
    sheet: CueSheet,
    newest_cue: CueId,
    notices: VecDeque<Notice>,
}

impl Crew {
    pub(super) fn new() -> Self {
        Self {
            operators: BTreeMap::new(),
            viewers: 0,
            near: Near::default(),
            witness: Witness::new(),
            sheet: CueSheet::default(),
            newest_cue: CueId { epoch: Epoch(0), n: 0 },
            notices: VecDeque::new(),
        }
    }

    /// Cues said from now on are of this run; those that stand keep their ids, so that nobody is asked twice.
    pub(super) fn begin_epoch(&mut self, epoch: Epoch) {
        self.newest_cue.epoch = epoch;
    }

    /// Takes the place of what was said to them before; to all: of everything.
    pub(super) fn cue(&mut self, to: Option<CameraNumber>, text: Option<CueText>) -> CueSheet {
        match to {
            Some(camera) => self.sheet.cues.retain(|cue| cue.to != Some(camera)),
            None => self.sheet.cues.clear(),
        }
        if let Some(text) = text {
            self.newest_cue.n += 1;
            self.sheet.cues.push(Cue { id: self.newest_cue, to, text });
        }
        self.sheet.clone()
    }

    pub(super) fn silence(&mut self, silent: bool) -> CueSheet {
        self.sheet.silent = silent;
        self.sheet.clone()
    }

    /// The director said this word.
    pub(super) fn handle_word(&mut self, word: &TallyState, now: Instant) {
        self.witness.handle_word(word, now);
    }

    /// The cloud greeted: it tells who is there from the beginning.
    pub(super) fn handle_welcome(&mut self) {
        self.operators.retain(|page, _| is_own(*page));
        self.near.handle_welcome();
        self.witness.handle_absence(is_own);
        self.viewers = 0;
    }

    /// The cloud cannot be heard: nobody can be blamed but those who are heard without it.
    pub(super) fn handle_absence(&mut self) {
        let Self { near, operators, witness, .. } = self;
        witness.handle_absence(|page| {
            is_own(page) || operators.get(&page).is_some_and(|one| near.hears(page, one))
        });
    }

    /// The relay introduces a page that would hear us on the local network.
    pub(super) fn introduce(&mut self, page: PageNumber) {
        if let Some(operator) = self.operators.get(&page) {
            self.near.introduce(page, operator.participant);
        }
    }

    /// What a page shows, heard on the local network.
    pub(super) fn handle_shown_near(&mut self, shown: Acknowledgement, now: Instant) {
        if self.operators.get(&shown.page).is_some_and(|one| self.near.is_of(shown.page, one)) {
            self.handle_shown(&[shown], now);
        }
    }

    /// A page is heard on the local network, or not any more. What is heard here is known better than what the page
    /// said last of it.
    pub(super) fn handle_lan(&mut self, page: PageNumber, proven: bool, now: Instant) {
        if self.near.set_proven(page, proven) {
            self.operators.remove(&page);
            self.witness.handle_operator(page, None, now);
        }
        self.set_lan(page);
    }

    /// A page that this machine serves itself, of whoever has this pass; they are called as the cloud calls them.
    pub(super) fn handle_own(
        &mut self,
        page: PageNumber,
        who: ParticipantId,
        camera: Option<CameraNumber>,
        now: Instant,
    ) {
        let known = self.operators.values().find(|one| one.participant == who && !one.name.is_empty());
        let name = known.map_or_else(|| OWN.to_owned(), |one| one.name.clone());
        let presence = OperatorPresence {
            participant: who,
            name,
            camera,
            asks: None,
            shows: None,
            delay: None,
            readiness: None,
            signal: None,
            answered: None,
        };
        self.handle_operator(page, Some(presence), now);
    }

    fn set_lan(&mut self, page: PageNumber) {
        let Some(operator) = self.operators.get_mut(&page) else { return };
        let is_near = self.near.hears(page, operator);
        let Some(phone) = operator.readiness.as_mut() else { return };
        match phone.lan {
            _ if is_near => phone.lan = Some(LanPath::Proven),
            Some(LanPath::Proven) => phone.lan = Some(LanPath::Trying),
            _ => {}
        }
    }

    pub(super) fn handle_operator(
        &mut self,
        page: PageNumber,
        presence: Option<OperatorPresence>,
        now: Instant,
    ) {
        if presence.is_none() && self.near.stays(page) {
            return;
        }
        self.witness.handle_operator(page, presence.as_ref(), now);
        let before = match presence {
            Some(presence) => self.operators.insert(page, presence),
            None => self.operators.remove(&page),
        };
        self.set_lan(page);
        self.notice_news(page, before.as_ref());
    }

    pub(super) fn handle_viewers(&mut self, viewers: u32) {
        self.viewers = viewers;
    }

    pub(super) fn handle_shown(&mut self, shown: &[Acknowledgement], now: Instant) {
        for one in shown {
            if let Some(operator) = self.operators.get_mut(&one.page) {
                operator.shows = Some(one.tally);
            }
            self.witness.handle_shown(one, now);
        }
    }

    /// What to say of it; nothing of a page that is gone.
    pub(super) fn handle_delay(&mut self, page: PageNumber, delay: Option<Delay>) -> Option<Notice> {
        self.operators.get_mut(&page)?.delay = delay;
        Some(Notice::Delay { page, who: self.who(page)?, delay })
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.witness.handle_timeout(now);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.witness.poll_timeout()
    }

    /// What is to be said of the lamps; drain to `None`.
    pub(super) fn poll_notice(&mut self) -> Option<Notice> {
        while let Some(Observation { page, camera, seen }) = self.witness.poll_output() {
            if let Some(who) = self.who(page) {
                self.notices.push_back(Notice::Lamp { page, who, camera, state: seen.into() });
            }
        }
        self.notices.pop_front()
    }

    pub(super) fn presence(&self) -> Notice {
        Notice::Presence { operators: self.operators.values().cloned().collect(), viewers: self.viewers }
    }

    pub(super) fn confirmations(&self) -> Notice {
        let named = |pages: &[PageNumber]| pages.iter().filter_map(|page| self.who(*page)).collect();
        let cameras = self.witness.accounts().into_iter().map(|account| Confirmation {
            camera: account.camera,
            tally: account.tally,
            confirmed: account.confirmed,
            last: account.last,
            p95: account.p95,
            missing: named(&account.missing),
            unknown: named(&account.unknown),
        });
        Notice::Confirmations { cameras: cameras.collect() }
    }

    /// Those who need attention first, the worst of them first.
    pub(super) fn readiness(&self) -> Notice {
        let need = |(page, operator): (&PageNumber, &OperatorPresence)| {
            need(*page, operator, concerns(operator, self.witness.seen(*page)))
        };
        let mut needs: Vec<_> = self.operators.iter().map(need).collect();
        needs.sort_by(|a, b| {
            let key = |need: &Need| (need.concerns.is_empty(), need.concerns.clone(), need.camera);
            key(a).cmp(&key(b))
        });
        Notice::Readiness { needs }
    }

    /// What a page's operator said and what its phone lost, against what was known of it.
    fn notice_news(&mut self, page: PageNumber, before: Option<&OperatorPresence>) {
        let Some(now) = self.operators.get(&page) else { return };
        let (who, camera) = (operator(now), now.camera);
        let answered = now.answered.filter(|_| before.and_then(|one| one.answered) != now.answered);
        if let Some(answered) = answered
            && let Some(cue) = self.sheet.cues.iter().find(|cue| cue.id == answered.cue)
        {
            let (who, text, answer) = (who.clone(), cue.text.clone(), answered.answer);
            self.notices.push_back(Notice::Answered { who, camera, text, answer });
        }
        if before.and_then(|one| one.signal) != now.signal {
            self.notices.push_back(Notice::Signal { who, camera, signal: now.signal });
        }
        let (was, is) = (before.map(of_the_phone).unwrap_or_default(), of_the_phone(now));
        if was != is {
            self.notices.push_back(Notice::Attention { need: need(page, now, is) });
        }
    }

    fn who(&self, page: PageNumber) -> Option<Operator> {
        self.operators.get(&page).map(operator)
    }
}

fn operator(OperatorPresence { participant, name, .. }: &OperatorPresence) -> Operator {
    Operator { participant: *participant, name: name.clone() }
}

fn need(page: PageNumber, presence: &OperatorPresence, concerns: Vec<Concern>) -> Need {
    let (camera, readiness) = (presence.camera, presence.readiness);
    Need { page, who: operator(presence), camera, concerns, readiness }
}

/// Without what the operator says, which is told by itself; nothing until the phone has said what it can do.
fn of_the_phone(presence: &OperatorPresence) -> Vec<Concern> {
    let quiet = OperatorPresence { signal: None, ..presence.clone() };
    if presence.readiness.is_some() { concerns(&quiet, None) } else { Vec::new() }
}
