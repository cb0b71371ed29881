//! Traces and logs for a collector, by OTLP over HTTP in its JSON encoding
//! (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>): ids in hex, times in ns as text.
//!
//! Pure.

use serde_json::{Value, json};
use tracing::Level;

use super::record::{Event, Record, Span};

/// Spans that a server answers with; the others are its own.
const SERVER: u8 = 2;
const INTERNAL: u8 = 1;

/// The bodies that these records make, each with where it goes.
pub(super) fn bodies(records: &[Record]) -> Vec<(&'static str, Value)> {
    let (mut spans, mut logs) = (Vec::new(), Vec::new());
    for record in records {
        match record {
            Record::Span(one) => spans.push(span(one)),
            Record::Event(one) => logs.push(log(one)),
        }
    }
    let mut bodies = Vec::new();
    let scope = json!({ "name": "returnfeed-cloud", "version": env!("CARGO_PKG_VERSION") });
    if !spans.is_empty() {
        let scoped = json!([{ "scope": scope, "spans": spans }]);
        bodies.push((
            "/v1/traces",
            json!({ "resourceSpans": [{ "resource": resource(), "scopeSpans": scoped }] }),
        ));
    }
    if !logs.is_empty() {
        let scoped = json!([{ "scope": scope, "logRecords": logs }]);
        bodies
            .push(("/v1/logs", json!({ "resourceLogs": [{ "resource": resource(), "scopeLogs": scoped }] })));
    }
    bodies
}

fn resource() -> Value {
    let fields =
        [("service.name", "returnfeed-cloud".into()), ("service.version", env!("CARGO_PKG_VERSION").into())];
    json!({ "attributes": attributes(&fields) })
}

fn span(one: &Span) -> Value {
    json!({
        "traceId": hex(&one.place.trace),
        "spanId": hex(&one.place.span),
        "parentSpanId": one.parent.map_or_else(String::new, |parent| hex(&parent)),
        "name": one.name,
        "kind": if one.name == "request" { SERVER } else { INTERNAL },
        "startTimeUnixNano": one.begun_ns.to_string(),
        "endTimeUnixNano": one.ended_ns.to_string(),
        "attributes": attributes(&one.fields),
    })
}

fn log(one: &Event) -> Value {
    let mut record = json!({
        "timeUnixNano": one.at_ns.to_string(),
        "severityNumber": severity(one.level),
        "severityText": one.level.as_str(),
        "body": { "stringValue": one.message },
        "attributes": attributes(&[&one.fields[..], &[("code.namespace", one.target.into())]].concat()),
    });
    if let (Some(place), Some(record)) = (one.place, record.as_object_mut()) {
        record.insert("traceId".to_owned(), hex(&place.trace).into());
        record.insert("spanId".to_owned(), hex(&place.span).into());
    }
    record
}

/// SeverityNumber of the logs data model.
fn severity(level: Level) -> u8 {
    match level {
        Level::TRACE => 1,
        Level::DEBUG => 5,
        Level::INFO => 9,
        Level::WARN => 13,
        Level::ERROR => 17,
    }
}

fn attributes(fields: &[(&'static str, Value)]) -> Vec<Value> {
    let one = |(name, value): &(&'static str, Value)| {
        let value = match value {
            Value::Bool(flag) => json!({ "boolValue": flag }),
            Value::Number(number) if number.is_f64() => json!({ "doubleValue": number }),
            Value::Number(number) => json!({ "intValue": number.to_string() }),
            Value::String(text) => json!({ "stringValue": text }),
            other => json!({ "stringValue": other.to_string() }),
        };
        json!({ "key": name, "value": value })
    };
    fields.iter().map(one).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
