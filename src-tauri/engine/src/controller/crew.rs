//! The camera operators' pages as the cloud tells of them, and what they have shown.
//!
//! It refuses to remember who was there before the connection broke: the cloud tells of everybody again.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use returnfeed_protocol::{Acknowledgement, Delay, OperatorPresence, PageNumber, TallyState};
use returnfeed_tally::{Observation, Witness};

use crate::gui::{Confirmation, Notice, Operator};

/// Who is there. See the module.
#[derive(Debug, Default)]
pub(super) struct Crew {
    operators: BTreeMap<PageNumber, OperatorPresence>,
    viewers: u32,
    witness: Witness,
    notices: VecDeque<Notice>,
}

impl Crew {
    /// The director said this word.
    pub(super) fn handle_word(&mut self, word: &TallyState, now: Instant) {
        self.witness.handle_word(word, now);
    }

    /// The cloud greeted: it tells who is there from the beginning.
    pub(super) fn handle_welcome(&mut self) {
        self.operators.clear();
        self.viewers = 0;
    }

    /// The cloud cannot be heard: nobody can be blamed.
    pub(super) fn handle_absence(&mut self) {
        self.witness.handle_absence();
    }

    pub(super) fn handle_operator(
        &mut self,
        page: PageNumber,
        presence: Option<OperatorPresence>,
        now: Instant,
    ) {
        self.witness.handle_operator(page, presence.as_ref(), now);
        match presence {
            Some(presence) => self.operators.insert(page, presence),
            None => self.operators.remove(&page),
        };
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

    fn who(&self, page: PageNumber) -> Option<Operator> {
        let OperatorPresence { participant, name, .. } = self.operators.get(&page)?;
        Some(Operator { participant: *participant, name: name.clone() })
    }
}
