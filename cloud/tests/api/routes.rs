//! The matrix: every route and every kind of bearer, out of the server's own OpenAPI document.
//!
//! `x-roles` says what each bearer gets, and here a real server is asked. Whoever passes is done, or is refused for a
//! reason that the operation names and that has nothing to do with who asks.

mod asked;
mod bad_input;
mod cast;
mod codes;
mod messages;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use reqwest::StatusCode;
use serde_json::Value;

use self::asked::Asked;
use self::cast::Cast;
use crate::cloud::{Cloud, read};
use crate::picture::OnAir;

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
