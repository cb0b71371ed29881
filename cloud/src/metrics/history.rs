//! What a session's quality page is shown when it opens: the last ten minutes.
//!
//! Pure. Invariant: it is as large after a day as after ten minutes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Bitrate, Layer, QualityPush, QualitySecond, QualitySwitch, QualityViewer, Spread};

use super::audience::counts;
use crate::media::{PushQuality, ViewerQuality};

/// Ten minutes.
const SECONDS: usize = 600;
/// Changes of layer that are remembered.
const SWITCHES: usize = 200;
/// Viewers that a page is told of one by one, each second.
const LISTED: usize = 100;

/// What is remembered of a session.
#[derive(Default)]
pub(super) struct History {
    seconds: VecDeque<QualitySecond>,
    switches: VecDeque<QualitySwitch>,
    pushes: Vec<PushQuality>,
}

impl History {
    /// A second has passed; how it was.
    pub(super) fn handle_second(
        &mut self,
        viewers: &[ViewerQuality],
        pushes: Vec<PushQuality>,
        at_ms: u64,
    ) -> QualitySecond {
        let second = QualitySecond {
            at_ms,
            viewers: counts(viewers),
            loss: spread(viewers.iter().filter_map(|viewer| viewer.loss.map(f64::from)), 4),
            rtt_ms: spread(viewers.iter().filter_map(|viewer| viewer.rtt.map(ms)), 1),
            pushes: pushes.iter().map(|push| self.push(push)).collect(),
        };
        self.pushes = pushes;
        keep(&mut self.seconds, second.clone(), SECONDS);
        second
    }

    /// A viewer's layer changed.
    pub(super) fn handle_switch(&mut self, switch: QualitySwitch) {
        keep(&mut self.switches, switch, SWITCHES);
    }

    /// The last ten minutes, oldest first.
    pub(super) fn seconds(&self) -> Vec<QualitySecond> {
        self.seconds.iter().cloned().collect()
    }

    /// The newest changes of layer, oldest first.
    pub(super) fn switches(&self) -> Vec<QualitySwitch> {
        self.switches.iter().cloned().collect()
    }

    /// A push in the second since it was looked at last.
    fn push(&self, push: &PushQuality) -> QualityPush {
        let before = self.pushes.iter().find(|before| {
            before.layer == push.layer && before.stats.received_packets <= push.stats.received_packets
        });
        let before = before.map(|before| before.stats).unwrap_or_default();
        let stats = &push.stats;
        let lost = stats.lost_packets.saturating_sub(before.lost_packets);
        let received = stats.received_packets.saturating_sub(before.received_packets);
        let repeated = stats.repeated_packets.saturating_sub(before.repeated_packets);
        let expected = lost + received.saturating_sub(repeated);
        QualityPush {
            layer: push.layer,
            bitrate: Bitrate(stats.bits_per_second),
            rtt_ms: rounded(ms(stats.rtt), 1),
            loss: if expected == 0 { 0.0 } else { rounded((lost as f64 / expected as f64).min(1.0), 4) },
            repeated: small(repeated),
            dropped: small(stats.dropped_packets.saturating_sub(before.dropped_packets)),
            delay_ms: push.delay.map(|delay| rounded(ms(delay), 1)),
        }
    }
}

/// The viewers for a page, those that fare worst first, and how many are left out.
pub(super) fn listed(mut viewers: Vec<ViewerQuality>, now: Instant) -> (Vec<QualityViewer>, u32) {
    viewers.sort_by(|a, b| {
        let badness = |viewer: &ViewerQuality| {
            (viewer.layer == Some(Layer::High), -viewer.loss.unwrap_or(0.0), viewer.rtt.unwrap_or_default())
        };
        let ((high_a, loss_a, rtt_a), (high_b, loss_b, rtt_b)) = (badness(a), badness(b));
        high_a
            .cmp(&high_b)
            .then(loss_a.total_cmp(&loss_b))
            .then(rtt_b.cmp(&rtt_a))
            .then(a.viewer.cmp(&b.viewer))
    });
    let more = small(viewers.len().saturating_sub(LISTED) as u64);
    viewers.truncate(LISTED);
    (viewers.into_iter().map(|viewer| shown(viewer, now)).collect(), more)
}

fn shown(viewer: ViewerQuality, now: Instant) -> QualityViewer {
    let since = now.saturating_duration_since(viewer.since);
    QualityViewer {
        viewer: viewer.viewer,
        participant: viewer.participant,
        name: String::new(),
        role: viewer.role,
        layer: viewer.layer,
        reason: viewer.reason,
        for_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        loss: viewer.loss.map(|loss| rounded(f64::from(loss), 4)),
        rtt_ms: viewer.rtt.map(|rtt| rounded(ms(rtt), 1)),
        bandwidth: viewer.bandwidth,
    }
}

/// The median (the upper one of two) and the largest; none of nothing.
fn spread(values: impl Iterator<Item = f64>, digits: i32) -> Option<Spread> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (median, worst) = (values.get(values.len() / 2)?, values.last()?);
    Some(Spread { median: rounded(*median, digits), worst: rounded(*worst, digits) })
}

fn keep<T>(kept: &mut VecDeque<T>, newest: T, most: usize) {
    if kept.len() >= most {
        kept.pop_front();
    }
    kept.push_back(newest);
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// So that a page is not told sixteen digits of what was measured in two.
fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use returnfeed_srt::ConnectionStats;

    use super::super::testing::viewer;
    use super::*;

    fn push(received: u64, lost: u64, repeated: u64) -> PushQuality {
        let stats = ConnectionStats {
            received_packets: received,
            lost_packets: lost,
            repeated_packets: repeated,
            ..ConnectionStats::default()
        };
        PushQuality { layer: Layer::High, bytes: 0, messages: 0, stats, delay: None }
    }

    #[test]
    fn a_day_is_remembered_as_its_last_ten_minutes() {
        let mut history = History::default();
        for at_ms in 0..86_400 {
            history.handle_second(&[], Vec::new(), at_ms);
        }
        let seconds = history.seconds();
        assert_eq!((seconds.len(), seconds[0].at_ms, seconds[599].at_ms), (600, 85_800, 86_399));
    }

    #[test]
    fn a_push_s_loss_is_that_of_its_last_second_and_a_new_connection_begins_at_zero() {
        let mut history = History::default();
        history.handle_second(&[], vec![push(1_000, 100, 100)], 1);
        // 98 new ones, 2 missing that came again.
        let second = history.handle_second(&[], vec![push(1_100, 102, 102)], 2);
        let QualityPush { loss, repeated, .. } = second.pushes[0];
        assert_eq!((loss, repeated), (0.02, 2));
        let anew = history.handle_second(&[], vec![push(50, 0, 0)], 3);
        assert_eq!(anew.pushes[0].loss, 0.0);
    }

    #[test]
    fn the_spread_is_of_those_who_reported() {
        let viewers = [0.0, 0.1, 0.3].map(|loss| viewer(1, Some(Layer::High), Some(loss)));
        let mut history = History::default();
        let second = history.handle_second(&viewers, Vec::new(), 1);
        assert_eq!(second.loss, Some(Spread { median: 0.1, worst: 0.3 }));
        assert_eq!(second.rtt_ms, Some(Spread { median: 100.0, worst: 300.0 }));
        let silent = [viewer(1, None, None)];
        assert_eq!(history.handle_second(&silent, Vec::new(), 2).loss, None);
    }

    #[test]
    fn who_fares_worst_is_listed_and_the_others_are_counted() {
        let mut viewers: Vec<_> = (0..150).map(|n| viewer(n, Some(Layer::High), Some(0.0))).collect();
        viewers.push(viewer(200, Some(Layer::High), Some(0.5)));
        viewers.push(viewer(300, Some(Layer::Low), Some(0.01)));
        let (first, second) = (viewers[151].viewer, viewers[150].viewer);
        let (listed, more) = listed(viewers, Instant::now());
        assert_eq!((listed[0].viewer, listed[1].viewer), (first, second));
        assert_eq!((listed.len(), more), (100, 52));
    }
}
