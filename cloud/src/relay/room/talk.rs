//! What operators and director say to each other beside the tally: readiness, signals, cues and their answers.

use returnfeed_protocol::{Answered, CueSheet, PageNumber, Readiness, Signal};
use returnfeed_tally::SheetRefusal;

use super::{Inner, Room};
use crate::relay::bus::Far;
use crate::relay::locked;

impl Room {
    pub(in crate::relay) fn handle_readiness(&self, page: PageNumber, readiness: Readiness) {
        let mut inner = locked(&self.inner);
        if inner.hub.handle_readiness(page, readiness) {
            inner.tell_of_operator(page);
        }
    }

    pub(in crate::relay) fn handle_signal(&self, page: PageNumber, signal: Option<Signal>) {
        let mut inner = locked(&self.inner);
        if inner.hub.handle_signal(page, signal) {
            inner.tell_of_operator(page);
        }
    }

    /// The operator's other pages hear of it too: nobody is asked twice.
    pub(in crate::relay) fn handle_answer(&self, page: PageNumber, answered: Answered) {
        let mut inner = locked(&self.inner);
        for page in inner.hub.handle_answer(page, answered) {
            inner.tell_of_operator(page);
            inner.tell_cue(page);
        }
    }

    /// The director of the open uplink says this to operators from now on.
    pub(in crate::relay) fn handle_sheet(&self, number: u64, sheet: CueSheet) -> Result<(), SheetRefusal> {
        let mut inner = locked(&self.inner);
        // One that was taken over may not have noticed.
        if inner.uplink.as_ref().is_some_and(|uplink| uplink.number == number) {
            inner.hub.handle_sheet(sheet)?;
            inner.say(Far::Sheet { epoch: inner.hub.newest(), sheet: inner.hub.sheet().clone() });
            inner.tell_cues();
        }
        Ok(())
    }
}

impl Inner {
    pub(super) fn tell_cues(&self) {
        for (page, _) in self.hub.operators() {
            self.tell_cue(page);
        }
    }

    pub(super) fn tell_cue(&self, page: PageNumber) {
        if let Some(open) = self.pages.get(&page) {
            open.outbox.put(|slots| slots.cue = self.hub.standing(page));
        }
    }
}
