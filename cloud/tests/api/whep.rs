//! WHEP over HTTP, row by row of the conformance table in `docs/protocol.md`.

use reqwest::header::HeaderMap;
use reqwest::{Method, Response, StatusCode};
use returnfeed_protocol::JoinResponse;
use serde_json::json;

use crate::cloud::refused;
use crate::picture::{OnAir, offer};

const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// A viewer session as its player holds it.
struct Held {
    address: String,
    etag: String,
    headers: HeaderMap,
    answer: String,
    offer: String,
}

async fn held(air: &OnAir, by: &JoinResponse, query: &str) -> Held {
    let offer = offer();
    let made = air.ask(&by.token, query, offer.clone()).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let headers = made.headers().clone();
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    Held {
        address: text("location"),
        etag: text("etag"),
        answer: made.text().await.unwrap(),
        headers: headers.clone(),
        offer,
    }
}

async fn patch(air: &OnAir, held: &Held, token: &str, tag: Option<&str>, body: &str) -> Response {
    let request = air.cloud.client.request(Method::PATCH, &held.address, Some(token)).body(body.to_owned());
    let request = request.header("content-type", FRAGMENT);
    let request = tag.into_iter().fold(request, |request, tag| request.header("if-match", tag));
    request.send().await.unwrap()
}

fn credentials(fragment: &str) -> String {
    format!("a=ice-ufrag:{fragment}\r\na=ice-pwd:{}\r\n", "p".repeat(24))
}

fn attribute<'a>(sdp: &'a str, name: &str) -> Option<&'a str> {
    sdp.lines().find_map(|line| line.strip_prefix("a=")?.strip_prefix(name)?.strip_prefix(':'))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_answered_by_a_viewer_session_with_its_links() {
    let air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    let held = held(&air, &camera, "?layer=low").await;
    assert!(held.address.starts_with(&format!("/whep/{}/", air.session.id())));
    assert!(held.etag.starts_with('"') && held.etag.ends_with('"') && held.etag.len() > 2);
    let header = |name: &str| held.headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/sdp");
    assert_eq!(header("accept-patch"), FRAGMENT);
    assert_eq!(header("access-control-allow-origin"), "*");
    for name in ["Location", "ETag", "Link", "Retry-After", "Accept-Patch"] {
        assert!(header("access-control-expose-headers").contains(name), "{name} is for other origins too");
    }
    let links: Vec<&str> = held.headers.get_all("link").iter().map(|link| link.to_str().unwrap()).collect();
    let link =
        |rel: &str| links.iter().find(|link| link.contains(&format!("rel=\"{rel}\""))).copied().unwrap();
    let events = link("urn:ietf:params:whep:ext:core:server-sent-events");
    assert!(events.starts_with(&format!("<{}/events>", held.address)), "{events}");
    assert!(events.ends_with("events=\"active,inactive,layers,reconnect,viewercount\""), "{events}");
    let layer = link("urn:ietf:params:whep:ext:core:layer");
    assert!(layer.starts_with(&format!("<{}/layer>", held.address)), "{layer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_one_bundle_one_stream_and_sends_only() {
    let air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    let Held { answer, .. } = held(&air, &camera, "").await;
    let sections: Vec<&str> = answer.split("\nm=").skip(1).collect();
    assert_eq!(sections.len(), 2);
    let streams: Vec<&str> = sections
        .iter()
        .map(|section| attribute(section, "msid").unwrap().split_whitespace().next().unwrap())
        .collect();
    assert_eq!(streams[0], streams[1], "one MediaStream");
    for section in sections {
        for line in ["a=sendonly", "a=rtcp-mux", "a=rtcp-mux-only"] {
            assert!(section.lines().any(|of| of == line), "{line} in {section}");
        }
        assert_eq!(attribute(section, "setup"), Some("passive"));
    }
    assert!(answer.contains("a=group:BUNDLE ") && answer.contains("a=ice-lite"));
    assert!(answer.contains("a=candidate:"), "every candidate stands in the answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_offer_for_us_is_refused_by_its_code() {
    let air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    refused(air.ask(&camera.token, "", "nonsense".to_owned()).await, 400, "sdp_invalid").await;
    refused(air.ask(&camera.token, "?layer=4k", offer()).await, 422, "invalid_input").await;
    let vp8 = offer().replace("H264", "VP8");
    refused(air.ask(&camera.token, "", vp8).await, 406, "h264_missing").await;
    let sends = offer().replace("a=recvonly", "a=sendonly");
    refused(air.ask(&camera.token, "", sends).await, 400, "sdp_invalid").await;
    refused(air.ask(&camera.token, "", "x".repeat(1_000_000)).await, 413, "body_too_large").await;
    let endpoint = format!("/whep/{}", air.session.id());
    let json = air.cloud.client.post(&endpoint, Some(&camera.token), &json!({})).await;
    refused(json, 415, "content_type_wrong").await;
    let elsewhere = air.cloud.session_of(air.session.owner.clone()).await;
    let stranger = elsewhere.camera("").await.token;
    refused(air.ask(&stranger, "", offer()).await, 404, "session_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_and_a_viewer_session_have_no_representation() {
    let air = OnAir::start().await;
    let (camera, other) = (air.session.camera("Ada").await, air.session.camera("Bob").await);
    let held = held(&air, &camera, "").await;
    for address in [format!("/whep/{}", air.session.id()), held.address.clone()] {
        for method in [Method::GET, Method::HEAD] {
            let seen = air.cloud.client.request(method, &address, Some(&camera.token)).send().await.unwrap();
            assert_eq!(seen.status(), StatusCode::OK, "{address}");
            assert!(seen.bytes().await.unwrap().is_empty(), "{address}");
        }
    }
    refused(air.cloud.client.get(&held.address, Some(&other.token)).await, 404, "viewer_not_found").await;
    refused(air.cloud.client.get(&held.address, None).await, 401, "token_missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_that_trickle_are_taken_for_the_ice_session_they_are_for() {
    let air = OnAir::start().await;
    let (camera, other) = (air.session.camera("Ada").await, air.session.camera("Bob").await);
    let held = held(&air, &camera, "").await;
    let own = attribute(&held.offer, "ice-ufrag").unwrap();
    let candidate = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n\
        a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=candidate:2 1 sctp 1 host.invalid 9 typ host\r\n";
    let same = format!(
        "a=ice-ufrag:{own}\r\na=ice-pwd:{}\r\n{candidate}",
        attribute(&held.offer, "ice-pwd").unwrap()
    );
    for (tag, body) in [(held.etag.as_str(), candidate), (&held.etag, &same), ("*", &same)] {
        let taken = patch(&air, &held, &camera.token, Some(tag), body).await;
        assert_eq!(taken.status(), StatusCode::NO_CONTENT);
        assert!(!taken.headers().contains_key("etag"), "the ICE session is the same");
    }
    refused(patch(&air, &held, &camera.token, None, candidate).await, 428, "if_match_missing").await;
    refused(patch(&air, &held, &camera.token, Some("\"other\""), candidate).await, 412, "if_match_wrong")
        .await;
    let weak = format!("W/{}", held.etag);
    refused(patch(&air, &held, &camera.token, Some(&weak), candidate).await, 412, "if_match_wrong").await;
    let tag = Some(held.etag.as_str());
    refused(patch(&air, &held, &other.token, tag, candidate).await, 404, "viewer_not_found").await;
    refused(patch(&air, &held, &camera.token, tag, "{}").await, 400, "sdpfrag_invalid").await;
    let half = "a=ice-ufrag:abcd\r\n";
    refused(patch(&air, &held, &camera.token, tag, half).await, 422, "sdpfrag_unusable").await;
    let sdp = air.cloud.client.request(Method::PATCH, &held.address, Some(&camera.token));
    let sdp = sdp.header("content-type", "application/sdp").header("if-match", "*").body("v=0").send().await;
    refused(sdp.unwrap(), 415, "content_type_wrong").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_credentials_begin_a_new_ice_session_with_a_new_tag() {
    let air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    let held = held(&air, &camera, "").await;
    let restarted = patch(&air, &held, &camera.token, Some("*"), &credentials("fresh1")).await;
    assert_eq!(restarted.status(), StatusCode::OK);
    assert_eq!(restarted.headers()["content-type"], FRAGMENT);
    let etag = restarted.headers()["etag"].to_str().unwrap().to_owned();
    assert_ne!(etag, held.etag);
    let fragment = restarted.text().await.unwrap();
    for name in ["ice-ufrag", "ice-pwd"] {
        assert_ne!(attribute(&fragment, name).unwrap(), attribute(&held.answer, name).unwrap());
    }
    let address = |sdp: &str| {
        attribute(sdp, "candidate").unwrap().split(' ').take(6).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(address(&fragment), address(&held.answer), "at the same address");
    assert!(
        fragment.contains("a=ice-lite\r\n") && fragment.contains("a=end-of-candidates\r\n"),
        "{fragment}"
    );
    assert_eq!(attribute(&fragment, "mid"), attribute(&held.answer, "mid"));

    // What was sent before and arrives after is for an ICE session that is no more.
    let late = patch(&air, &held, &camera.token, Some(&held.etag), &credentials("older1")).await;
    refused(late, 412, "if_match_wrong").await;
    let again = patch(&air, &held, &camera.token, Some(&etag), &credentials("fresh1")).await;
    assert_eq!(again.status(), StatusCode::NO_CONTENT);
    assert!(air.is_watching(&camera, &held.address).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_is_chosen_by_its_rid_and_left_to_the_server_by_none() {
    let air = OnAir::start().await;
    let (camera, other) = (air.session.camera("Ada").await, air.session.camera("Bob").await);
    let held = held(&air, &camera, "").await;
    let select = async |token: &str, body: serde_json::Value| {
        air.cloud.client.post(&format!("{}/layer", held.address), Some(token), &body).await
    };
    for body in [
        json!({ "rid": "high" }),
        json!({ "mediaId": "1", "rid": "high" }),
        json!({ "encodingId": "high" }),
        json!({ "mediaId": "1" }),
        json!({}),
    ] {
        assert_eq!(select(&camera.token, body.clone()).await.status(), StatusCode::OK, "{body}");
    }
    refused(select(&camera.token, json!({ "rid": "8k" })).await, 422, "layer_unknown").await;
    refused(select(&camera.token, json!({ "mediaId": "0", "rid": "high" })).await, 422, "media_unknown")
        .await;
    refused(select(&camera.token, json!({ "rid": "low" })).await, 409, "layer_absent").await;
    refused(select(&other.token, json!({ "rid": "high" })).await, 404, "viewer_not_found").await;
    assert!(air.is_watching(&camera, &held.address).await, "a refusal costs nobody the picture");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_session_is_ended_by_whoever_made_it() {
    let air = OnAir::start().await;
    let (camera, other) = (air.session.camera("Ada").await, air.session.camera("Bob").await);
    let held = held(&air, &camera, "").await;
    let delete = async |token: &str| {
        let request = air.cloud.client.request(Method::DELETE, &held.address, Some(token));
        // An entity tag says nothing here.
        request.header("if-match", "\"any\"").send().await.unwrap()
    };
    refused(delete(&other.token).await, 404, "viewer_not_found").await;
    assert_eq!(delete(&camera.token).await.status(), StatusCode::OK);
    assert!(!air.is_watching(&camera, &held.address).await);
    refused(delete(&camera.token).await, 404, "viewer_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_of_another_origin_may_ask_what_it_may_do() {
    let cloud = crate::cloud::Cloud::start().await;
    let options = async |path: &str| {
        let asked = cloud.client.request(Method::OPTIONS, path, None).send().await.unwrap();
        assert_eq!(asked.status(), StatusCode::OK, "{path}");
        let header = |name: &str| asked.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("access-control-allow-origin"), "*");
        assert!(header("access-control-allow-headers").contains("Authorization"));
        (header("access-control-allow-methods"), header("accept-post"), header("accept-patch"))
    };
    let (methods, post, _) = options("/whep/x").await;
    assert!(methods.contains("POST") && post == "application/sdp");
    let (methods, _, patch) = options("/whep/x/y").await;
    assert!(methods.contains("PATCH") && methods.contains("DELETE") && patch == FRAGMENT);
    for extension in ["layer", "events"] {
        let (methods, post, _) = options(&format!("/whep/x/y/{extension}")).await;
        assert!(methods.contains("POST") && post == "application/json");
    }
}
