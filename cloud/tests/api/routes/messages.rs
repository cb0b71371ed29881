//! The matrix of messages: everything that a socket hears, out of the same document, said by every kind of bearer.

use reqwest::StatusCode;
use returnfeed_protocol::{PROTOCOL_VERSION, SocketTicket};
use serde_json::{Value, json};

use super::asked::Asked;
use super::cast::Cast;
use crate::cloud::{Cloud, read};

#[tokio::test(flavor = "multi_thread")]
async fn every_message_is_heard_of_those_whom_the_document_lets_in() {
    let cloud = Cloud::start().await;
    let document: Value = read(cloud.client.get("/api/openapi.json", None).await, StatusCode::OK).await;
    let host = cloud.account("host@example.org").await;
    let operations = Asked::all(&document);
    let mut cells = 0;
    for asked in operations.iter().filter(|asked| asked.operation.get("x-socket").is_some()) {
        let socket = &asked.operation["x-socket"];
        let hears = socket["hears"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let messages = document["components"]["schemas"][hears]["oneOf"].as_array().unwrap();
        for message in messages {
            let kind = message["properties"]["type"]["const"].as_str().unwrap();
            let name = format!("{}.{kind}", hears.to_lowercase());
            let session = cloud.session_of(cloud.account(&format!("{name}@example.org")).await).await;
            let cast = Cast::of(&cloud, &session, &host, &name).await;
            for (role, expected) in socket["x-roles"].as_object().unwrap() {
                cells += 1;
                let got = said(asked, &cast, role, messages, message).await;
                assert_eq!(got, *expected, "{kind} to {} by {role}", asked.path);
            }
        }
    }
    assert!(cells > 0);
    println!("sockets: {cells} messages of bearers, each heard or refused as the document says");
}

/// What comes of a hello, and of one message behind it.
async fn said(asked: &Asked<'_>, cast: &Cast<'_>, role: &str, messages: &[Value], message: &Value) -> Value {
    let client = &cast.cloud.client;
    let participant = matches!(role, "viewer" | "camera" | "director" | "other_director");
    let ticket = match cast.token(role) {
        Some(token) if participant => client.ticket(token).await,
        _ => SocketTicket::new("none"),
    };
    let mut socket = client.open_by_ticket(asked.path, &ticket).await;
    let is_hello = |message: &&Value| message["properties"]["type"]["const"] == "hello";
    let hello_schema = messages.iter().find(is_hello).expect("each conversation begins with a hello");
    let mut hello = asked.sample(hello_schema);
    hello["protocol"] = json!(PROTOCOL_VERSION);
    hello["ticket"] = json!(ticket);
    socket.say(&hello).await;
    let answer: Value = socket.hear().await;
    if answer["type"] == "bye" {
        return json!({ "status": answer["problem"]["status"], "code": answer["problem"]["code"] });
    }
    assert_eq!(answer["type"], "welcome");
    if !is_hello(&message) {
        socket.say(&asked.sample(message)).await;
    }
    // Whoever is still listened to is told that this is no message.
    socket.say_text("{}").await;
    let bye = socket.find(|heard: Value| (heard["type"] == "bye").then_some(heard)).await;
    assert_eq!(bye["problem"]["code"], "message_not_understood", "{message}");
    json!("passes")
}
