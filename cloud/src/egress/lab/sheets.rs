//! What a viewer sees while its path changes.

use returnfeed_protocol::Layer::{High, Low};

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn carries(kbps: u64) -> Conditions {
    Conditions { rate: kbps * 1_000, ..Conditions::FREE }
}

fn loses(fraction: f64) -> Conditions {
    Conditions { loss: fraction, ..Conditions::FREE }
}

/// `rtt` in ms.
fn takes(rtt: u64) -> Conditions {
    Conditions { delay: ms(rtt / 2), ..Conditions::FREE }
}

impl Lab {
    fn layers(&self) -> Vec<(Layer, LayerReason)> {
        self.switches.iter().map(|(_, layer, reason)| (*layer, *reason)).collect()
    }

    fn first_shown(&self, layer: Layer, after: Duration) -> Duration {
        let shown = self.shown.iter().find(|shown| shown.layer == layer && shown.at >= after);
        shown.unwrap_or_else(|| panic!("{layer} is never shown: {:?}", self.switches)).at
    }

    /// The longest way of a picture that was shown from then on.
    fn worst_delay(&self, after: Duration) -> Duration {
        self.shown.iter().filter(|shown| shown.at >= after).map(|shown| shown.delay).max().unwrap()
    }

    /// The longest time without a picture.
    fn longest_gap(&self, after: Duration) -> Duration {
        let at: Vec<_> = self.shown.iter().map(|shown| shown.at).filter(|at| *at >= after).collect();
        at.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
    }
}

#[test]
fn a_viewer_that_has_not_nominated_yet_is_connected_and_shown_the_picture() {
    let mut lab = Lab::new(takes(100), 1);
    lab.nominates = false;
    lab.runs_for(0.8);
    // Checked, shaken hands with, and sent a kept picture: five round trips.
    let first = lab.first_shown(High, Duration::ZERO);
    assert!(first <= ms(550), "the first picture after {first:?}");
}

#[test]
fn the_estimator_delays_no_packet() {
    let mut lab = Lab::new(Conditions::FREE, 1);
    lab.runs_for(10.0);
    assert_eq!(lab.layers(), [(High, LayerReason::Starting)]);
    assert!(lab.quality().bandwidth.is_some(), "nothing was estimated");
    // The path takes 10 ms and a millisecond for a keyframe's packets.
    assert!(lab.worst_delay(Duration::ZERO) <= ms(11), "{:?}", lab.worst_delay(Duration::ZERO));
    assert!(lab.shown.len() > 9 * 60, "{} pictures", lab.shown.len());
}

#[test]
fn a_path_that_drops_to_300_kbps_shows_low_within_two_seconds_and_is_back_under_200_ms_within_three() {
    for seed in 0..5 {
        let mut lab = Lab::new(Conditions::FREE, seed);
        lab.runs_for(8.0 + seed as f64 / 7.0);
        let dropped = lab.since_begin();
        lab.becomes(carries(300));
        lab.runs_for(20.0);
        assert_eq!(lab.layers()[1].0, Low, "seed {seed}: {:?}", lab.switches);
        let low = lab.first_shown(Low, dropped) - dropped;
        assert!(low <= ms(2_000), "seed {seed}: low is shown after {low:?}");
        let worst = lab.worst_delay(dropped + ms(3_000));
        assert!(worst < ms(200), "seed {seed}: a picture takes {worst:?}; {:?}", lab.switches);
        assert_eq!(lab.layers().len(), 2, "seed {seed}: {:?}", lab.switches);

        let recovered = lab.since_begin();
        lab.becomes(Conditions::FREE);
        lab.runs_for(10.0);
        let high = lab.first_shown(High, recovered) - recovered;
        assert!(high <= ms(10_000), "seed {seed}: high is back after {high:?}");
        assert!(lab.longest_gap(recovered) <= ms(100), "seed {seed}: {:?}", lab.longest_gap(recovered));
    }
}

#[test]
fn where_nobody_can_be_asked_for_a_keyframe_low_begins_from_what_is_kept() {
    for gop in [4, 10] {
        for seed in 0..4 {
            let gop = Duration::from_secs(gop);
            let mut lab = Lab::with(Keyframes::Each(gop), Conditions::FREE, seed);
            // Late in the group: its pictures are many, and the next keyframe is far.
            lab.runs_for((gop * 3 / 2).as_secs_f64() + seed as f64 / 3.0);
            let dropped = lab.since_begin();
            lab.becomes(carries(300));
            lab.runs_for(gop.as_secs_f64() + 10.0);
            let low = lab.first_shown(Low, dropped) - dropped;
            assert!(low <= ms(2_000), "{gop:?}, seed {seed}: low is shown after {low:?}");
            // Two seconds after the next keyframe overtook what was missed, nothing of it is in the way any more.
            let next_keyframe = dropped + gop / 2;
            let worst = lab.worst_delay(next_keyframe + ms(2_000));
            assert!(worst < ms(200), "{gop:?}, seed {seed}: a picture takes {worst:?}; {:?}", lab.switches);
            assert!(
                lab.longest_gap(dropped + low) < ms(200),
                "{gop:?}, {:?}",
                lab.longest_gap(dropped + low)
            );
            assert_eq!(lab.layers().len(), 2, "{gop:?}, seed {seed}: {:?}", lab.switches);
        }
    }
}

#[test]
fn loss_and_a_long_way_are_told_apart_and_recovered_from() {
    for (bad, reason) in [(loses(0.05), LayerReason::Loss), (takes(200), LayerReason::RoundTrip)] {
        for seed in 0..3 {
            let mut lab = Lab::new(Conditions::FREE, seed);
            lab.runs_for(4.0);
            lab.becomes(bad);
            lab.runs_for(12.0);
            let recovered = lab.since_begin();
            lab.becomes(takes(40));
            lab.runs_for(10.0);
            let expected = [(High, LayerReason::Starting), (Low, reason), (High, LayerReason::Recovered)];
            assert_eq!(lab.layers(), expected, "{bad:?}, seed {seed}: {:?}", lab.switches);
            assert!(lab.switches[2].0 - recovered <= ms(10_000), "{:?}", lab.switches);
        }
    }
}

#[test]
fn the_wire_asks_a_viewer_s_browser_for_a_hold_that_follows_its_jitter_and_a_camera_s_for_none() {
    let unsteady = |jitter| Conditions { jitter: ms(jitter), ..Conditions::FREE };
    let mut camera = Lab::new(unsteady(120), 1);
    camera.runs_for(20.0);
    assert_eq!(camera.holds, [0]);

    for (jitter, least) in [(40, 20), (120, 60)] {
        let mut lab = Lab::new(Conditions::FREE, 2);
        lab.viewer.seat.role = Role::Viewer;
        lab.runs_for(5.0);
        assert_eq!(lab.holds, [0], "a steady path");
        lab.becomes(unsteady(jitter));
        lab.runs_for(20.0);
        let held = *lab.holds.last().unwrap();
        assert!((least..=400).contains(&held), "{jitter} ms of jitter: {:?}", lab.holds);
        assert!(lab.holds.is_sorted(), "it rises and waits: {:?}", lab.holds);
        lab.becomes(Conditions::FREE);
        lab.runs_for(30.0);
        assert_eq!(lab.holds.last(), Some(&0), "steady again: {:?}", lab.holds);
    }
}

#[test]
fn probes_disturb_no_picture_of_a_path_that_stays_narrow() {
    for kbps in [250, 300, 500, 900] {
        let mut lab = Lab::new(Conditions::FREE, 3);
        lab.runs_for(4.0);
        lab.becomes(carries(kbps));
        lab.runs_for(6.0);
        let settled = lab.since_begin();
        lab.runs_for(60.0);
        assert_eq!(lab.layers().len(), 2, "{kbps} kbps: {:?}", lab.switches);
        let waited = lab.worst_delay(settled).saturating_sub(ms(10));
        println!("a probe delays a picture by {} ms at most on {kbps} kbps", waited.as_millis());
        assert!(lab.worst_delay(settled) < ms(200), "{kbps} kbps: {:?}", lab.worst_delay(settled));
        assert!(lab.longest_gap(settled) < ms(200), "{kbps} kbps: {:?}", lab.longest_gap(settled));
    }
}

#[test]
fn a_path_at_the_edge_of_the_high_layer_makes_few_switches() {
    // As wide as the high layer with all its headers, and a little more or less.
    for kbps in [1_050, 1_150, 1_200, 1_300, 1_500, 1_600] {
        let narrow = Conditions { queue: ms(300), ..carries(kbps) };
        let mut lab = Lab::new(narrow, kbps);
        lab.runs_for(180.0);
        let after_a_minute = lab.switches.iter().filter(|(at, _, _)| *at > ms(60_000)).count();
        assert!(after_a_minute <= 4, "{kbps} kbps: {:?}", lab.switches);
        assert!(lab.switches.len() <= 10, "{kbps} kbps: {:?}", lab.switches);
    }
}

#[test]
fn a_viewer_who_may_have_no_more_is_not_probed() {
    let mut lab = Lab::new(loses(0.05), 5);
    lab.runs_for(10.0);
    assert_eq!(lab.quality().layer, Some(Low));
    lab.viewer.seat.best = Low;
    lab.becomes(carries(1_400));
    lab.runs_for(5.0);
    let bytes = lab.bytes_down;
    lab.runs_for(20.0);
    let rate = (lab.bytes_down - bytes) * 8 / 20;
    assert!(rate < 200_000, "{rate} bit/s are sent for the low layer");
}

/// What is lost of a handshake is said again by us soon, whatever the browser's patience (here: a second).
#[test]
fn of_those_who_join_through_a_tenth_lost_both_ways_four_in_five_see_a_picture_within_a_second() {
    let lossy = Conditions { loss: 0.1, ..takes(100) };
    let mut waited: Vec<_> = (0..60)
        .map(|seed| {
            let mut lab = Lab::new(lossy, seed);
            lab.up.conditions = lossy;
            lab.runs_for(4.0);
            lab.shown.first().map_or(Duration::MAX, |shown| shown.at)
        })
        .collect();
    waited.sort_unstable();
    assert!(waited[48] <= ms(1_000), "{waited:?}");
}
