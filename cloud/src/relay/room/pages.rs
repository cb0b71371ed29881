//! Pages that come, are greeted and go, and what they say of the lamp and the picture that they show.

use std::sync::Arc;

use returnfeed_protocol::{
    Acknowledgement, CameraNumber, CloudToPage, Delay, PROTOCOL_VERSION, PageNumber, Role, SessionState,
};

use super::{OpenPage, Room};
use crate::relay::bus::Far;
use crate::relay::outbox::Outbox;
use crate::relay::page::{PageIdentity, PageSlots};
use crate::relay::{bye, locked};

impl Room {
    pub(in crate::relay) fn open_page(
        &self,
        who: &PageIdentity,
        outbox: &Arc<Outbox<PageSlots>>,
    ) -> PageNumber {
        let mut inner = locked(&self.inner);
        let number = PageNumber(inner.next_number());
        let PageIdentity { participant, name, camera, as_of, .. } = who.clone();
        let outbox = Arc::clone(outbox);
        let page = OpenPage { participant, name, camera, as_of, outbox, greeted: None, told: None };
        inner.pages.insert(number, page);
        number
    }

    pub(in crate::relay) fn greet_page(
        &self,
        number: PageNumber,
        who: &PageIdentity,
        camera: Option<CameraNumber>,
    ) {
        let picture = self.media.picture_anywhere(self.session);
        let inner = &mut *locked(&self.inner);
        let Some(page) = inner.pages.get_mut(&number) else { return };
        if inner.summary.state == SessionState::Ended {
            return page.outbox.put(|slots| slots.bye = Some(bye::session_ended()));
        }
        page.greeted = Some(who.role);
        let word = match who.role {
            Role::Camera => {
                inner.hub.handle_arrival(number, who.participant, &page.name, page.camera.or(camera));
                inner.word.clone()
            }
            Role::Viewer | Role::Director => {
                *inner.viewers.entry(who.participant).or_default() += 1;
                None
            }
        };
        let welcome = CloudToPage::Welcome {
            protocol: PROTOCOL_VERSION,
            participant: who.participant,
            role: who.role,
            session: inner.summary.clone(),
            picture,
        };
        page.outbox.put(|slots| {
            slots.welcome = Some(welcome);
            slots.tally = word;
            slots.cue = inner.hub.standing(number);
            slots.drain = inner.drain;
        });
        inner.tell_place(number);
        inner.tell_of_page(number, who.role);
    }

    pub(in crate::relay) fn close_page(&self, number: PageNumber, who: &PageIdentity) {
        let mut inner = locked(&self.inner);
        let Some(role) = inner.pages.remove(&number).and_then(|page| page.greeted) else { return };
        match role {
            Role::Camera => {
                inner.hub.handle_departure(number);
            }
            Role::Viewer | Role::Director => inner.forget_viewer(who.participant),
        }
        inner.tell_of_page(number, role);
        let asked = inner.questions.of(who.participant).is_some();
        if asked && !inner.pages.values().any(|page| page.participant == who.participant) {
            inner.settle(who.participant);
        }
    }

    pub(in crate::relay) fn handle_follow(&self, page: PageNumber, camera: CameraNumber) {
        let mut inner = locked(&self.inner);
        if inner.hub.handle_follow(page, camera) {
            inner.tell_of_operator(page);
            inner.tell_cue(page);
        }
    }

    pub(in crate::relay) fn handle_shown(&self, shown: Acknowledgement) {
        let mut inner = locked(&self.inner);
        if inner.hub.handle_shown(&shown) {
            if inner.uplink.is_none() {
                inner.say(Far::Shown { shown: vec![shown] });
            }
            inner.tell_director(|slots| {
                slots.shown.insert(shown.page, shown);
            });
        }
    }

    pub(in crate::relay) fn handle_delay(&self, page: PageNumber, delay: Option<Delay>) {
        let mut inner = locked(&self.inner);
        if inner.hub.handle_delay(page, delay) {
            inner.say_operator(page);
            inner.tell_director(|slots| {
                slots.delays.insert(page, delay);
            });
        }
    }
}
