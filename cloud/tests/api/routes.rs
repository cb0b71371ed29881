//! The matrix: every route and every kind of bearer, out of the server's own OpenAPI document.
//!
//! `x-roles` says what each bearer gets, and here a real server is asked. Whoever passes is done, or is refused for a
//! reason that the operation names and that has nothing to do with who asks.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use reqwest::{Method, Response, StatusCode};
use returnfeed_protocol::{Invite, JoinResponse, Problem};
use serde_json::{Map, Value, json};

use crate::cloud::{Cloud, Session, read};
use crate::picture::OnAir;

const TOKEN_CODES: [&str; 3] = ["token_missing", "token_invalid", "token_expired"];

/// One operation of the document.
struct Asked<'a> {
    document: &'a Value,
    method: Method,
    path: &'a str,
    operation: &'a Value,
}

/// One session and everybody who may come to its door.
struct Cast<'a> {
    cloud: &'a Cloud,
    session: &'a Session,
    host: String,
    stranger: String,
    camera: JoinResponse,
    viewer: JoinResponse,
    director: JoinResponse,
    other_director: JoinResponse,
}

impl<'a> Cast<'a> {
    async fn of(cloud: &'a Cloud, session: &'a Session, host: &str, name: &str) -> Self {
        let stranger = cloud.account(&format!("stranger.{name}@example.org")).await;
        let other = cloud.session_of(cloud.account(&format!("other.{name}@example.org")).await).await;
        Self {
            cloud,
            session,
            host: host.to_owned(),
            stranger,
            camera: session.camera("Ada").await,
            viewer: session.viewer().await,
            director: session.director().await,
            other_director: other.director().await,
        }
    }

    fn token(&self, role: &str) -> Option<&str> {
        match role {
            "nobody" => None,
            "viewer" => Some(&self.viewer.token),
            "camera" => Some(&self.camera.token),
            "director" => Some(&self.director.token),
            "other_director" => Some(&self.other_director.token),
            "creator" => Some(&self.session.owner),
            "stranger" => Some(&self.stranger),
            "host" => Some(&self.host),
            unknown => panic!("the document knows a bearer that this matrix does not: {unknown}"),
        }
    }

    /// The address with everything in it that its operation is about, and what must be held open meanwhile.
    async fn address(&self, path: &str) -> (String, Option<Response>) {
        let client = &self.cloud.client;
        let path = path.replace("{session}", &self.session.id().to_string());
        let path = path.replace("{participant}", &self.camera.participant.to_string());
        if path.contains("{invite}") {
            let invites = client.get(&self.session.path("/invites"), Some(&self.session.owner)).await;
            let invites: Vec<Invite> = read(invites, StatusCode::OK).await;
            return (path.replace("{invite}", &invites[0].id.to_string()), None);
        }
        let path = path.replace("{user}", "01900000-0000-7000-8000-000000000000"); // nobody's
        if let Some(rest) = path.strip_prefix("/api/events/{stream}") {
            let ticket = client.ticket(&self.viewer.token).await;
            let mut open = client.get(&format!("/api/events?ticket={ticket}"), None).await;
            let first = String::from_utf8(open.chunk().await.unwrap().unwrap().to_vec()).unwrap();
            let stream = first.trim().strip_prefix("event: stream\ndata: ").unwrap();
            return (format!("/api/events/{stream}{rest}"), Some(open));
        }
        let path = self.with_show(path).await;
        let Some((before, after)) = path.split_once("/{viewer}") else {
            return (self.with_ids(&path), None);
        };
        let offer = client.request(Method::POST, before, Some(&self.viewer.token));
        let offer = offer.header("content-type", "application/sdp").body(crate::picture::offer());
        let viewer = location(offer.send().await.unwrap());
        let Some(rest) = after.strip_prefix("/events/{stream}") else {
            return (format!("{viewer}{after}"), None);
        };
        let stream = client.request(Method::POST, &format!("{viewer}/events"), Some(&self.viewer.token));
        (format!("{}{rest}", location(stream.send().await.unwrap())), None)
    }

    /// The address with an id in each part that is still open.
    fn with_ids(&self, path: &str) -> String {
        let fill = |part: &str| match part {
            "{participant}" => self.camera.participant.to_string(),
            open if open.starts_with('{') => NO_ID.to_owned(),
            written => written.to_owned(),
        };
        path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }
}

/// Names nothing: whoever is let in is told that it is not there.
const NO_ID: &str = "01900000-0000-7000-8000-000000000000";

impl Cast<'_> {
    /// The address about a show that the session's creator has.
    async fn with_show(&self, path: String) -> String {
        if !path.contains("{show}") {
            return path;
        }
        let id = self.session.id().to_string();
        let made =
            self.cloud.client.request(Method::PUT, &format!("/api/shows/{id}"), Some(&self.session.owner));
        let made = made.header("if-none-match", "*").json(&json!({ "returnfeed_show": 1, "name": "Sunday" }));
        assert_eq!(made.send().await.unwrap().status(), StatusCode::CREATED);
        path.replace("{show}", &id).replace("{version}", "1")
    }
}

fn location(response: Response) -> String {
    assert_eq!(response.status(), StatusCode::CREATED);
    response.headers()["location"].to_str().unwrap().to_owned()
}

impl<'a> Asked<'a> {
    fn all(document: &'a Value) -> Vec<Self> {
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
    fn roles(&self) -> &'a Map<String, Value> {
        self.operation["x-roles"].as_object().expect("each operation says who may")
    }

    /// Asks as this bearer, from an address of its own so that no throttle counts two of them together.
    async fn ask(&self, cast: &Cast<'_>, role: &str, from: IpAddr) -> Response {
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
    fn sample(&self, schema: &Value) -> Value {
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
    async fn judge(&self, expected: &Value, response: Response) -> Result<(), String> {
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

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_bearer_as_the_document_says() {
    let air = OnAir::start_with(|config| {
        // Nobody connects, so each viewer session lasts as long as the test.
        config.max_viewers = 1_000;
        config.viewer_limits.unfinished_per_address = 1_000;
        config.viewer_limits.per_participant = 1_000;
    })
    .await;
    let document: Value = read(air.cloud.client.get("/api/openapi.json", None).await, StatusCode::OK).await;
    let operations = Asked::all(&document);
    let (mut cells, mut wrong) = (0_u16, Vec::new());
    for (n, asked) in operations.iter().enumerate() {
        // What an operation does must not reach the next one; only the picture is too dear to begin anew.
        let fresh = if asked.path.starts_with("/whep/") { None } else { Some(Cloud::start().await) };
        let cloud = fresh.as_ref().unwrap_or(&air.cloud);
        let host = match &fresh {
            Some(fresh) => fresh.account("host@example.org").await,
            None => air.session.owner.clone(),
        };
        for (role, expected) in asked.roles() {
            cells += 1;
            let name = format!("{n}.{role}");
            let made;
            let session = match &fresh {
                Some(fresh) => {
                    made = fresh.session_of(fresh.account(&format!("{name}@example.org")).await).await;
                    &made
                }
                None => &air.session,
            };
            let cast = Cast::of(cloud, session, &host, &name).await;
            let [high, low] = cells.to_be_bytes();
            let from = IpAddr::V4(Ipv4Addr::new(127, 1, high, low));
            let answer = asked.ask(&cast, role, from).await;
            if let Err(what) = asked.judge(expected, answer).await {
                wrong.push(format!("{} {} as {role}: {what}", asked.method, asked.path));
            }
        }
        if let Some(fresh) = fresh {
            fresh.server.stop().await;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cells} are not as the document says:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let roles: BTreeSet<&String> = operations.iter().flat_map(|asked| asked.roles().keys()).collect();
    assert_eq!(usize::from(cells), operations.len() * roles.len(), "each operation says it for each bearer");
    println!("routes: {} x {} bearers = {cells}, each as the document says", operations.len(), roles.len());
}
