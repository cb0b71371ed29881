//! What is to be known of one endpoint: what it does, who may, what it takes, and everything that it answers.
//!
//! It refuses to be made without the first three. What any endpoint of its kind may answer (a bad token, a bad body,
//! a database that is away) it names by itself.

use axum::response::Response;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::who::{EVERYBODY, Who};
use crate::api::problem::Code;

/// A refusal: its status and its stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal(pub u16, pub &'static str);

/// Writes the schema of one type, and those that it needs, into the document.
pub(super) type Schemas = fn(&mut SchemaGenerator) -> Schema;

/// A body and its media type; without a schema it is text or bytes.
#[derive(Clone)]
pub(super) struct Content {
    pub(super) media_type: &'static str,
    pub(super) schema: Option<Schemas>,
}

/// What comes back when a request is done.
#[derive(Clone)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) content: Option<Content>,
}

/// What a request carries.
#[derive(Clone)]
pub struct RequestBody {
    pub(super) content: Content,
    pub(super) optional: bool,
}

/// What is said over a socket, and who is let in by its hello; the others are told so by a `bye`.
#[derive(Clone)]
pub(super) struct Conversation {
    pub(super) hears: Schemas,
    pub(super) says: Schemas,
    pub(super) who: Who,
    pub(super) refuses: Vec<Refusal>,
}

/// One endpoint, described.
#[derive(Clone)]
pub struct Operation {
    pub(super) summary: &'static str,
    pub(super) who: Who,
    pub(super) answers: Vec<Answer>,
    pub(super) takes: Option<RequestBody>,
    pub(super) example: Option<Value>,
    pub(super) query: Vec<(&'static str, &'static str)>,
    pub(super) socket: Option<Conversation>,
    refuses: Vec<Refusal>,
}

impl Answer {
    /// JSON of this type.
    pub fn json<T: JsonSchema>(status: u16) -> Self {
        Self::content(status, "application/json", Some(schema_of::<T>))
    }

    /// Server-sent events, each with one message of this type behind `data:`.
    pub fn events<T: JsonSchema>() -> Self {
        Self::content(200, "text/event-stream", Some(schema_of::<T>))
    }

    /// Text of this kind.
    pub fn text(status: u16, media_type: &'static str) -> Self {
        Self::content(status, media_type, None)
    }

    /// Nothing but the status.
    pub fn empty(status: u16) -> Self {
        Self { status, content: None }
    }

    fn content(status: u16, media_type: &'static str, schema: Option<Schemas>) -> Self {
        Self { status, content: Some(Content { media_type, schema }) }
    }
}

impl RequestBody {
    /// JSON of this type.
    pub fn json<T: JsonSchema>() -> Self {
        Self {
            content: Content { media_type: "application/json", schema: Some(schema_of::<T>) },
            optional: false,
        }
    }

    /// Text of this kind.
    pub fn text(media_type: &'static str) -> Self {
        Self { content: Content { media_type, schema: None }, optional: false }
    }

    /// May be left out.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

impl Operation {
    /// What it does in one line, who may, and what comes back.
    pub fn new(summary: &'static str, who: Who, answer: Answer) -> Self {
        let (answers, query, refuses) = (vec![answer], Vec::new(), Vec::new());
        Self { summary, who, answers, takes: None, example: None, query, socket: None, refuses }
    }

    /// What else may come back when it is done.
    #[must_use]
    pub fn or(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    /// What the request carries.
    #[must_use]
    pub fn takes(self, body: RequestBody) -> Self {
        Self { takes: Some(body), ..self }
    }

    /// A body that gets past the door, where the schema alone does not say enough: the matrix of routes sends it.
    #[must_use]
    pub fn example(self, body: Value) -> Self {
        Self { example: Some(body), ..self }
    }

    /// What the address may carry behind `?`, and what it is.
    #[must_use]
    pub fn query(mut self, name: &'static str, what: &'static str) -> Self {
        self.query.push((name, what));
        self
    }

    /// What is said once the socket is open: what we hear, what we say, whose hello is answered by a welcome, and for
    /// what else one may be turned away.
    #[must_use]
    pub fn speaks<Hears: JsonSchema, Says: JsonSchema>(self, who: Who, refuses: &[Refusal]) -> Self {
        let (hears, says, refuses) = (schema_of::<Hears>, schema_of::<Says>, refuses.to_vec());
        let socket = Conversation { hears, says, who, refuses };
        Self { socket: Some(socket), ..self }
    }

    /// Refusals of its own.
    #[must_use]
    pub fn refuses(mut self, refusals: &[Refusal]) -> Self {
        self.refuses.extend(refusals);
        self
    }

    /// Every refusal that may come back: its own, and those of its kind; in order, each once.
    pub(super) fn refusals(&self) -> Vec<Refusal> {
        let token: &[Refusal] = if self.who == EVERYBODY { &[] } else { &TOKEN };
        let member: &[Refusal] =
            if self.who.takes_participants() && self.who != EVERYBODY { &MEMBER } else { &[] };
        let account: &[Refusal] =
            if self.who.takes_accounts() && self.who != EVERYBODY { &ACCOUNT } else { &[] };
        let body: &[Refusal] = match &self.takes {
            None => &[],
            Some(RequestBody { content: Content { schema: None, .. }, .. }) => &TEXT_BODY,
            Some(_) => &JSON_BODY,
        };
        let socket: &[Refusal] = if self.socket.is_some() { &SOCKET } else { &[] };
        let said = self.who.refusals().chain(self.refuses.iter().copied());
        let mut all: Vec<Refusal> = said
            .chain(token.iter().chain(account).chain(member).chain(body).chain(socket).chain(&ANY).copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether this answer stands in the description.
    pub(super) fn check(&self, response: &Response) -> Result<(), String> {
        let status = response.status().as_u16();
        let named = match response.extensions().get::<Code>() {
            Some(Code(code)) => {
                self.refusals().iter().any(|refusal| (refusal.0, refusal.1) == (status, code.as_str()))
            }
            None => self.answers.iter().any(|answer| answer.status == status),
        };
        let code =
            response.extensions().get::<Code>().map_or_else(String::new, |Code(code)| format!(" {code}"));
        if named { Ok(()) } else { Err(format!("{status}{code}")) }
    }
}

const TOKEN: [Refusal; 3] =
    [Refusal(401, "token_missing"), Refusal(401, "token_invalid"), Refusal(401, "token_expired")];

/// Of an account that has yet to set up what `second_factor` wants.
const ACCOUNT: [Refusal; 1] = [Refusal(403, "second_factor_missing")];

/// Of a token whose holder the director has taken out, or whose account has logged out everywhere.
const MEMBER: [Refusal; 2] = [Refusal(403, "removed"), Refusal(403, "logged_out")];

const TEXT_BODY: [Refusal; 3] =
    [Refusal(400, "body_unreadable"), Refusal(413, "body_too_large"), Refusal(415, "content_type_wrong")];

/// Of every socket.
const SOCKET: [Refusal; 2] = [Refusal(403, "origin_not_allowed"), Refusal(426, "websocket_expected")];

const JSON_BODY: [Refusal; 5] = [
    Refusal(400, "body_unreadable"),
    Refusal(400, "json_invalid"),
    Refusal(413, "body_too_large"),
    Refusal(415, "content_type_wrong"),
    Refusal(422, "invalid_input"),
];

const ANY: [Refusal; 6] = [
    Refusal(400, "request_malformed"),
    Refusal(408, "request_timeout"),
    Refusal(500, "internal_error"),
    Refusal(503, "storage_busy"),
    Refusal(503, "storage_full"),
    Refusal(503, "storage_unavailable"),
];

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
