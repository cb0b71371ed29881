//! What nobody should send: every field of every body, every part of every address and every query that the document
//! names, with whatever a stranger may put there. A sentence or a 4xx; never a 500, never a word about our insides.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use reqwest::{Response, StatusCode};
use returnfeed_protocol::Problem;
use serde_json::{Value, json};

use super::asked::Asked;
use super::cast::Cast;
use crate::cloud::{Cloud, read};

/// What JSON can say and `serde_json` cannot: put into the text as it is.
const RAW: [(&str, &str); 3] = [
    ("\"@lone@\"", "\"a\\ud800b\""),
    ("\"@huge@\"", "1e400"),
    ("\"@digits@\"", "123456789012345678901234567890"),
];

/// Words of our insides, which no answer holds.
const INSIDES: [&str; 8] =
    ["sqlx", "SELECT ", "INSERT ", "UPDATE ", "panicked", "src/", "session_participants", "postgres:"];

/// Whoever is let in, the one with most to say first.
const ORDER: [&str; 8] =
    ["host", "creator", "director", "camera", "viewer", "stranger", "other_director", "nobody"];

fn hostile() -> Vec<Value> {
    let mut values: Vec<Value> = [
        "",
        " ",
        "\0",
        "a\0b",
        "\u{202e}evil\u{200b}\u{feff}",
        "\u{1f600}\u{200d}",
        "@lone@",
        "@huge@",
        "@digits@",
        "'; DROP TABLE users; --",
        "\" OR 1=1 --",
        "<script>alert(1)</script>",
        "../../../etc/passwd",
        "%s%n%00",
        "{{7*7}}",
        "0190aaaa-0000-7000-8000-000000000001",
        "\r\nset-cookie: a=b",
    ]
    .map(Value::from)
    .to_vec();
    values.extend(
        ["a".repeat(5_000), "\u{ac00}".repeat(300), "e\u{301}".repeat(200), "a".repeat(70_000)]
            .map(Value::from),
    );
    values.extend([
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(i64::MIN),
        json!(u64::MAX),
    ]);
    values.extend([
        json!([]),
        json!({}),
        Value::from(vec![Value::Null; 40]),
        json!({ "a": { "b": [1, "2"] } }),
        deep(100),
        deep(200),
    ]);
    let mut seed = 0x5eed_u64;
    values.extend((0..4).map(|_| Value::from(nonsense(&mut seed))));
    values
}

/// Nested beyond what anybody writes; `serde_json` itself stops at 128.
fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

/// Text of any planes of Unicode, the same each time.
fn nonsense(seed: &mut u64) -> String {
    let mut letters = String::new();
    while letters.chars().count() < 40 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        letters.extend(char::from_u32(u32::try_from(*seed % 0x11_0000).unwrap()));
    }
    letters
}

impl Asked<'_> {
    /// The way to each field of a schema, also within what may be absent.
    fn fields(&self, schema: &Value, way: &[String], found: &mut BTreeSet<Vec<String>>) {
        if way.len() > 4 {
            return;
        }
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            return self.fields(&self.document["components"]["schemas"][name], way, found);
        }
        for one in ["oneOf", "anyOf", "allOf"].iter().flat_map(|some| schema[some].as_array()).flatten() {
            self.fields(one, way, found);
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let way = [way, std::slice::from_ref(name)].concat();
            found.insert(way.clone());
            self.fields(field, &way, found);
        }
    }

    fn bearer(&self) -> &'static str {
        let lets_in = |role: &&&str| self.roles()[**role] == "passes";
        ORDER.iter().find(lets_in).expect("somebody is let in")
    }

    /// What is wrong with an answer to nonsense.
    async fn judge_nonsense(&self, answer: Response) -> Result<(), String> {
        let status = answer.status();
        if status.is_server_error() || self.operation["responses"][status.as_str()].is_null() {
            return Err(format!("{status}: {}", answer.text().await.unwrap()));
        }
        if !status.is_client_error() {
            return Ok(());
        }
        let Problem { detail, title, code, .. } = read(answer, status).await;
        let said = format!("{code} {title} {detail}");
        if detail.is_empty() || said.chars().count() > 700 || INSIDES.iter().any(|word| said.contains(word)) {
            return Err(format!("{status} says: {said}"));
        }
        Ok(())
    }
}

fn put(body: &mut Value, way: &[String], value: &Value) {
    let Some((first, rest)) = way.split_first() else {
        *body = value.clone();
        return;
    };
    if !body.is_object() {
        *body = json!({});
    }
    put(&mut body[first.as_str()], rest, value);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_put_into_a_field_an_address_or_a_query_is_a_sentence_and_never_a_fault() {
    let cloud = Cloud::start().await;
    let document: Value = read(cloud.client.get("/api/openapi.json", None).await, StatusCode::OK).await;
    let host = cloud.account("host@example.org").await;
    let values = hostile();
    let (mut asked_in_all, mut wrong) = (0_u32, Vec::new());
    let operations = Asked::all(&document);
    for (n, asked) in operations.iter().filter(|asked| !asked.path.starts_with("/whep/")).enumerate() {
        let session = cloud.session_of(cloud.account(&format!("{n}@example.org")).await).await;
        let cast = Cast::of(&cloud, &session, &host, &n.to_string()).await;
        let token = cast.token(asked.bearer());
        let is_counted = !asked.operation["responses"]["429"].is_null();
        let mut client = cloud.client.at_address(Ipv4Addr::LOCALHOST.into());
        let mut ask = async |address: &str, body: Option<String>, what: &str| {
            asked_in_all += 1;
            if is_counted {
                let [_, high, mid, low] = asked_in_all.to_be_bytes();
                client = cloud.client.at_address(IpAddr::V4(Ipv4Addr::new(
                    127,
                    2_u8.wrapping_add(high),
                    mid,
                    low,
                )));
            }
            let mut request = client.request(asked.method.clone(), address, token);
            if let Some(body) = body {
                request = request.header("content-type", "application/json").body(body);
            }
            // What ends a stream of events is not waited for.
            if let Err(why) = asked.judge_nonsense(request.send().await.unwrap()).await {
                let what: String = what.chars().take(120).collect();
                wrong.push(format!("{} {}: {what}: {why}", asked.method, asked.path));
            }
        };

        let json_body = &asked.operation["requestBody"]["content"]["application/json"];
        if !json_body.is_null() {
            let (address, _open) = cast.address(asked.path).await;
            let sample =
                json_body.get("example").cloned().unwrap_or_else(|| asked.sample(&json_body["schema"]));
            let mut fields = BTreeSet::from([Vec::new()]);
            asked.fields(&json_body["schema"], &[], &mut fields);
            for way in &fields {
                for value in &values {
                    let mut body = sample.clone();
                    put(&mut body, way, value);
                    let text = RAW.iter().fold(body.to_string(), |text, (mark, raw)| text.replace(mark, raw));
                    ask(&address, Some(text), &format!("{} = {value}", way.join("."))).await;
                }
            }
            for no_json in ["", "{", "\u{feff}{}", "nul", "[[[[", "{\"a\":1,}"] {
                ask(&address, Some(no_json.to_owned()), no_json).await;
            }
        }
        let texts = values.iter().filter_map(Value::as_str).filter(|text| text.len() < 6_000);
        for text in texts {
            let written: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            if asked.path.contains('{') && !written.is_empty() {
                let part = |part: &str| if part.starts_with('{') { written.clone() } else { part.to_owned() };
                let address = asked.path.split('/').map(part).collect::<Vec<_>>().join("/");
                let body = (!json_body.is_null()).then(|| asked.sample(&json_body["schema"]).to_string());
                ask(&address, body, &format!("the address {address}")).await;
            }
            let queries = asked.operation["parameters"].as_array().into_iter().flatten();
            for query in queries.filter(|one| one["in"] == "query") {
                let (name, base) = (query["name"].as_str().unwrap(), cast.with_ids(asked.path));
                ask(&format!("{base}?{name}={written}"), None, &format!("{name} = {text}")).await;
            }
        }
    }
    let some: Vec<String> = wrong.iter().take(20).map(|one| one.chars().take(400).collect()).collect();
    assert!(wrong.is_empty(), "{} of {asked_in_all}, first of all:\n{}", wrong.len(), some.join("\n"));
    assert_eq!(cloud.client.get("/readyz", None).await.status(), StatusCode::OK);
    cloud.account("afterwards@example.org").await;
    println!("bad input: {asked_in_all} requests to {} operations", operations.len());
}
