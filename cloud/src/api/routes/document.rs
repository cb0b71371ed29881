//! The OpenAPI 3.1 document, out of the operations.
//!
//! Pure. `x-roles` says what each kind of bearer gets, and the matrix of routes is made from it. Invariant: a part of
//! an address stands in `parameters`, and every type in `components` once.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use returnfeed_protocol::Problem;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::operation::{Content, Operation, Refusal};
use super::who::{Verdict, Who};
use crate::relay::bye;

/// What is refused before any operation is found.
const OUTSIDE: [Refusal; 3] =
    [Refusal(400, "https_required"), Refusal(404, "no_such_route"), Refusal(405, "method_not_allowed")];

const SCHEMAS: &str = "/components/schemas";

/// The document of these operations.
pub(super) fn of<'a>(operations: impl Iterator<Item = (&'a Method, &'a str, &'a Operation)>) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = SCHEMAS.into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (method, path, operation) in operations {
        let entry = paths.entry(path).or_default();
        entry.insert(method.as_str().to_lowercase(), told(method, path, operation, &mut schemas));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ReturnFeed",
            "summary": "The programme picture and the tally, back to every camera operator",
            "description": "What the calls mean: docs/protocol.md. x-roles says what each kind of bearer gets.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "x-refusals": OUTSIDE.iter().chain(&bye::ALL).copied().map(refusal).collect::<Value>(),
        "components": {
            "securitySchemes": {
                "account": { "type": "http", "scheme": "bearer", "bearerFormat": "account+jwt" },
                "session": { "type": "http", "scheme": "bearer", "bearerFormat": "session+jwt" },
            },
            "schemas": schemas.take_definitions(true),
        },
    })
}

fn told(method: &Method, path: &str, operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let mut told = json!({
        "operationId": operation_id(method, path),
        "summary": operation.summary,
        "tags": [path.trim_start_matches("/api").split('/').nth(1).unwrap_or_default()],
        "parameters": parameters(path, operation),
        "responses": responses(operation, schemas),
        "security": security(&operation.who),
        "x-roles": roles(&operation.who),
    });
    if let Some(body) = &operation.takes {
        let mut content = content(&body.content, schemas);
        if let Some(example) = &operation.example {
            content[body.content.media_type]["example"] = example.clone();
        }
        told["requestBody"] = json!({ "required": !body.optional, "content": content });
    }
    if let Some(socket) = &operation.socket {
        told["x-socket"] = json!({
            "hears": (socket.hears)(schemas).to_value(),
            "says": (socket.says)(schemas).to_value(),
            "x-roles": roles(&socket.who),
            "x-refusals": socket.who.refusals().chain(socket.refuses.iter().copied()).map(refusal).collect::<Value>(),
        });
    }
    told
}

/// `post_api_sessions_session_direct`.
fn operation_id(method: &Method, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method.as_str().to_lowercase())
        .chain(words.map(str::to_owned))
        .collect::<Vec<_>>()
        .join("_")
}

fn parameters(path: &str, operation: &Operation) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = operation.query.iter().map(|(name, what)| {
        json!({ "name": name, "in": "query", "description": what, "schema": { "type": "string" } })
    });
    in_path.chain(in_query).collect()
}

fn content(content: &Content, schemas: &mut SchemaGenerator) -> Value {
    let schema =
        content.schema.map_or_else(|| json!({ "type": "string" }), |schema| schema(schemas).to_value());
    json!({ content.media_type: { "schema": schema } })
}

fn responses(operation: &Operation, schemas: &mut SchemaGenerator) -> Map<String, Value> {
    let mut responses = Map::new();
    for answer in &operation.answers {
        let mut told = json!({ "description": reason(answer.status) });
        if let Some(body) = &answer.content {
            told["content"] = content(body, schemas);
        }
        responses.insert(answer.status.to_string(), told);
    }
    let mut refusals: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for Refusal(status, code) in operation.refusals() {
        refusals.entry(status).or_default().push(code);
    }
    let problem = schemas.subschema_for::<Problem>();
    for (status, codes) in refusals {
        let schema = json!({ "allOf": [problem, { "properties": { "code": { "enum": codes } } }] });
        responses.insert(
            status.to_string(),
            json!({
                "description": codes.join(", "),
                "content": { "application/problem+json": { "schema": schema } },
            }),
        );
    }
    responses
}

fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Done")
}

fn refusal(Refusal(status, code): Refusal) -> Value {
    json!({ "status": status, "code": code })
}

fn security(who: &Who) -> Value {
    if who.nobody == Verdict::Passes {
        return json!([]);
    }
    let schemes = [("account", who.takes_accounts()), ("session", who.takes_participants())];
    schemes.into_iter().filter(|(_, takes)| *takes).map(|(name, _)| json!({ name: [] })).collect()
}

fn roles(who: &Who) -> Value {
    let told = |verdict| match verdict {
        Verdict::Passes => json!("passes"),
        Verdict::Refused(refused) => refusal(refused),
    };
    who.all().into_iter().map(|(role, verdict)| (role.to_owned(), told(verdict))).collect()
}

#[cfg(test)]
mod tests {

    use super::super::operation::Answer;
    use super::super::who::{DIRECTOR, EVERYBODY};
    use super::*;

    fn document(path: &str, operation: &Operation) -> Value {
        of(std::iter::once((&Method::POST, path, operation)))
    }

    #[test]
    fn an_operation_says_who_may_and_what_the_others_are_told() {
        let operation = Operation::new("Pushes", DIRECTOR, Answer::json::<Problem>(201));
        let document = document("/api/sessions/{session}/publish", &operation);
        let told = &document["paths"]["/api/sessions/{session}/publish"]["post"];
        assert_eq!(told["operationId"], "post_api_sessions_session_publish");
        assert_eq!(told["tags"], json!(["sessions"]));
        assert_eq!(told["security"], json!([{ "session": [] }]));
        assert_eq!(told["x-roles"]["camera"], json!({ "status": 403, "code": "not_the_director" }));
        assert_eq!(told["x-roles"]["director"], "passes");
        assert_eq!(told["parameters"][0]["name"], "session");
        assert_eq!(
            told["responses"]["201"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/Problem"
        );
        assert_eq!(told["responses"]["401"]["description"], "token_expired, token_invalid, token_missing");
        assert!(document["components"]["schemas"]["Problem"]["properties"]["code"].is_object());
    }

    #[test]
    fn what_everybody_may_needs_no_token() {
        let operation = Operation::new("Lives", EVERYBODY, Answer::text(200, "text/plain"));
        let told = &document("/healthz", &operation)["paths"]["/healthz"]["post"];
        assert_eq!(told["security"], json!([]));
        assert!(told["responses"].get("401").is_none());
    }
}
