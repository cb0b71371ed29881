//! Introduces an operator's page to its director's machine, so that they hear each other on their own network.
//!
//! It refuses to read what they say: an offer and its answer are handed on as they are. Invariant: an offer goes to the
//! director of the page's own session alone, an answer to the one page of this session that it names; a viewer has no
//! part in it.

use returnfeed_protocol::{LanAnswer, LanOffer, PageNumber, Role};

use super::{Inner, Room};
use crate::relay::bus::Far;
use crate::relay::locked;

impl Room {
    pub(in crate::relay) fn handle_lan_offer(&self, page: PageNumber, offer: LanOffer) {
        let inner = locked(&self.inner);
        if inner.hub.operator(page).is_none() {
            return;
        }
        match &inner.uplink {
            Some(_) => inner.offer(page, offer),
            None => inner.say(Far::LanOffer { page, offer }),
        }
    }

    /// The director of the open uplink answers.
    pub(in crate::relay) fn handle_lan_answer(&self, number: u64, page: PageNumber, answer: LanAnswer) {
        let inner = locked(&self.inner);
        // One that was taken over may not have noticed.
        let is_open = inner.uplink.as_ref().is_some_and(|uplink| uplink.number == number);
        if !(is_open && answer.is_bounded()) {
            return;
        }
        if inner.pages.contains_key(&page) {
            inner.answer(page, answer);
        } else {
            inner.say(Far::LanAnswer { page, answer });
        }
    }
}

impl Inner {
    /// The newest of each page waits; the director may not be here.
    pub(super) fn offer(&self, page: PageNumber, offer: LanOffer) {
        self.tell_director(|slots| {
            slots.lan.insert(page, offer);
        });
    }

    /// The page may not be here.
    pub(super) fn answer(&self, page: PageNumber, answer: LanAnswer) {
        if let Some(open) = self.pages.get(&page).filter(|open| open.greeted == Some(Role::Camera)) {
            open.outbox.put(|slots| slots.lan = Some(answer));
        }
    }
}
