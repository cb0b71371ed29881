//! What is so of this session on other servers.
//!
//! It refuses to say on what it heard. Invariant: a server that was not heard for [`GONE`] has nobody in the session any
//! more, and a word is as old as the bus made it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    CameraNumber, Epoch, Layer, OperatorPresence, PageNumber, ParticipantId, Role, TallyState,
};
use returnfeed_tally::Takeover;

use super::{Inner, Room};
use crate::media::MediaPlane;
use crate::relay::bus::{Far, Node, Parcel};
use crate::relay::word::Word;
use crate::relay::{bye, locked};

/// Three beats missed.
const GONE: Duration = Duration::from_secs(3);
/// Between two requests that come from other servers.
const KEYFRAME_EACH: Duration = Duration::from_millis(400);

/// Another server in whose room somebody of this session is.
pub(super) struct Other {
    heard: Instant,
    pages: BTreeMap<PageNumber, OperatorPresence>,
    viewers: u32,
}

impl Room {
    /// Another server said something of this session; what it is about was so at `said`.
    pub(in crate::relay) fn hear(&self, parcel: Parcel, said: Instant, now: Instant) {
        let inner = &mut *locked(&self.inner);
        let Parcel { node, far, .. } = parcel;
        let new = || Other { heard: now, pages: BTreeMap::new(), viewers: 0 };
        let other = inner.others.entry(node).or_insert_with(new);
        other.heard = now;
        match far {
            Far::Roll => inner.answer_roll(),
            Far::Director { epoch } => inner.hear_director(epoch, &self.media),
            Far::Run { epoch } if epoch > inner.hub.newest() => inner.hear_director(epoch, &self.media),
            Far::Word { state, .. } => {
                if state.epoch > inner.hub.newest() {
                    inner.hear_director(state.epoch, &self.media);
                }
                inner.hear_word(state, said);
            }
            Far::Sheet { epoch, sheet } if epoch == inner.hub.newest() => {
                if inner.hub.handle_sheet(sheet).is_ok() {
                    inner.tell_cues();
                }
            }
            Far::Operator { page, presence } => inner.hear_operator(node, page, presence),
            Far::Shown { shown } => inner.tell_director(|slots| {
                slots.shown.extend(shown.into_iter().map(|shown| (shown.page, shown)));
            }),
            Far::Viewers { count } => {
                other.viewers = count;
                inner.tell_viewers();
            }
            Far::Question { who, camera } => inner.hear_question(who, camera),
            Far::LanOffer { page, offer } => inner.offer(page, offer),
            Far::LanAnswer { page, answer } => inner.answer(page, answer),
            Far::Keyframe { layer } => inner.hear_keyframe(layer, now),
            // Its row is read, or nothing has to be done; a run or a sheet of before is over.
            Far::Alive
            | Far::Session
            | Far::Participant { .. }
            | Far::Dismissed { .. }
            | Far::Run { .. }
            | Far::Sheet { .. }
            | Far::Here { .. }
            | Far::Push { .. } => {}
        }
    }

    /// A second has passed: the others hear that there is somebody here, and who was not heard is gone.
    pub(in crate::relay) fn beat(&self, now: Instant) {
        let inner = &mut *locked(&self.inner);
        if !inner.pages.is_empty() || inner.uplink.is_some() {
            inner.say(Far::Alive);
        }
        let is_gone = |other: &Other| now.saturating_duration_since(other.heard) > GONE;
        let gone: Vec<Node> =
            inner.others.iter().filter(|(_, other)| is_gone(other)).map(|(node, _)| *node).collect();
        let mut missed = false;
        for node in &gone {
            let Some(other) = inner.others.remove(node) else { continue };
            missed |= !other.pages.is_empty() || other.viewers > 0;
            inner.tell_director(|slots| {
                slots.operators.extend(other.pages.into_keys().map(|page| (page, None)));
            });
        }
        // One whose people have left says nothing any more, and nobody misses it.
        if missed {
            tracing::warn!(session = %self.session, "another server is not heard any more");
            inner.tell_viewers();
        }
    }

    /// Asks who is in the session on other servers, and says who is here: something may have been missed.
    pub(in crate::relay) fn call_roll(&self) {
        let inner = locked(&self.inner);
        inner.say(Far::Roll);
        inner.answer_roll();
    }
}

impl Inner {
    pub(super) fn say(&self, far: Far) {
        self.bus.say(self.summary.id, far);
    }

    /// Operators of all servers, for a director who comes.
    pub(super) fn far_operators(&self) -> impl Iterator<Item = (PageNumber, &OperatorPresence)> {
        self.others.values().flat_map(|other| &other.pages).map(|(page, presence)| (*page, presence))
    }

    /// Who watches on other servers.
    pub(super) fn far_viewers(&self) -> u32 {
        self.others.values().map(|other| other.viewers).fold(0, u32::saturating_add)
    }

    /// Its state is everything: a change said twice is one.
    pub(super) fn say_operator(&self, page: PageNumber) {
        if !self.bus.is_alone() && self.uplink.is_none() {
            self.say(Far::Operator { page, presence: self.hub.operator(page).cloned() });
        }
    }

    fn answer_roll(&self) {
        if self.bus.is_alone() {
            return;
        }
        if self.uplink.is_some() {
            let epoch = self.hub.newest();
            self.say(Far::Run { epoch });
            self.say(Far::Sheet { epoch, sheet: self.hub.sheet().clone() });
        }
        for (page, presence) in self.hub.operators() {
            self.say(Far::Operator { page, presence: Some(presence.clone()) });
            if let Some(camera) = self.questions.of(presence.participant) {
                self.say(Far::Question { who: presence.participant, camera: Some(camera) });
            }
        }
        if !self.viewers.is_empty() {
            self.say(Far::Viewers { count: self.here_viewers() });
        }
    }

    /// A director said hello to another server: ours, if there is one, is not the newest any more.
    fn hear_director(&mut self, epoch: Epoch, media: &MediaPlane) {
        let Ok(takeover) = self.hub.handle_hello(epoch) else {
            // It did not know of the newer one, who may be here.
            return self.answer_roll();
        };
        if takeover == Takeover::NewerRun {
            self.tell_cues();
            self.director_clock = Default::default();
            media.set_director_ahead(self.summary.id, None);
        }
        if let Some(old) = self.uplink.take() {
            let reason = match takeover {
                Takeover::NewerRun => bye::stale_director(),
                Takeover::SameRun => bye::uplink_replaced(),
            };
            old.outbox.put(|slots| slots.bye = Some(reason));
            media.set_keyframes_on_request(self.summary.id, false);
        }
    }

    /// A word that is not newer than ours is passed over: it was overtaken on its way.
    fn hear_word(&mut self, state: TallyState, heard: Instant) {
        let Ok(state) = self.hub.handle_word(state.epoch, state, heard) else { return };
        let word = Arc::new(Word::new(state, heard));
        for page in self.pages.values().filter(|page| page.greeted == Some(Role::Camera)) {
            page.outbox.put(|slots| slots.tally = Some(Arc::clone(&word)));
        }
        self.word = Some(word);
    }

    /// A viewer of another server waits; each of those servers asks at most twice a second, and so do all together.
    fn hear_keyframe(&mut self, layer: Layer, now: Instant) {
        let is_early = |at: &Instant| now.saturating_duration_since(*at) < KEYFRAME_EACH;
        if self.uplink.is_none() || self.far_keyframes.get(&layer).is_some_and(is_early) {
            return;
        }
        self.far_keyframes.insert(layer, now);
        self.tell_director(|slots| {
            slots.keyframes.insert(layer);
        });
    }

    fn hear_operator(&mut self, node: Node, page: PageNumber, presence: Option<OperatorPresence>) {
        let Some(other) = self.others.get_mut(&node) else { return };
        match &presence {
            Some(presence) => other.pages.insert(page, presence.clone()),
            None => other.pages.remove(&page),
        };
        self.tell_director(|slots| {
            slots.operators.insert(page, presence);
        });
    }

    fn hear_question(&mut self, who: ParticipantId, camera: Option<CameraNumber>) {
        match camera {
            Some(camera) => self.questions.ask(who, camera),
            None => {
                self.questions.settle(who);
            }
        }
        self.tell_places();
    }
}
