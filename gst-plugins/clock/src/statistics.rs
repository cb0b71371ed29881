//! The figures of a reader: how many stamps, how old.
//!
//! Pure and bounded: delays fall into steps of 0.1 ms up to one second, whatever the length of the run. It refuses to
//! mix: what could not be read is counted apart. Invariant: `frames = read + absent + damaged`.

use crate::bits::Unreadable;

const STEP_US: i64 = 100;
const STEPS: usize = 10_000;

/// What a reader has seen since it started.
#[derive(Clone, Debug)]
pub(crate) struct Statistics {
    /// All pictures.
    pub(crate) frames: u64,
    /// Pictures with a stamp.
    pub(crate) read: u64,
    /// Pictures without a stamp.
    pub(crate) absent: u64,
    /// Pictures whose check sum was wrong.
    pub(crate) damaged: u64,
    /// Pictures with the same stamp as the one before: repeated somewhere on the way.
    pub(crate) repeated: u64,
    /// The newest stamp, microseconds modulo 2^48.
    pub(crate) last: Option<u64>,
    /// The age of the newest stamp in microseconds.
    pub(crate) last_age: i64,
    /// The least and the greatest age in microseconds.
    pub(crate) span: Option<(i64, i64)>,
    steps: Vec<u32>,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            frames: 0,
            read: 0,
            absent: 0,
            damaged: 0,
            repeated: 0,
            last: None,
            last_age: 0,
            span: None,
            steps: vec![0; STEPS + 1],
        }
    }
}

impl Statistics {
    /// A picture without a usable stamp.
    pub(crate) fn note_unreadable(&mut self, why: Unreadable) {
        self.frames += 1;
        match why {
            Unreadable::Absent => self.absent += 1,
            Unreadable::Damaged => self.damaged += 1,
        }
    }

    /// A picture whose stamp was `age_us` old.
    pub(crate) fn note(&mut self, stamp_us: u64, age_us: i64) {
        self.frames += 1;
        self.read += 1;
        self.repeated += u64::from(self.last == Some(stamp_us));
        self.last = Some(stamp_us);
        self.last_age = age_us;
        let (least, most) = self.span.unwrap_or((age_us, age_us));
        self.span = Some((least.min(age_us), most.max(age_us)));
        let step = usize::try_from(age_us / STEP_US).unwrap_or(0).min(STEPS);
        if let Some(count) = self.steps.get_mut(step) {
            *count = count.saturating_add(1);
        }
    }

    /// The age in microseconds that `part` (0 to 1) of the stamps did not exceed, to 0.1 ms.
    pub(crate) fn percentile(&self, part: f64) -> Option<i64> {
        let (least, most) = self.span?;
        let wanted = (self.read as f64 * part).ceil().max(1.0) as u64;
        let mut seen = 0u64;
        for (step, count) in self.steps.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted && step < STEPS {
                return Some(((step as i64 + 1) * STEP_US).clamp(least, most));
            }
        }
        Some(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_known_run_are_right_to_a_tenth_of_a_millisecond() {
        let mut figures = Statistics::default();
        (1..=100).for_each(|ms| figures.note(ms as u64, ms * 1000));
        assert!((figures.percentile(0.5).expect("read") - 50_000).abs() <= 100);
        assert!((figures.percentile(0.95).expect("read") - 95_000).abs() <= 100);
        assert_eq!((figures.percentile(1.0), figures.span), (Some(100_000), Some((1000, 100_000))));
    }

    #[test]
    fn what_could_not_be_read_is_counted_apart() {
        let mut figures = Statistics::default();
        figures.note_unreadable(Unreadable::Absent);
        figures.note_unreadable(Unreadable::Damaged);
        figures.note(9, 5_000_000);
        figures.note(9, -3);
        assert_eq!((figures.frames, figures.absent, figures.damaged, figures.read), (4, 1, 1, 2));
        assert_eq!((figures.repeated, figures.span), (1, Some((-3, 5_000_000))));
        assert_eq!(figures.percentile(0.95), Some(5_000_000));
        assert_eq!(Statistics::default().percentile(0.5), None);
    }
}
