//! The quality rule: how much a viewer's network allows, judged by what its browser reports.
//!
//! It knows no layers' streams and asks nothing: reports and the time go in, a verdict comes out. Invariant: two
//! changes of the verdict are at least a cooldown apart, and a climb that failed is followed by a longer wait.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Bitrate, Layer, LayerReason};

use crate::rule::Network;

/// Round trips are averaged over this time.
const WINDOW: Duration = Duration::from_secs(1);
/// A queue that stands for this time, by this many round trips in a row, is not a moment's jitter: waiting out
/// the second would let it grow by a multiple of it.
const STANDING: (Duration, usize) = (Duration::from_millis(300), 3);
/// A climb needs a path that was good for this long: at 5 % loss, one second in a hundred loses nothing.
const STEADY: Duration = Duration::from_secs(3);
/// Padding is sent this long; what it proved is known at its end.
const PROBE: Duration = Duration::from_secs(1);
/// From the beginning of one probe to the beginning of the next.
const PROBE_EVERY: Duration = Duration::from_secs(3);
/// A loss is as good as its report, which covers a second; two reports missed, and it says nothing.
const LOSS_HOLDS: Duration = Duration::from_secs(3);
/// A fall so soon after a climb says that the climb was a mistake.
const TRIAL: Duration = Duration::from_secs(30);
/// However often climbing fails, it is tried again after this time.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Where the rule draws its lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Down above this fraction of packets lost.
    pub down_loss: f32,
    /// Down above this round-trip time.
    pub down_rtt: Duration,
    /// Down below this bandwidth.
    pub down_bandwidth: Bitrate,
    /// Up below this fraction of packets lost,
    pub up_loss: f32,
    /// and below this round-trip time,
    pub up_rtt: Duration,
    /// and above this bandwidth.
    pub up_bandwidth: Bitrate,
    /// No second switch within this time of one.
    pub cooldown: Duration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            down_loss: 0.03,
            down_rtt: Duration::from_millis(150),
            down_bandwidth: Bitrate(200_000),
            up_loss: 0.01,
            up_rtt: Duration::from_millis(100),
            up_bandwidth: Bitrate(1_500_000),
            cooldown: Duration::from_secs(5),
        }
    }
}

/// What a viewer's browser reports of its network; `None` where it reports nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Report {
    /// Fraction of packets lost over the last second.
    pub loss: Option<f32>,
    /// The newest round trip.
    pub rtt: Option<Duration>,
    /// What the path carries, as estimated.
    pub bandwidth: Option<Bitrate>,
}

/// What is known of a viewer's network.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measured {
    /// Fraction of packets lost over the last second.
    pub loss: Option<f32>,
    /// Round-trip time, averaged over the last second.
    pub rtt: Option<Duration>,
    /// What the path carries, as estimated; `None` where the browser gives nothing to estimate it from.
    pub bandwidth: Option<Bitrate>,
}

/// What to do about a viewer's bandwidth, which a low layer alone does not prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Send padding beside the picture.
    Begin,
    /// That was enough.
    End,
}

/// The rule for one viewer.
#[derive(Debug, Clone)]
pub struct QualityRule {
    thresholds: Thresholds,
    verdict: Network,
    switched: Option<Instant>,
    failed_climbs: u32,
    rtts: VecDeque<(Instant, Duration)>,
    loss: Option<(Instant, f32)>,
    bandwidth: Option<Bitrate>,
    /// Since when loss and round trips speak for the high layer.
    good_since: Option<Instant>,
    probed: Option<Instant>,
    probing: bool,
}

impl QualityRule {
    /// A viewer whose network is not known yet: it begins high.
    pub fn new(thresholds: Thresholds) -> Self {
        Self {
            thresholds,
            verdict: Network::UNKNOWN,
            switched: None,
            failed_climbs: 0,
            rtts: VecDeque::new(),
            loss: None,
            bandwidth: None,
            good_since: None,
            probed: None,
            probing: false,
        }
    }

    /// What the network allows now.
    pub fn verdict(&self) -> Network {
        self.verdict
    }

    /// What is known at `now`.
    pub fn measured(&self, now: Instant) -> Measured {
        let recent = |at: Instant, window| now.saturating_duration_since(at) <= window;
        let rtts = self.rtts.iter().filter(|(at, _)| recent(*at, WINDOW));
        let (count, sum) = rtts.fold((0_u32, Duration::ZERO), |(n, sum), (_, rtt)| (n + 1, sum + *rtt));
        Measured {
            loss: self.loss.filter(|(at, _)| recent(*at, LOSS_HOLDS)).map(|(_, loss)| loss),
            rtt: sum.checked_div(count),
            bandwidth: self.bandwidth,
        }
    }

    /// The newest round trip of the last second.
    pub fn newest_rtt(&self, now: Instant) -> Option<Duration> {
        let (at, rtt) = *self.rtts.back()?;
        (now.saturating_duration_since(at) <= WINDOW).then_some(rtt)
    }

    /// Takes a report; the verdict if it changed.
    pub fn handle_report(&mut self, report: &Report, now: Instant) -> Option<Network> {
        self.rtts.retain(|(at, _)| now.saturating_duration_since(*at) < WINDOW);
        self.rtts.extend(report.rtt.map(|rtt| (now, rtt)));
        self.loss = report.loss.map(|loss| (now, loss)).or(self.loss);
        self.bandwidth = report.bandwidth.or(self.bandwidth);
        let measured = self.measured(now);
        let good = self.speaks_for_high(&Measured { bandwidth: None, ..measured });
        self.good_since = good.then(|| self.good_since.unwrap_or(now));
        let verdict = match self.verdict.best {
            Layer::High => {
                let reason = self.against_high(&measured, now).filter(|_| self.waited(now, 0))?;
                self.judge_climb(now);
                Network { best: Layer::Low, reason }
            }
            Layer::Low => {
                let steady = self.good_since.is_some_and(|at| now.saturating_duration_since(at) >= STEADY);
                let climbs =
                    steady && self.speaks_for_high(&measured) && self.waited(now, self.failed_climbs);
                if !climbs {
                    return None;
                }
                Network { best: Layer::High, reason: LayerReason::Recovered }
            }
        };
        self.verdict = verdict;
        self.switched = Some(now);
        Some(verdict)
    }

    /// Why this network cannot have the high layer, if it cannot.
    fn against_high(&self, measured: &Measured, now: Instant) -> Option<LayerReason> {
        let Thresholds { down_loss, down_rtt, down_bandwidth, .. } = self.thresholds;
        if measured.loss.is_some_and(|loss| loss > down_loss) {
            Some(LayerReason::Loss)
        } else if measured.rtt.is_some_and(|rtt| rtt > down_rtt) || self.queue_stands(now) {
            Some(LayerReason::RoundTrip)
        } else if measured.bandwidth.is_some_and(|bandwidth| bandwidth < down_bandwidth) {
            Some(LayerReason::Bandwidth)
        } else {
            None
        }
    }

    /// Whether each of the last round trips was too long.
    fn queue_stands(&self, now: Instant) -> bool {
        let (window, count) = STANDING;
        let recent = self.rtts.iter().rev().take_while(|(at, _)| now.saturating_duration_since(*at) < window);
        let (all, late) = recent.fold((0, 0), |(all, late), (_, rtt)| {
            (all + 1, late + usize::from(*rtt > self.thresholds.down_rtt))
        });
        all >= count && late == all
    }

    /// Whether everything but the bandwidth speaks for a climb, which is to be proven by padding then.
    ///
    /// `climbs`: the viewer would be given more if its network allowed it. Call it after each report.
    pub fn poll_probe(&mut self, climbs: bool, now: Instant) -> Option<Probe> {
        let since = self.probed.map(|at| now.saturating_duration_since(at));
        let measured = self.measured(now);
        let wanted = climbs
            && self.verdict.best == Layer::Low
            && self.waited(now + PROBE, self.failed_climbs)
            && measured.bandwidth.is_some_and(|bandwidth| bandwidth <= self.thresholds.up_bandwidth)
            && self.good_since.is_some();
        if self.probing && (!wanted || since.is_some_and(|since| since >= PROBE)) {
            self.probing = false;
            return Some(Probe::End);
        }
        let due = since.is_none_or(|since| since >= PROBE_EVERY);
        if wanted && due && !self.probing {
            self.probing = true;
            self.probed = Some(now);
            return Some(Probe::Begin);
        }
        None
    }

    /// Whether everything known is good enough for the high layer. A browser from which no bandwidth can be
    /// estimated is let up on trial: if that was wrong, it waits longer the next time.
    fn speaks_for_high(&self, measured: &Measured) -> bool {
        let Thresholds { up_loss, up_rtt, up_bandwidth, .. } = self.thresholds;
        measured.loss.is_some_and(|loss| loss < up_loss)
            && measured.rtt.is_some_and(|rtt| rtt < up_rtt)
            && measured.bandwidth.is_none_or(|bandwidth| bandwidth > up_bandwidth)
    }

    /// Whether the last switch is long enough ago: a cooldown, doubled for each failure.
    fn waited(&self, now: Instant, failures: u32) -> bool {
        let cooldown = self.thresholds.cooldown;
        let doubled = cooldown.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX));
        let wait = doubled.min(LONGEST_WAIT).max(cooldown);
        self.switched.is_none_or(|at| now.saturating_duration_since(at) >= wait)
    }

    /// A fall tells whether the climb before it was right.
    fn judge_climb(&mut self, now: Instant) {
        let soon = self.switched.is_some_and(|climbed| now.saturating_duration_since(climbed) < TRIAL);
        self.failed_climbs = if soon { self.failed_climbs.saturating_add(1) } else { 0 };
    }
}

#[cfg(test)]
#[path = "quality_tests.rs"]
mod tests;
