//! What the document says of one operation: how to ask, and what the answer must be.

use std::net::IpAddr;

use reqwest::{Method, Response, StatusCode};
use returnfeed_protocol::Problem;
use serde_json::{Map, Value, json};

use super::cast::{Cast, NO_ID};
use crate::cloud::read;

const TOKEN_CODES: [&str; 3] = ["token_missing", "token_invalid", "token_expired"];

/// One operation of the document.
pub(super) struct Asked<'a> {
    pub(super) document: &'a Value,
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) operation: &'a Value,
}

impl<'a> Asked<'a> {
    pub(super) fn all(document: &'a Value) -> Vec<Self> {
        let paths = document["paths"].as_object().unwrap();
        let of_path = |(path, operations): (&'a String, &'a Value)| {
            let operations = operations.as_object().unwrap().iter();
            operations.map(move |(method, operation)| {
                let method = method.to_uppercase().parse().unwrap();
                Self { document, method, path, operation }
            })
        };
        paths.iter().flat_map(of_path).collect()
    }

    /// Each bearer, and what its answer must be.
    pub(super) fn roles(&self) -> &'a Map<String, Value> {
        self.operation["x-roles"].as_object().expect("each operation says who may")
    }

    /// Asks as this bearer, from an address of its own so that no throttle counts two of them together.
    pub(super) async fn ask(&self, cast: &Cast<'_>, role: &str, from: IpAddr) -> Response {
        let (address, _open) = cast.address(self.path).await;
        let client = cast.cloud.client.at_address(from);
        let mut request = client.request(self.method.clone(), &address, cast.token(role));
        if self.operation["responses"].get("101").is_some() {
            for (name, value) in [
                ("connection", "upgrade"),
                ("upgrade", "websocket"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ] {
                request = request.header(name, value);
            }
        }
        let body =
            self.operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
        if let Some((media_type, content)) = body {
            let text = match media_type.as_str() {
                "application/json" => match content.get("example") {
                    Some(example) => example.to_string(),
                    None => self.sample(&content["schema"]).to_string(),
                },
                _ => "v=0\r\n".to_owned(),
            };
            request = request.header("content-type", media_type).body(text);
        }
        request.send().await.unwrap()
    }

    /// Something that fits a schema, as small as it can be.
    pub(super) fn sample(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            return self.sample(&self.document["components"]["schemas"][name]);
        }
        if let Some(value) = schema.get("const").or(schema["enum"].get(0)) {
            return value.clone();
        }
        if let Some(first) = ["oneOf", "anyOf"].iter().find_map(|some| schema[some].get(0)) {
            return self.sample(first);
        }
        match schema["type"].as_str() {
            Some("object") => {
                let needed = schema["required"].as_array().into_iter().flatten();
                let needed = needed.map(|name| name.as_str().unwrap());
                let fields = needed.map(|name| (name.to_owned(), self.sample(&schema["properties"][name])));
                Value::Object(fields.collect())
            }
            Some("array") => json!([]),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(0)),
            Some("boolean") => json!(false),
            Some("string") if schema["format"] == "uuid" => json!(NO_ID),
            Some("string") => json!("something"),
            _ => Value::Null,
        }
    }

    /// What is wrong with this answer to this bearer, if something is.
    pub(super) async fn judge(&self, expected: &Value, response: Response) -> Result<(), String> {
        let status = response.status().as_u16();
        let named = &self.operation["responses"][status.to_string()];
        if named.is_null() {
            return Err(format!("{status} is not in the document"));
        }
        let code = match status {
            400.. => Some(read::<Problem>(response, StatusCode::from_u16(status).unwrap()).await.code),
            _ => None,
        };
        let got = json!({ "status": status, "code": code });
        if expected != "passes" {
            return if got == *expected { Ok(()) } else { Err(format!("{got} in place of {expected}")) };
        }
        let Some(code) = code else { return Ok(()) };
        let codes = &named["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"];
        if !codes["enum"].as_array().is_some_and(|codes| codes.contains(&json!(code))) {
            return Err(format!("{status} {code} is not in the document"));
        }
        let turned_away = self.roles().values().any(|verdict| verdict["code"] == code);
        if turned_away || TOKEN_CODES.contains(&&*code) {
            return Err(format!("{status} {code}: turned away in place of let in"));
        }
        Ok(())
    }
}
