//! The crew of a room: each operator's place, and the questions about camera numbers.
//!
//! A place is what the database says, and never what a page says that it shows: a word of it that is still under way
//! would move it back. Invariant: a page is told its place when it comes and each time it changed, and not otherwise.

use std::collections::BTreeSet;

use returnfeed_protocol::{Asker, CameraNumber, PageNumber, ParticipantId, Place, Problem, Role};

use super::{Inner, OpenPage, Room};
use crate::relay::locked;
use crate::store::Participant;

impl Room {
    pub(in crate::relay) fn seat(&self, who: &Participant) {
        let inner = &mut *locked(&self.inner);
        let mut changed = Vec::new();
        for (number, page) in inner.pages.iter_mut().filter(|(_, page)| page.participant == who.id) {
            if page.take_seat(who) {
                changed.push(*number);
            }
        }
        if changed.is_empty() {
            return;
        }
        for number in changed {
            if inner.hub.handle_seat(number, &who.name, who.camera) {
                inner.tell_of_operator(number);
                inner.tell_cue(number);
            }
        }
        inner.tell_places();
    }

    pub(in crate::relay) fn ask(&self, who: ParticipantId, camera: CameraNumber) {
        let mut inner = locked(&self.inner);
        inner.questions.ask(who, camera);
        inner.tell_places();
    }

    pub(in crate::relay) fn settle(&self, who: ParticipantId) {
        locked(&self.inner).settle(who);
    }

    pub(in crate::relay) fn question(&self, who: ParticipantId) -> Option<CameraNumber> {
        locked(&self.inner).questions.of(who)
    }

    pub(in crate::relay) fn place(&self, who: &Participant) -> Place {
        locked(&self.inner).place(who.id, who.name.clone(), who.camera)
    }

    pub(in crate::relay) fn dismiss(&self, who: ParticipantId, reason: &Problem) {
        let mut inner = locked(&self.inner);
        inner.settle(who);
        for page in inner.pages.values().filter(|page| page.participant == who) {
            page.outbox.put(|slots| slots.bye = Some(reason.clone()));
        }
        if inner.uplink.as_ref().is_some_and(|uplink| uplink.participant == who) {
            inner.tell_director(|slots| slots.bye = Some(reason.clone()));
        }
    }

    pub(in crate::relay) fn connected(&self) -> BTreeSet<ParticipantId> {
        let inner = locked(&self.inner);
        let greeted = inner.pages.values().filter(|page| page.greeted.is_some());
        greeted.map(|page| page.participant).chain(inner.uplink.as_ref().map(|up| up.participant)).collect()
    }
}

impl OpenPage {
    /// Takes what the database says of whose page it is; whether anything is another than before. A look from before the
    /// newest change says nothing about it, however late it arrives: a page that opens while its operator chooses would
    /// be without a number for good.
    fn take_seat(&mut self, who: &Participant) -> bool {
        if who.updated_at < self.as_of {
            return false;
        }
        self.as_of = who.updated_at;
        // A number that its page follows on its own stays until the database gives it one, or takes one away.
        let changed = self.camera != who.camera || self.name != who.name;
        (self.name, self.camera) = (who.name.clone(), who.camera);
        changed
    }
}

impl Inner {
    pub(super) fn settle(&mut self, who: ParticipantId) {
        if self.questions.settle(who).is_some() {
            self.tell_places();
        }
    }

    pub(super) fn place(&self, who: ParticipantId, name: String, camera: Option<CameraNumber>) -> Place {
        let name_of =
            |asker| self.pages.values().find(|page| page.participant == asker).map(|page| page.name.clone());
        let asker = |participant| Asker { participant, name: name_of(participant).unwrap_or_default() };
        let asked_by =
            camera.into_iter().flat_map(|camera| self.questions.about(camera)).map(asker).collect();
        Place { name, camera, asks: self.questions.of(who), asked_by }
    }

    /// Tells each operator's page its place, where it is not what it was told last.
    pub(super) fn tell_places(&mut self) {
        let pages: Vec<PageNumber> = self.pages.keys().copied().collect();
        for page in pages {
            self.tell_place(page);
        }
    }

    /// Tells one page its place; the director hears of a question that came or went with it.
    pub(super) fn tell_place(&mut self, number: PageNumber) {
        let Some(page) = self.pages.get(&number).filter(|page| page.greeted == Some(Role::Camera)) else {
            return;
        };
        let place = self.place(page.participant, page.name.clone(), page.camera);
        let Some(page) = self.pages.get_mut(&number).filter(|page| page.told.as_ref() != Some(&place)) else {
            return;
        };
        let asks = place.asks;
        page.told = Some(place.clone());
        page.outbox.put(|slots| slots.place = Some(place));
        if self.hub.handle_question(number, asks) {
            self.tell_of_operator(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use returnfeed_protocol::SessionId;

    use super::*;

    #[test]
    fn a_look_from_before_the_choice_takes_no_number_away_however_late_it_arrives() {
        let (id, session) = (ParticipantId::from_parts(1, [0; 10]), SessionId::from_parts(2, [0; 10]));
        let before = Participant::new(id, session, Role::Camera, "Ada".to_owned(), 1_000);
        let camera = CameraNumber::try_from(3).ok();
        let chosen = Participant { camera, updated_at: 1_001, ..before.clone() };
        let away = Participant { updated_at: 1_002, ..before.clone() };
        let mut page = OpenPage {
            participant: id,
            name: "Ada".to_owned(),
            camera: None,
            as_of: 1_000,
            outbox: Arc::default(),
            greeted: None,
            told: None,
        };
        assert!(page.take_seat(&chosen) && page.camera == camera);
        assert!(!page.take_seat(&before) && page.camera == camera, "from before");
        assert!(!page.take_seat(&chosen), "said twice");
        assert!(page.take_seat(&away) && page.camera.is_none(), "taken away");
    }
}
