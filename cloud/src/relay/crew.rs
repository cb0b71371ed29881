//! Who is where: names, camera numbers, the questions about them, and who is sent out.

use std::collections::BTreeSet;

use returnfeed_protocol::{CameraNumber, ParticipantId, Place, Problem, SessionId};

use super::bus::Far;
use super::{Relay, bye};
use crate::store::Participant;

impl Relay {
    /// Somebody's name or camera number is so in the database: their pages and the director hear of it.
    pub fn seat(&self, who: &Participant) {
        self.bus.say(who.session, Far::Participant { who: who.id });
        self.seat_here(who);
    }

    pub(super) fn seat_here(&self, who: &Participant) {
        if let Some(room) = self.open_room(who.session) {
            room.seat(who);
        }
    }

    /// Somebody was taken out: their sockets and their pictures end.
    pub fn remove(&self, session: SessionId, who: ParticipantId) {
        self.dismiss(session, who, &bye::removed());
    }

    /// Somebody's sockets and pictures end, for this reason.
    pub fn dismiss(&self, session: SessionId, who: ParticipantId, reason: &Problem) {
        self.bus.say(session, Far::Dismissed { who, reason: reason.clone() });
        self.dismiss_here(session, who, reason);
    }

    pub(super) fn dismiss_here(&self, session: SessionId, who: ParticipantId, reason: &Problem) {
        if let Some(room) = self.open_room(session) {
            room.dismiss(who, reason);
        }
        self.media.end_participant(who);
    }

    /// Somebody asks for a number that others have: they and the director see the question.
    pub fn ask(&self, session: SessionId, who: ParticipantId, camera: CameraNumber) {
        self.bus.say(session, Far::Question { who, camera: Some(camera) });
        if let Some(room) = self.open_room(session) {
            room.ask(who, camera);
        }
    }

    /// A question is decided, or not wanted any more.
    pub fn settle(&self, session: SessionId, who: ParticipantId) {
        self.bus.say(session, Far::Question { who, camera: None });
        if let Some(room) = self.open_room(session) {
            room.settle(who);
        }
    }

    /// The number that somebody asked for and that nobody has decided about.
    pub fn question(&self, session: SessionId, who: ParticipantId) -> Option<CameraNumber> {
        self.open_room(session)?.question(who)
    }

    /// A camera operator's place.
    pub fn place(&self, who: &Participant) -> Place {
        match self.open_room(who.session) {
            Some(room) => room.place(who),
            None => Place { name: who.name.clone(), camera: who.camera, asks: None, asked_by: Vec::new() },
        }
    }

    /// Who has a page or an uplink in a session.
    pub fn connected(&self, session: SessionId) -> BTreeSet<ParticipantId> {
        self.open_room(session).map(|room| room.connected()).unwrap_or_default()
    }
}
