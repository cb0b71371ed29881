//! Whether a source can be put on air, decided from the moments its frames arrive. Pure: no clock, no GStreamer.
//!
//! Refuses to judge the picture: a still one is healthy as long as frames come.
//! Invariant: within [`FROZEN_AFTER`] of the last frame the source is no longer `Live`.

use std::time::Duration;

use crate::clock::EngineTime;
use crate::sentence::Sentence;

/// No frame for this long is a frozen source. Many frames even at 5 fps,
/// short enough that with the slate's own 33 ms the programme shows it within 1 s.
pub const FROZEN_AFTER: Duration = Duration::from_millis(700);
/// A frozen source whose pipeline cannot heal itself is rebuilt after this.
const REBUILD_AFTER: Duration = Duration::from_secs(3);
/// A source that has not shown its first frame by then is rebuilt: network and disk may be slow, not dead.
const FIRST_FRAME_WITHIN: Duration = Duration::from_secs(10);
/// First wait before a failed source is built again; doubles up to [`BACKOFF_MAX`].
const BACKOFF_MIN: Duration = Duration::from_millis(250);
/// Longest wait before a failed source is built again.
const BACKOFF_MAX: Duration = Duration::from_secs(4);
/// A source that was live this long has proved itself: its next failure waits [`BACKOFF_MIN`] again.
const PROVED_AFTER: Duration = Duration::from_secs(5);

/// What a source is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Being opened; no frame yet.
    Starting,
    /// Frames come.
    Live,
    /// No frame for [`FROZEN_AFTER`].
    Frozen,
    /// It failed; it is opened again by itself.
    Lost {
        /// What is wrong and what to do, one sentence.
        reason: Sentence,
    },
}

impl Health {
    /// Whether frames can be put on air.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }
}

/// What the shell must do to the source's pipeline now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repair {
    /// Nothing.
    None,
    /// Build it; there is none.
    Build,
    /// Take it down; [`Repair::Build`] follows when its wait is over.
    TearDown,
}

/// Watches one source.
#[derive(Debug)]
pub(super) struct Watch {
    health: Health,
    heals_itself: bool,
    built: Option<EngineTime>,
    live_since: Option<EngineTime>,
    last_frame: Option<EngineTime>,
    build_at: EngineTime,
    backoff: Duration,
}

impl Watch {
    /// A source to be built at once.
    pub(super) fn new(now: EngineTime) -> Self {
        Self {
            health: Health::Starting,
            heals_itself: false,
            built: None,
            live_since: None,
            last_frame: None,
            build_at: now,
            backoff: BACKOFF_MIN,
        }
    }

    /// What the source is doing.
    pub(super) fn health(&self) -> &Health {
        &self.health
    }

    /// A pipeline is being built.
    pub(super) fn handle_built(&mut self, now: EngineTime) {
        self.heals_itself = false;
        self.built = Some(now);
        self.last_frame = None;
    }

    /// The pipeline waits by itself for the other side to come back (NDI, a pipe): a freeze is no reason to rebuild
    /// it.
    pub(super) fn handle_self_healing(&mut self) {
        self.heals_itself = true;
    }

    /// What waits by itself says that the other side is not there: then that is what is wrong, not a freeze.
    pub(super) fn handle_absence(&mut self, reason: Sentence) {
        if self.built.is_some() && self.health == Health::Frozen {
            self.health = Health::Lost { reason };
        }
    }

    /// The newest frame arrived at `at`; may be told more than once. True when this brought the source back.
    pub(super) fn handle_frame(&mut self, at: EngineTime) -> bool {
        let newer = self.built.is_some() && self.last_frame.is_none_or(|last| at > last);
        if !newer {
            return false;
        }
        self.last_frame = Some(at);
        if self.health.is_live() {
            if self.live_since.is_some_and(|since| at.saturating_sub(since) >= PROVED_AFTER) {
                self.backoff = BACKOFF_MIN;
            }
            return false;
        }
        self.live_since = Some(at);
        self.health = Health::Live;
        true
    }

    /// The pipeline failed, for this reason. The caller takes it down.
    pub(super) fn handle_failure(&mut self, reason: Sentence, now: EngineTime) {
        self.built = None;
        self.live_since = None;
        self.health = Health::Lost { reason };
        self.build_at = now + self.backoff;
        self.backoff = (self.backoff * 2).min(BACKOFF_MAX);
    }

    /// Time has passed.
    pub(super) fn handle_timeout(&mut self, now: EngineTime) -> Repair {
        let Some(built) = self.built else {
            return if now >= self.build_at { Repair::Build } else { Repair::None };
        };
        let silent = now.saturating_sub(self.last_frame.unwrap_or(built));
        match self.health {
            Health::Live if silent >= FROZEN_AFTER => {
                self.health = Health::Frozen;
                self.live_since = None;
                Repair::None
            }
            // What waits by itself may wait for ever: that is no opening any more.
            Health::Starting if silent >= REBUILD_AFTER && self.heals_itself => {
                self.health = Health::Frozen;
                Repair::None
            }
            Health::Frozen if self.last_frame.is_some() && silent >= REBUILD_AFTER && !self.heals_itself => {
                self.rebuild(now)
            }
            Health::Starting | Health::Frozen | Health::Lost { .. }
                if self.last_frame.is_none() && silent >= FIRST_FRAME_WITHIN && !self.heals_itself =>
            {
                self.rebuild(now)
            }
            Health::Starting | Health::Live | Health::Frozen | Health::Lost { .. } => Repair::None,
        }
    }

    fn rebuild(&mut self, now: EngineTime) -> Repair {
        self.built = None;
        self.build_at = now + self.backoff;
        self.backoff = (self.backoff * 2).min(BACKOFF_MAX);
        Repair::TearDown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> EngineTime {
        Duration::from_millis(ms)
    }

    fn live_at(at: EngineTime, heals_itself: bool) -> Watch {
        let mut watch = Watch::new(ms(0));
        assert_eq!(watch.handle_timeout(ms(0)), Repair::Build);
        watch.handle_built(ms(1));
        if heals_itself {
            watch.handle_self_healing();
        }
        assert!(watch.handle_frame(at));
        watch
    }

    #[test]
    fn a_source_without_frames_for_700_ms_is_frozen_and_its_next_frame_brings_it_back() {
        let mut watch = live_at(ms(100), false);
        watch.handle_timeout(ms(799));
        assert_eq!(watch.health(), &Health::Live);
        watch.handle_timeout(ms(800));
        assert_eq!(watch.health(), &Health::Frozen);
        assert!(!watch.handle_frame(ms(100)), "the same frame told twice is no new frame");
        assert!(watch.handle_frame(ms(900)));
        assert_eq!(watch.health(), &Health::Live);
    }

    #[test]
    fn a_frozen_source_is_rebuilt_unless_it_heals_itself() {
        let mut watch = live_at(ms(100), false);
        watch.handle_timeout(ms(800));
        assert_eq!(watch.handle_timeout(ms(3_099)), Repair::None);
        assert_eq!(watch.handle_timeout(ms(3_100)), Repair::TearDown);
        assert_eq!(watch.handle_timeout(ms(3_349)), Repair::None);
        assert_eq!(watch.handle_timeout(ms(3_350)), Repair::Build);

        let mut ndi = live_at(ms(100), true);
        ndi.handle_timeout(ms(800));
        assert_eq!(ndi.handle_timeout(ms(60_000)), Repair::None);
        assert_eq!(ndi.health(), &Health::Frozen);
    }

    #[test]
    fn a_source_that_is_waited_for_and_never_comes_is_frozen_after_three_seconds() {
        let mut watch = Watch::new(ms(0));
        watch.handle_timeout(ms(0));
        watch.handle_built(ms(0));
        watch.handle_self_healing();
        watch.handle_timeout(ms(2_999));
        assert_eq!(watch.health(), &Health::Starting);
        assert_eq!(watch.handle_timeout(ms(3_000)), Repair::None);
        assert_eq!(watch.health(), &Health::Frozen);
        assert!(watch.handle_frame(ms(60_000)));
    }

    #[test]
    fn a_source_that_left_the_network_is_lost_and_comes_back_by_itself() {
        let mut ndi = live_at(ms(100), true);
        ndi.handle_absence("it left the network".into());
        assert_eq!(ndi.health(), &Health::Live, "while its frames come");
        ndi.handle_timeout(ms(800));
        assert_eq!(ndi.health(), &Health::Frozen);
        ndi.handle_absence("it left the network".into());
        assert_eq!(ndi.health(), &Health::Lost { reason: "it left the network".into() });
        assert_eq!(ndi.handle_timeout(ms(60_000)), Repair::None, "it is waited for, not rebuilt");
        assert!(ndi.handle_frame(ms(60_001)));
        assert_eq!(ndi.health(), &Health::Live);
    }

    #[test]
    fn failures_wait_longer_each_time_until_the_source_has_proved_itself() {
        let mut watch = Watch::new(ms(0));
        let mut now = ms(0);
        for wait in [250, 500, 1_000, 2_000, 4_000, 4_000] {
            watch.handle_failure("gone".into(), now);
            assert_eq!(watch.handle_timeout(now + ms(wait - 1)), Repair::None, "{wait}");
            now += ms(wait);
            assert_eq!(watch.handle_timeout(now), Repair::Build, "{wait}");
            watch.handle_built(now);
        }
        watch.handle_frame(now + ms(10));
        watch.handle_frame(now + ms(5_010));
        watch.handle_failure("gone again".into(), now + ms(5_020));
        assert_eq!(watch.handle_timeout(now + ms(5_270)), Repair::Build);
    }

    #[test]
    fn a_late_frame_of_a_pipeline_already_taken_down_does_not_bring_the_source_back() {
        let mut watch = live_at(ms(100), false);
        watch.handle_failure("unplugged".into(), ms(200));
        assert!(!watch.handle_frame(ms(210)));
        assert_eq!(watch.health(), &Health::Lost { reason: "unplugged".into() });
    }

    #[test]
    fn a_source_that_never_shows_a_frame_is_tried_again() {
        let mut watch = Watch::new(ms(0));
        watch.handle_timeout(ms(0));
        watch.handle_built(ms(0));
        assert_eq!(watch.handle_timeout(ms(9_999)), Repair::None);
        assert_eq!(watch.handle_timeout(ms(10_000)), Repair::TearDown);
        assert_eq!(watch.health(), &Health::Starting);
    }
}
