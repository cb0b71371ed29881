//! Median, tail and worst of many durations.

use std::time::Duration;

use serde_json::{Value, json};

/// Durations, sorted.
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    pub(crate) fn of(mut values: Vec<Duration>) -> Self {
        values.sort_unstable();
        Self(values)
    }

    /// The value that a share of all does not exceed, in ms; `None` of nothing.
    pub(crate) fn ms(&self, share: f64) -> Option<f64> {
        let last = self.0.len().checked_sub(1)?;
        let index = (last as f64 * share).round() as usize;
        let value = self.0.get(index.min(last))?;
        Some((value.as_secs_f64() * 100_000.0).round() / 100.0)
    }

    pub(crate) fn json(&self, shares: &[(&str, f64)]) -> Value {
        let fields = shares.iter().map(|(name, share)| ((*name).to_owned(), json!(self.ms(*share))));
        Value::Object(fields.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_the_tail_and_the_worst() {
        let spread = Spread::of((0..=100).rev().map(Duration::from_millis).collect());
        assert_eq!([0.5, 0.95, 1.0].map(|share| spread.ms(share)), [50.0, 95.0, 100.0].map(Some));
        assert_eq!(Spread::of(Vec::new()).ms(0.5), None);
    }
}
