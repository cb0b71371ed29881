//! The rule in virtual time: its lines, its cooldown, and that it does not flap.

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
fn beginning() -> Instant {
    Instant::now()
}

fn report(loss: f32, rtt_ms: u64, kbps: u64) -> Report {
    let bandwidth = Bitrate(kbps * 1_000);
    Report { loss: Some(loss), rtt: Some(ms(rtt_ms)), bandwidth: Some(bandwidth) }
}

const GOOD: (f32, u64, u64) = (0.0, 30, 2_000);

/// A viewer whose browser reports five times a second.
struct Viewer {
    rule: QualityRule,
    begin: Instant,
    now: Instant,
    history: Vec<(u64, Layer, LayerReason)>,
}

impl Viewer {
    fn new() -> Self {
        let begin = beginning();
        Self { rule: QualityRule::new(Thresholds::default()), begin, now: begin, history: Vec::new() }
    }

    /// Reports the same for so many milliseconds.
    fn reports(&mut self, (loss, rtt, kbps): (f32, u64, u64), for_ms: u64) {
        for _ in 0..for_ms / 200 {
            self.now += ms(200);
            if let Some(network) = self.rule.handle_report(&report(loss, rtt, kbps), self.now) {
                let at = self.now.saturating_duration_since(self.begin).as_millis() as u64;
                self.history.push((at, network.best, network.reason));
            }
        }
    }
}

#[test]
fn each_line_of_the_rule_is_where_it_is_drawn() {
    use LayerReason::{Bandwidth, Loss, RoundTrip};
    for (reported, verdict) in [
        ((0.031, 30, 2_000), Some(Loss)),
        ((0.030, 30, 2_000), None),
        ((0.0, 151, 2_000), Some(RoundTrip)),
        ((0.0, 150, 2_000), None),
        ((0.0, 30, 199), Some(Bandwidth)),
        ((0.0, 30, 200), None),
    ] {
        let mut viewer = Viewer::new();
        viewer.reports(reported, 1_200);
        let reasons: Vec<_> = viewer.history.iter().map(|(_, layer, reason)| (*layer, *reason)).collect();
        let expected: Vec<_> = verdict.map(|reason| (Layer::Low, reason)).into_iter().collect();
        assert_eq!(reasons, expected, "{reported:?}");
    }
    for (reported, climbs) in [
        ((0.009, 99, 1_501), true),
        ((0.010, 99, 1_501), false),
        ((0.009, 100, 1_501), false),
        ((0.009, 99, 1_500), false),
    ] {
        let mut viewer = Viewer::new();
        viewer.reports((0.5, 30, 2_000), 200);
        viewer.reports(reported, 20_000);
        assert_eq!(viewer.rule.verdict().best == Layer::High, climbs, "{reported:?}");
    }
}

#[test]
fn the_first_way_down_is_never_waited_for_and_the_second_switch_always() {
    let mut viewer = Viewer::new();
    viewer.reports((0.2, 30, 2_000), 200);
    viewer.reports(GOOD, 6_000);
    viewer.reports((0.2, 30, 2_000), 6_000);
    let expected = [
        (200, Layer::Low, LayerReason::Loss),
        (5_200, Layer::High, LayerReason::Recovered),
        // Lost from 6.4 s on: not before 10.2 s.
        (10_200, Layer::Low, LayerReason::Loss),
    ];
    assert_eq!(viewer.history, expected);
}

#[test]
fn one_late_answer_is_no_reason_and_a_second_of_them_is() {
    let mut viewer = Viewer::new();
    viewer.reports(GOOD, 2_000);
    viewer.reports((0.0, 400, 2_000), 200);
    viewer.reports(GOOD, 2_000);
    assert_eq!(viewer.history, []);
    viewer.reports((0.0, 400, 2_000), 1_000);
    assert_eq!(viewer.history, [(4_600, Layer::Low, LayerReason::RoundTrip)]);
}

#[test]
fn who_fell_once_is_back_within_ten_seconds_of_recovery() {
    for bad_for in [200, 1_000, 4_000, 9_000, 60_000] {
        let mut viewer = Viewer::new();
        viewer.reports(GOOD, 3_000);
        viewer.reports((0.1, 300, 250), bad_for);
        let recovered = 3_000 + bad_for;
        viewer.reports(GOOD, 12_000);
        let Some((at, Layer::High, _)) = viewer.history.last().copied() else {
            panic!("{:?}", viewer.history)
        };
        assert!(at <= recovered + 10_000, "bad for {bad_for} ms: back at {at}");
        assert_eq!(viewer.history.len(), 2, "{:?}", viewer.history);
    }
}

#[test]
fn at_the_edge_of_a_link_the_switches_become_rare() {
    // A path that carries the low layer and every probe, but not the high layer for long.
    let mut viewer = Viewer::new();
    for _ in 0..10 * 60 * 5 {
        let high = viewer.rule.verdict().best == Layer::High;
        viewer.reports(if high { (0.08, 60, 1_600) } else { GOOD }, 200);
    }
    let in_minute = |minute: u64| viewer.history.iter().filter(|(at, _, _)| at / 60_000 == minute).count();
    assert!(in_minute(0) <= 7, "{:?}", viewer.history);
    for minute in 2..10 {
        assert!(in_minute(minute) <= 2, "minute {minute}: {:?}", viewer.history);
    }
}

#[test]
fn a_browser_that_says_nothing_of_bandwidth_climbs_on_trial() {
    let mut rule = QualityRule::new(Thresholds::default());
    let begin = beginning();
    let at = |seconds| begin + Duration::from_secs(seconds);
    let says = |loss| Report { loss: Some(loss), rtt: Some(ms(40)), bandwidth: None };
    let mut said = |loss, second| rule.handle_report(&says(loss), at(second)).map(|network| network.best);
    let heard = [(0.1, 1), (0.0, 2), (0.0, 6), (0.1, 11), (0.0, 12), (0.0, 16), (0.0, 20), (0.0, 21)]
        .map(|(loss, second)| said(loss, second));
    let (low, high) = (Some(Layer::Low), Some(Layer::High));
    // The climb at 6 s was a mistake: the next one waits twice as long.
    assert_eq!(heard, [low, None, high, low, None, None, None, high]);
    // Silence is no proof of anything.
    assert_eq!(rule.handle_report(&Report::default(), at(60)), None);
}

#[test]
fn bandwidth_is_probed_only_where_it_alone_is_missing() {
    let mut viewer = Viewer::new();
    let mut probes = Vec::new();
    let mut run = |viewer: &mut Viewer, reported, for_ms: u64, climbs| {
        for _ in 0..for_ms / 200 {
            viewer.reports(reported, 200);
            let at = viewer.now.saturating_duration_since(viewer.begin).as_millis() as u64;
            probes.extend(viewer.rule.poll_probe(climbs, viewer.now).map(|probe| (at, probe)));
        }
    };
    run(&mut viewer, (0.1, 30, 300), 1_000, true);
    run(&mut viewer, (0.02, 30, 300), 8_000, true); // loses too much still
    run(&mut viewer, (0.0, 30, 300), 7_000, true);
    run(&mut viewer, (0.0, 30, 300), 7_000, false); // may have no more
    run(&mut viewer, (0.0, 30, 300), 400, true);
    run(&mut viewer, (0.0, 30, 1_600), 5_000, true); // proven
    let expected = [
        (9_200, Probe::Begin),
        (10_200, Probe::End),
        (12_200, Probe::Begin),
        (13_200, Probe::End),
        (15_200, Probe::Begin),
        (16_200, Probe::End),
        (23_200, Probe::Begin),
        (23_600, Probe::End),
    ];
    assert_eq!(probes, expected);
    assert_eq!(viewer.rule.verdict().best, Layer::High);
}
