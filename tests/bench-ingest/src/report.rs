//! The JSON that machines read, and the table that people read.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::cases::{CASE_PLAN, Case};
use crate::ends::{Received, Sent};
use crate::libsrt::Library;
use crate::play::{Case_, Cost_, Ends};

/// What was measured so far.
#[derive(Default)]
pub(crate) struct Report {
    cases: Vec<Value>,
    costs: Vec<Value>,
    delays_table: String,
    cost_table: String,
}

/// The rows' keys in the JSON, and their names in the table.
const ROWS: [(&str, &str); 3] =
    [("ours", "ours"), ("libsrt", "libsrt, 120 ms"), ("libsrt_20", "libsrt, 20 ms")];

impl Report {
    pub(crate) fn case(&mut self, case: Case, played: &Case_, stalls: u32) {
        let mut value = Map::new();
        value.insert("loss".into(), json!(case.loss));
        value.insert("pattern".into(), json!(case.pattern));
        value.insert("rtt_ms".into(), json!(case.rtt_ms));
        value.insert("jitter_ms".into(), json!(case.jitter_ms));
        value.insert("stalls".into(), json!(stalls));
        value.insert("units".into(), json!(CASE_PLAN.streams * CASE_PLAN.units));
        value.insert("relay".into(), json!(played.carried));
        for ((key, name), (received, sent)) in ROWS.into_iter().zip(&played.rows) {
            value.insert(key.into(), row(received, sent));
            let delays = received.delays;
            self.delays_table += &format!(
                "| {case} | {name} | {} | {} | {} | {} | {} | {} |\n",
                delays.lost,
                ms(delays.p50_ms),
                ms(delays.p95_ms),
                ms(delays.p99_ms),
                ms(delays.max_ms),
                sent.repeated
            );
        }
        self.cases.push(value.into());
    }

    pub(crate) fn cost(&mut self, streams: u32, played: &Cost_, stalls: u32) {
        self.costs.push(json!({
            "streams": streams,
            "stalls": stalls,
            "ours": ends(&played.ours),
            "libsrt": ends(&played.libsrt),
        }));
        for (name, cost) in [("ours", played.ours), ("libsrt", played.libsrt)] {
            let Ends { receiver, sender, lost } = cost;
            self.cost_table += &format!(
                "| {streams} | {name} | {:.2} % | {:.0} KiB | {:.2} % | {:.0} KiB | {lost} |\n",
                receiver.cpu_percent_per_stream,
                receiver.kib_per_connection,
                sender.cpu_percent_per_stream,
                sender.kib_per_connection,
            );
        }
    }

    /// Writes what there is so far: a run that is broken off leaves what it measured.
    pub(crate) fn write(&self, file: &str) -> Result<()> {
        let json = json!({ "libsrt": Library::load()?.label, "cases": self.cases, "cost": self.costs });
        std::fs::write(file, format!("{json:#}\n")).with_context(|| format!("{file} cannot be written"))
    }

    /// Prints the tables.
    pub(crate) fn print(&self, took: Duration) -> Result<()> {
        let library = Library::load()?.label.clone();
        println!("Milliseconds from handing a unit to SRT to its delivery, beside {library}:\n");
        println!(
            "| path | | lost | p50 | p95 | p99 | max | repeated packets |\n|---|---|---|---|---|---|---|---|"
        );
        println!("{}", self.delays_table);
        println!("Of one core, for each stream:\n");
        println!("| streams | | receiver | | sender | | lost |\n|---|---|---|---|---|---|---|");
        println!("{}", self.cost_table);
        println!("{:.0} s in all.", took.as_secs_f64());
        Ok(())
    }
}

fn row(received: &Received, sent: &Sent) -> Value {
    let delays = received.delays;
    json!({
        "lost": delays.lost,
        "p50_ms": rounded(delays.p50_ms),
        "p95_ms": rounded(delays.p95_ms),
        "p99_ms": rounded(delays.p99_ms),
        "max_ms": rounded(delays.max_ms),
        "repeated": sent.repeated,
    })
}

fn ends(ends: &Ends) -> Value {
    json!({
        "cpu_percent_per_stream": rounded(ends.receiver.cpu_percent_per_stream),
        "kib_per_connection": ends.receiver.kib_per_connection.round(),
        "lost": ends.lost,
        "sender": {
            "cpu_percent_per_stream": rounded(ends.sender.cpu_percent_per_stream),
            "kib_per_connection": ends.sender.kib_per_connection.round(),
        },
    })
}

fn ms(value: f64) -> String {
    if value < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
