//! The figures of a session's viewers.
//!
//! Pure. Invariant: however many viewers come and go, at most `own_labels` of them have series of their own.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, LayerCounts, ParticipantId};

use super::Histogram;
use crate::media::ViewerQuality;

/// Shares of packets; the rule's own thresholds, 1 and 3 %, among them.
const LOSS_BOUNDS: [f64; 10] = [0.0, 0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5];
/// How long a viewer who left keeps a series: two scrapes of the commonest interval, so that its end is read.
const KEPT: Duration = Duration::from_secs(120);

/// Shares of packets lost, by size.
pub(super) type Loss = Histogram<10>;

struct Own {
    loss: Loss,
    seen: Instant,
}

/// The viewers of one session.
pub(super) struct Audience {
    own_labels: usize,
    now: LayerCounts,
    switches: BTreeMap<(Layer, Layer), u64>,
    own: BTreeMap<ParticipantId, Own>,
    others: Option<Loss>,
}

impl Audience {
    /// Nobody yet.
    pub(super) fn new(own_labels: usize) -> Self {
        let (switches, own) = (BTreeMap::new(), BTreeMap::new());
        Self { own_labels, now: LayerCounts::default(), switches, own, others: None }
    }

    /// A second has passed, and these watch.
    pub(super) fn handle_second(&mut self, viewers: &[ViewerQuality], now: Instant) {
        self.now = counts(viewers);
        self.own.retain(|_, own| now.saturating_duration_since(own.seen) < KEPT);
        for viewer in viewers {
            self.handle_viewer(viewer, now);
        }
    }

    fn handle_viewer(&mut self, viewer: &ViewerQuality, now: Instant) {
        let Some(loss) = viewer.loss else { return };
        let loss = f64::from(loss);
        let room = self.own.len() < self.own_labels;
        match self.own.get_mut(&viewer.participant) {
            Some(own) => {
                own.seen = now;
                own.loss.observe(loss);
            }
            None if room => {
                let own = Own { loss: Loss::new(&LOSS_BOUNDS), seen: now };
                own.loss.observe(loss);
                self.own.insert(viewer.participant, own);
            }
            None => self.others.get_or_insert_with(|| Loss::new(&LOSS_BOUNDS)).observe(loss),
        }
    }

    /// A viewer has another layer.
    pub(super) fn handle_switch(&mut self, from: Layer, to: Layer) {
        *self.switches.entry((from, to)).or_default() += 1;
    }

    /// How many have which layer.
    pub(super) fn now(&self) -> LayerCounts {
        self.now
    }

    /// From, to, and how often.
    pub(super) fn switches(&self) -> impl Iterator<Item = (Layer, Layer, u64)> {
        self.switches.iter().map(|((from, to), count)| (*from, *to, *count))
    }

    /// What each viewer lost, and, under no name, what all others did.
    pub(super) fn losses(&self) -> impl Iterator<Item = (Option<ParticipantId>, &Loss)> {
        let own = self.own.iter().map(|(who, own)| (Some(*who), &own.loss));
        own.chain(self.others.iter().map(|loss| (None, loss)))
    }
}

/// How many of these have which layer.
pub(super) fn counts(viewers: &[ViewerQuality]) -> LayerCounts {
    let mut counts = LayerCounts::default();
    for viewer in viewers {
        *match viewer.layer {
            Some(Layer::High) => &mut counts.high,
            Some(Layer::Low) => &mut counts.low,
            None => &mut counts.waiting,
        } += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::super::testing::viewer;
    use super::*;

    fn named(audience: &Audience) -> usize {
        audience.losses().filter(|(who, _)| who.is_some()).count()
    }

    #[test]
    fn a_thousand_viewers_have_ten_labels_and_one_for_all_others() {
        let now = Instant::now();
        let mut audience = Audience::new(10);
        let viewers: Vec<_> = (0..1_000).map(|n| viewer(n, Some(Layer::Low), Some(0.02))).collect();
        for second in 0..3 {
            audience.handle_second(&viewers, now + Duration::from_secs(second));
        }
        assert_eq!((named(&audience), audience.losses().count()), (10, 11));
        let observed: u64 = audience.losses().map(|(_, loss)| loss.read().count).sum();
        assert_eq!(observed, 3_000, "nothing that was observed is left out");
        assert_eq!(audience.now(), LayerCounts { high: 0, low: 1_000, waiting: 0 });
    }

    #[test]
    fn a_viewer_who_left_makes_room_for_the_next() {
        let now = Instant::now();
        let mut audience = Audience::new(1);
        audience.handle_second(&[viewer(1, None, Some(0.0))], now);
        audience.handle_second(&[viewer(2, None, Some(0.0))], now + Duration::from_secs(119));
        assert_eq!((named(&audience), audience.losses().count()), (1, 2));
        audience.handle_second(&[viewer(2, None, Some(0.0))], now + KEPT);
        let whose: Vec<_> = audience.losses().filter_map(|(who, _)| who).collect();
        assert_eq!(whose, [viewer(2, None, None).participant]);
    }

    #[test]
    fn a_viewer_that_has_not_reported_is_counted_and_observed_nowhere() {
        let mut audience = Audience::new(1);
        audience.handle_second(&[viewer(1, None, None)], Instant::now());
        assert_eq!(audience.losses().count(), 0);
        assert_eq!(audience.now(), LayerCounts { high: 0, low: 0, waiting: 1 });
    }
}
