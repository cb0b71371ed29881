//! What the cloud says: of the push, by the uplink, and of the end.

use std::time::Instant;

use returnfeed_protocol::{CloudToDirector, Layer};
use returnfeed_srt::{CallerEnd, Refusal};

use super::{Action, Controller};
use crate::gui::{CloudState, Gui, Notice};
use crate::push::{PushEvent, PushFailure};
use crate::sentence::Sentence;
use crate::uplink::UplinkEvent;

impl<G: Gui> Controller<G> {
    pub(super) fn push(&mut self, layer: Layer, event: PushEvent) {
        if let PushEvent::Failed { failure: PushFailure::End(end), .. } = &event {
            match end {
                // The passphrase was changed at the cloud; the new one comes with a grant.
                CallerEnd::WrongPassphrase | CallerEnd::Refused(Refusal::KeyUnknown) => {
                    self.actions.push_back(Action::Regrant);
                }
                CallerEnd::Refused(refusal @ (Refusal::Superseded | Refusal::SessionEnded)) => {
                    self.cloud_ended((*refusal).into());
                }
                CallerEnd::Refused(
                    Refusal::StreamIdNotUnderstood
                    | Refusal::SessionUnknown
                    | Refusal::Occupied
                    | Refusal::Unavailable,
                )
                | CallerEnd::EncryptionRefused
                | CallerEnd::Full
                | CallerEnd::RefusedWithCode { .. }
                | CallerEnd::NoAnswer { .. }
                | CallerEnd::PeerGone
                | CallerEnd::PeerClosed
                | CallerEnd::NotOurKind
                | CallerEnd::ClosedHere => {}
            }
        }
        self.say(Notice::push(layer, event));
    }

    pub(super) fn uplink(&mut self, event: UplinkEvent, now: Instant) {
        match event {
            UplinkEvent::Granted(grant) => {
                self.tally.begin_epoch(grant.0.epoch, now);
                self.crew.begin_epoch(grant.0.epoch);
                self.actions.push_back(Action::Push(grant));
            }
            UplinkEvent::Connected { session, software } => {
                self.crew.handle_welcome();
                self.tally.repeat(now);
                self.say(Notice::Cloud { state: CloudState::Connected { session, software } });
                let steps = self.air.handle_connected();
                self.step(steps);
            }
            UplinkEvent::Door(door) => {
                let steps = self.air.handle_door(door);
                self.step(steps);
            }
            UplinkEvent::Down { reason, retry_in } => {
                self.crew.handle_absence();
                self.say(Notice::Cloud { state: CloudState::Absent { reason, retry_in } });
            }
            UplinkEvent::Ended { reason } => self.cloud_ended(reason),
            UplinkEvent::Heard(message) => self.heard(message, now),
        }
    }

    fn heard(&mut self, message: CloudToDirector, now: Instant) {
        match message {
            CloudToDirector::KeyframeRequest { layer } => self.actions.push_back(Action::Keyframe(layer)),
            CloudToDirector::Ingest { layer, ingest } => self.say(Notice::Ingest { layer, ingest }),
            CloudToDirector::Operator { page, presence } => {
                self.crew.handle_operator(page, presence, now);
                self.say(self.crew.presence());
            }
            CloudToDirector::Viewers { viewers } => {
                self.crew.handle_viewers(viewers);
                self.say(self.crew.presence());
            }
            CloudToDirector::Shown { shown } => self.crew.handle_shown(&shown, now),
            CloudToDirector::Delay { page, delay } => {
                if let Some(late) = self.crew.handle_delay(page, delay) {
                    self.gui.show(late);
                }
            }
            CloudToDirector::LanOffer { page, offer } => {
                self.crew.introduce(page);
                self.actions.push_back(Action::LanOffer(page, offer));
            }
            // The uplink acts on these itself.
            CloudToDirector::Welcome { .. }
            | CloudToDirector::ClockRequest { .. }
            | CloudToDirector::Bye { .. } => {}
        }
    }

    /// Another director took over, the session is over, or the right to it.
    fn cloud_ended(&mut self, reason: Sentence) {
        if self.lives_by_the_cloud {
            return self.stop(Some(reason.to_string()));
        }
        let steps = self.air.handle_ended(reason);
        self.step(steps);
    }
}
