//! Prometheus' text exposition format, version 0.0.4, as much of it as counters, gauges and histograms need.
//!
//! Pure. Invariant: the samples of a family stand together, under its one HELP and TYPE.

use std::fmt::{Display, Write as _};

use super::instruments::Histogram;

/// What HTTP calls this format.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How a family's values behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only grows, until the server or what it counts begins anew.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Observations, counted by size.
    Histogram,
}

/// A metric's name, kind and one sentence.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
}

/// Names and values that tell the samples of a family apart.
pub(super) type Labels<'a> = &'a [(&'a str, &'a dyn Display)];

/// The text, as it grows.
#[derive(Default)]
pub(super) struct Exposition {
    text: String,
}

/// The samples of one family.
pub(super) struct Samples<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Exposition {
    /// Begins a family.
    pub(super) fn family(&mut self, family: &Family) -> Samples<'_> {
        let Family { name, kind, help } = family;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        push(&mut self.text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        Samples { text: &mut self.text, name: family.name }
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

impl Samples<'_> {
    /// One value of a counter or gauge.
    pub(super) fn value(&mut self, labels: Labels<'_>, value: impl Display) {
        self.sample("", labels, None, value);
    }

    /// All of a histogram: its buckets, its sum and its count.
    pub(super) fn histogram<const N: usize>(&mut self, labels: Labels<'_>, histogram: &Histogram<N>) {
        let read = histogram.read();
        for (bound, count) in &read.cumulative {
            self.sample("_bucket", labels, Some(bound), count);
        }
        self.sample("_bucket", labels, Some(&"+Inf"), read.count);
        self.sample("_sum", labels, None, read.sum);
        self.sample("_count", labels, None, read.count);
    }

    fn sample(&mut self, suffix: &str, labels: Labels<'_>, le: Option<&dyn Display>, value: impl Display) {
        push(self.text, format_args!("{}{suffix}", self.name));
        let all = labels.iter().copied().chain(le.map(|bound| ("le", bound)));
        for (index, (label, value)) in all.clone().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            push(self.text, format_args!("{before}{label}=\"{}\"", escaped(&value.to_string())));
        }
        if all.count() > 0 {
            self.text.push('}');
        }
        push(self.text, format_args!(" {value}\n"));
    }
}

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a String takes everything");
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: Family = Family { name: "lost", kind: Kind::Histogram, help: "What was lost." };

    #[test]
    fn a_histogram_s_buckets_hold_all_that_is_smaller() {
        let histogram = Histogram::new(&[0.1, 0.5]);
        for value in [0.0, 0.1, 0.2, 0.75] {
            histogram.observe(value);
        }
        let mut exposition = Exposition::default();
        exposition.family(&LOST).histogram(&[("who", &"a")], &histogram);
        let expected = "# HELP lost What was lost.\n# TYPE lost histogram\n\
                        lost_bucket{who=\"a\",le=\"0.1\"} 2\nlost_bucket{who=\"a\",le=\"0.5\"} 3\n\
                        lost_bucket{who=\"a\",le=\"+Inf\"} 4\nlost_sum{who=\"a\"} 1.05\nlost_count{who=\"a\"} 4\n";
        assert_eq!(exposition.into_text(), expected);
    }

    #[test]
    fn a_label_cannot_end_its_own_quotes() {
        let mut exposition = Exposition::default();
        let family = Family { name: "up", kind: Kind::Gauge, help: "Up." };
        exposition.family(&family).value(&[("name", &"a\"} 1\n\\")], 1);
        assert!(exposition.into_text().ends_with("up{name=\"a\\\"} 1\\n\\\\\"} 1\n"));
    }
}
