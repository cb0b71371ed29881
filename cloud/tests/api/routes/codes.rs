//! The table of codes in docs/protocol.md is what the server says of itself.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::Value;

use super::asked::Asked;
use crate::cloud::{Cloud, read};

const PROTOCOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md");
const HEAD: &str = "<!-- codes -->\n| code | status |\n|---|---|\n";
const TAIL: &str = "\n<!-- end of codes -->";

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_the_server_stands_in_the_protocol_and_no_other() {
    let cloud = Cloud::start().await;
    let document: Value = read(cloud.client.get("/api/openapi.json", None).await, StatusCode::OK).await;
    let mut codes = BTreeSet::new();
    for asked in Asked::all(&document) {
        for (status, answer) in asked.operation["responses"].as_object().unwrap() {
            let problem = &answer["content"]["application/problem+json"]["schema"]["allOf"][1];
            for code in problem["properties"]["code"]["enum"].as_array().into_iter().flatten() {
                codes.insert(row(code, status));
            }
        }
        codes.extend(refusals(&asked.operation["x-socket"]));
    }
    codes.extend(refusals(&document));
    let wanted = codes.into_iter().collect::<Vec<_>>().join("\n");

    let text = std::fs::read_to_string(PROTOCOL).unwrap();
    let (before, rest) = text.split_once(HEAD).unwrap();
    let (written, after) = rest.split_once(TAIL).unwrap_or_default();
    if std::env::var("RETURNFEED_GEN").as_deref() == Ok("1") {
        std::fs::write(PROTOCOL, format!("{before}{HEAD}{wanted}{TAIL}{after}")).unwrap();
        return;
    }
    assert_eq!(written, wanted, "docs/protocol.md does not name the codes of the server: run ./dev gen");
}

fn refusals(told: &Value) -> impl Iterator<Item = String> {
    let refusals = told["x-refusals"].as_array().into_iter().flatten();
    refusals.map(|refusal| row(&refusal["code"], &refusal["status"].to_string()))
}

fn row(code: &Value, status: &str) -> String {
    format!("| `{}` | {status} |", code.as_str().unwrap())
}
