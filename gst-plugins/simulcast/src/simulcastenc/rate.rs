//! Time decisions of one layer: which pictures it takes, how fast they really come, when a key frame is due.
//!
//! Pure: presentation times in nanoseconds go in, answers come out. Nothing here waits or invents a picture.
//! Invariant: over any span of t seconds at most `max_fps * t + 1.25` pictures are taken, and one more for each restart.

const SECOND: u64 = 1_000_000_000;

/// Takes pictures up to a greatest rate and drops the rest (a token bucket that holds 1.25 pictures: a source whose
/// pictures jitter by a quarter of a period loses none).
#[derive(Debug)]
pub(crate) struct Thinner {
    period: u64,
    /// The earliest time at which the next picture is taken.
    due: Option<u64>,
    last: u64,
}

impl Thinner {
    /// For at most `max_fps` pictures a second.
    pub(crate) fn new(max_fps: u32) -> Self {
        Self { period: SECOND / u64::from(max_fps.max(1)), due: None, last: 0 }
    }

    /// Whether the picture shown at `pts` is taken.
    pub(crate) fn takes(&mut self, pts: u64) -> bool {
        let slack = self.period / 4;
        let jumped_back = pts < self.last;
        self.last = pts;
        let due = match self.due {
            Some(due) if !jumped_back => due,
            _ => pts,
        };
        if pts + slack < due {
            return false;
        }
        self.due = Some(due.max(pts) + self.period);
        true
    }

    /// The next picture is taken, however soon it comes: it shows something else than the one before.
    pub(crate) fn restart(&mut self) {
        self.due = None;
    }
}

/// How many pictures a second really come, from the last few distances.
#[derive(Debug)]
pub(crate) struct RateMeter {
    nominal: f64,
    last: Option<u64>,
    gaps: [u64; RateMeter::WINDOW],
    filled: usize,
    told: f64,
}

impl RateMeter {
    const WINDOW: usize = 8;
    /// Below this rate the bits of a picture no longer grow: a still source does not need them.
    const LEAST: f64 = 10.0;
    /// A change smaller than this is jitter.
    const NOTABLE: f64 = 0.15;

    /// For a layer that an encoder believes to run at `nominal` pictures a second, and that starts at `expected`.
    pub(crate) fn new(nominal: u32, expected: f64) -> Self {
        let nominal = f64::from(nominal.max(1));
        let told = expected.clamp(Self::LEAST.min(nominal), nominal);
        Self { nominal, last: None, gaps: [0; Self::WINDOW], filled: 0, told }
    }

    /// By how much the encoder's bit rate is to be multiplied so that real time gets the planned bits.
    pub(crate) fn scale(&self) -> f64 {
        self.nominal / self.told
    }

    /// Takes note of a picture; gives the new multiplier when the rate has changed notably.
    pub(crate) fn note(&mut self, pts: u64) -> Option<f64> {
        let last = self.last.replace(pts)?;
        let gap = pts.checked_sub(last).filter(|gap| *gap > 0 && *gap < SECOND);
        let Some(gap) = gap else {
            self.filled = 0;
            return None;
        };
        self.gaps.rotate_left(1);
        self.gaps[Self::WINDOW - 1] = gap;
        self.filled = (self.filled + 1).min(Self::WINDOW);
        if self.filled < Self::WINDOW {
            return None;
        }
        let mean = self.gaps.iter().sum::<u64>() as f64 / Self::WINDOW as f64;
        let rate = (SECOND as f64 / mean).clamp(Self::LEAST.min(self.nominal), self.nominal);
        if (rate - self.told).abs() / self.told < Self::NOTABLE {
            return None;
        }
        self.told = rate;
        Some(self.scale())
    }
}

/// When the next key frame is due: by time since the last one, or because somebody asked.
#[derive(Debug)]
pub(crate) struct GopClock {
    gop: u64,
    last: Option<u64>,
    asked: Option<Asked>,
}

/// A key frame somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// With the next picture.
    Now,
    /// With the first picture at or after this running time, in nanoseconds.
    From(u64),
}

impl GopClock {
    /// With a key frame at least each `gop_ms`.
    pub(crate) fn new(gop_ms: u32) -> Self {
        Self { gop: u64::from(gop_ms) * 1_000_000, last: None, asked: None }
    }

    /// Somebody asked; the earlier of two askings wins.
    pub(crate) fn ask(&mut self, asked: Asked) {
        self.asked = Some(match (self.asked, asked) {
            (None, new) => new,
            (Some(Asked::From(a)), Asked::From(b)) => Asked::From(a.min(b)),
            (Some(_), _) => Asked::Now,
        });
    }

    /// The encoder begins anew: its first picture is a key frame by itself.
    pub(crate) fn restart(&mut self) {
        self.last = None;
    }

    /// Whether the picture at this running time (nanoseconds) is to be made a key frame; if so it counts as made.
    pub(crate) fn due(&mut self, at: u64) -> bool {
        let asked = match self.asked {
            Some(Asked::Now) => true,
            Some(Asked::From(from)) => at >= from,
            None => false,
        };
        // A millisecond early is on time: sources round their timestamps.
        let old = match self.last {
            Some(last) => at < last || at + 1_000_000 >= last + self.gop,
            None => true,
        };
        if asked || old {
            self.asked = self.asked.filter(|_| !asked);
            self.last = Some(at);
        }
        asked || old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(max_fps: u32, times: impl IntoIterator<Item = u64>) -> usize {
        let mut thinner = Thinner::new(max_fps);
        times.into_iter().filter(|pts| thinner.takes(*pts)).count()
    }

    fn steady(fps: u64, count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(move |i| i * SECOND / fps)
    }

    #[test]
    fn sixty_becomes_every_second_picture() {
        assert_eq!(taken(30, steady(60, 600)), 300);
    }

    #[test]
    fn twenty_five_thirty_and_ntsc_stay_whole() {
        assert_eq!(taken(30, steady(25, 250)), 250);
        assert_eq!(taken(30, steady(30, 300)), 300);
        assert_eq!(taken(30, (0..300).map(|i| i * 1001 * SECOND / 30_000)), 300);
        assert_eq!(taken(60, steady(60, 600)), 600);
    }

    #[test]
    fn fifty_becomes_an_even_twenty_five() {
        assert_eq!(taken(30, steady(50, 500)), 250);
    }

    #[test]
    fn jitter_of_a_quarter_period_loses_nothing() {
        let jitter = [0, 8, 1, 7, 2, 8, 0, 3];
        let times = (0..300u64).map(|i| i * SECOND / 30 + jitter[i as usize % 8] * 1_000_000);
        assert_eq!(taken(30, times), 300);
    }

    #[test]
    fn any_span_holds_the_greatest_rate() {
        let mut seed = 7u64;
        let mut at = 0;
        let mut thinner = Thinner::new(30);
        let mut kept = Vec::new();
        for _ in 0..5000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            at += (seed >> 40) % 20_000_000;
            if thinner.takes(at) {
                kept.push(at);
            }
        }
        for (first, from) in kept.iter().enumerate() {
            let within = kept[first..].iter().take_while(|pts| **pts < from + SECOND).count();
            assert!(within <= 31, "{within} pictures within a second");
        }
    }

    #[test]
    fn the_first_picture_of_another_source_is_taken_however_soon_and_sets_the_beat() {
        let mut thinner = Thinner::new(60);
        assert!(thinner.takes(0));
        assert!(!thinner.takes(7_000_000), "too soon");
        thinner.restart();
        assert!(thinner.takes(8_000_000));
        assert!(thinner.takes(8_000_000 + SECOND / 60));
    }

    #[test]
    fn a_jump_back_in_time_does_not_stop_the_layer() {
        let mut thinner = Thinner::new(30);
        assert!(thinner.takes(3600 * SECOND));
        assert!(thinner.takes(0));
        assert!(!thinner.takes(16_000_000));
    }

    #[test]
    fn the_meter_hears_a_change_within_nine_pictures() {
        let mut meter = RateMeter::new(60, 60.0);
        assert!(steady(60, 100).all(|pts| meter.note(pts).is_none()));
        let from = 2 * SECOND;
        let told: Vec<f64> = (0..12).filter_map(|i| meter.note(from + i * SECOND / 25)).collect();
        assert!((told.last().expect("a change is told") - 2.4).abs() < 0.1, "{told:?}");
    }

    #[test]
    fn a_still_source_is_not_given_the_bits_of_sixty() {
        let mut meter = RateMeter::new(60, 60.0);
        let told = (0..20).filter_map(|i| meter.note(i * SECOND / 2)).last().expect("a change is told");
        assert!((told - 6.0).abs() < 0.01, "{told}");
    }

    #[test]
    fn key_frames_come_by_time_whatever_the_rate() {
        for fps in [5, 24, 25, 30, 50, 60] {
            let mut clock = GopClock::new(2000);
            let keys: Vec<u64> = steady(fps, fps * 10).filter(|at| clock.due(*at)).collect();
            assert_eq!(keys.len(), 5, "at {fps}: {keys:?}");
        }
    }

    #[test]
    fn an_asked_key_frame_comes_once_and_starts_a_new_count() {
        let mut clock = GopClock::new(2000);
        assert!(clock.due(0));
        clock.ask(Asked::Now);
        clock.ask(Asked::Now);
        assert!(clock.due(SECOND));
        assert!(!clock.due(SECOND + 16_000_000));
        assert!(!clock.due(2 * SECOND));
        assert!(clock.due(3 * SECOND));
    }

    #[test]
    fn a_key_frame_asked_for_later_waits_for_its_time() {
        let mut clock = GopClock::new(2000);
        assert!(clock.due(0));
        clock.ask(Asked::From(500_000_000));
        assert!(!clock.due(400_000_000));
        assert!(clock.due(500_000_000));
    }
}
