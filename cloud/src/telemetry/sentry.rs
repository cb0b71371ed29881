//! Errors for a server that speaks Sentry's envelopes (<https://develop.sentry.dev/sdk/data-model/envelopes/>).
//!
//! Pure. It refuses to send what `scrub` would take out, the name of the machine, and more than a few a minute: one fault
//! that happens a thousand times is one fault.

use std::str::FromStr;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::record::Event;
use super::scrub::{is_private, scrub};

const A_MINUTE: u32 = 10;
const MINUTE: Duration = Duration::from_secs(60);

/// Where to, and as whom: `https://KEY@HOST/PROJECT`.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Dsn {
    key: String,
    endpoint: String,
}

/// An address that is none of such a server.
#[derive(Debug, thiserror::Error)]
#[error("write it like https://KEY@errors.example.org/7")]
pub struct BadDsn;

impl FromStr for Dsn {
    type Err = BadDsn;

    fn from_str(text: &str) -> Result<Self, BadDsn> {
        let (scheme, rest) = text.split_once("://").ok_or(BadDsn)?;
        let (key, rest) = rest.split_once('@').ok_or(BadDsn)?;
        let (place, project) = rest.rsplit_once('/').ok_or(BadDsn)?;
        let (host, path) =
            place.split_once('/').map_or((place, String::new()), |(host, path)| (host, format!("/{path}")));
        let key = key.split(':').next().unwrap_or_default();
        let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        if !matches!(scheme, "https" | "http") || host.is_empty() || !is_word(key) || !is_word(project) {
            return Err(BadDsn);
        }
        Ok(Self { key: key.to_owned(), endpoint: format!("{scheme}://{host}{path}/api/{project}/envelope/") })
    }
}

impl TryFrom<String> for Dsn {
    type Error = BadDsn;

    fn try_from(text: String) -> Result<Self, BadDsn> {
        text.parse()
    }
}

impl std::fmt::Debug for Dsn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.endpoint)
    }
}

impl Dsn {
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// `X-Sentry-Auth`.
    pub(super) fn authorization(&self) -> String {
        let client = concat!("returnfeed-cloud/", env!("CARGO_PKG_VERSION"));
        format!("Sentry sentry_version=7, sentry_client={client}, sentry_key={}", self.key)
    }
}

/// How many may still go this minute.
#[derive(Debug)]
pub(super) struct Allowance {
    since: Instant,
    sent: u32,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, sent: 0 }
    }

    pub(super) fn take(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) >= MINUTE {
            *self = Self::new(now);
        }
        self.sent = self.sent.saturating_add(1);
        self.sent <= A_MINUTE
    }
}

/// An error as it leaves the machine.
pub(super) fn envelope(event: &Event, id: &[u8; 16]) -> String {
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let extra: Map<String, Value> = event
        .fields
        .iter()
        .filter(|(name, _)| !is_private(name))
        .map(|(name, value)| {
            let value = match value {
                Value::String(text) => Value::from(scrub(text)),
                other => other.clone(),
            };
            ((*name).to_owned(), value)
        })
        .collect();
    let payload = json!({
        "event_id": id,
        "timestamp": event.at_ns / 1_000_000_000,
        "platform": "native",
        "level": "error",
        "logger": event.target,
        "release": concat!("returnfeed-cloud@", env!("CARGO_PKG_VERSION")),
        "message": { "formatted": scrub(&event.message) },
        "extra": extra,
    })
    .to_string();
    format!(
        "{}\n{}\n{payload}\n",
        json!({ "event_id": id }),
        json!({ "type": "event", "length": payload.len() })
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_and_its_key_is_shown_to_nobody() {
        let dsn: Dsn = "https://abc123@errors.example.org/base/7".parse().unwrap();
        assert_eq!(dsn.endpoint(), "https://errors.example.org/base/api/7/envelope/");
        assert!(dsn.authorization().ends_with("sentry_key=abc123") && !format!("{dsn:?}").contains("abc123"));
        for bad in
            ["", "errors.example.org", "https://errors.example.org/7", "https://k@host", "ftp://k@host/7"]
        {
            assert!(bad.parse::<Dsn>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_that_happens_a_thousand_times_is_sent_ten_times_a_minute() {
        let now = Instant::now();
        let mut allowance = Allowance::new(now);
        assert_eq!((0..1000).filter(|_| allowance.take(now)).count(), 10);
        assert!(allowance.take(now + MINUTE));
    }
}
