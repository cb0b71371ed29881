//! What the log says, as values: spans that have ended, and events, each with the trace that it belongs to.
//!
//! A layer of the subscriber writes them down and hands them on; it refuses to wait, and whatever comes from the way out
//! itself, which would feed on itself.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record as Values};
use tracing::{Event as Said, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::random;

/// Where they go, without waiting.
pub(super) type Sink = Arc<dyn Fn(Record) + Send + Sync>;

/// Names and values, in their order.
pub(super) type Fields = Vec<(&'static str, Value)>;

/// One of a trace; ids as W3C Trace Context has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) trace: [u8; 16],
    pub(super) span: [u8; 8],
}

/// Something that was said or done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Record {
    Span(Span),
    Event(Event),
}

/// Something that took a while.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub(super) place: Place,
    pub(super) parent: Option<[u8; 8]>,
    pub(super) name: &'static str,
    pub(super) begun_ns: u64,
    pub(super) ended_ns: u64,
    pub(super) fields: Fields,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) place: Option<Place>,
    pub(super) at_ns: u64,
    pub(super) level: Level,
    pub(super) target: &'static str,
    pub(super) message: String,
    pub(super) fields: Fields,
}

/// Writes them down.
pub(super) struct Recorder(pub(super) Sink);

/// Kept beside a span while it lasts.
struct Begun {
    place: Place,
    parent: Option<[u8; 8]>,
    begun_ns: u64,
    fields: Fields,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let parent =
            span.parent().and_then(|parent| parent.extensions().get::<Begun>().map(|begun| begun.place));
        let place =
            Place { trace: parent.map_or_else(random::bytes, |parent| parent.trace), span: random::bytes() };
        let mut fields = Reading::default();
        attributes.record(&mut fields);
        let parent = parent.map(|parent| parent.span);
        span.extensions_mut().insert(Begun { place, parent, begun_ns: now_ns(), fields: fields.fields });
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Reading::default();
        values.record(&mut fields);
        if let Some(begun) = span.extensions_mut().get_mut::<Begun>() {
            begun.fields.extend(fields.fields);
        }
    }

    fn on_event(&self, said: &Said<'_>, context: Context<'_, S>) {
        let target = said.metadata().target();
        if is_our_own_way_out(target) {
            return;
        }
        let mut reading = Reading::default();
        said.record(&mut reading);
        let span = context.event_span(said);
        let place = span.and_then(|span| span.extensions().get::<Begun>().map(|begun| begun.place));
        let level = *said.metadata().level();
        let Reading { message, fields } = reading;
        (self.0)(Record::Event(Event { place, at_ns: now_ns(), level, target, message, fields }));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Begun { place, parent, begun_ns, fields }) = span.extensions_mut().remove::<Begun>() else {
            return;
        };
        if is_our_own_way_out(span.metadata().target()) {
            return;
        }
        (self.0)(Record::Span(Span {
            place,
            parent,
            name: span.name(),
            begun_ns,
            ended_ns: now_ns(),
            fields,
        }));
    }
}

fn is_our_own_way_out(target: &str) -> bool {
    ["hyper", "reqwest", "rustls", "h2", "returnfeed_cloud::telemetry"]
        .iter()
        .any(|own| target.starts_with(own))
}

fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[derive(Default)]
struct Reading {
    message: String,
    fields: Fields,
}

impl Reading {
    fn put(&mut self, field: &Field, value: Value) {
        self.fields.push((field.name(), value));
    }
}

impl Visit for Reading {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" { self.message = text } else { self.put(field, text.into()) }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message)
        } else {
            self.put(field, value.into())
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}
