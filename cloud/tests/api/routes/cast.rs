//! Everybody who may come to the door of one session, and what its addresses are about.

use reqwest::{Method, Response, StatusCode};
use returnfeed_protocol::{Invite, JoinResponse};
use serde_json::json;

use crate::cloud::{Cloud, Session, read};

/// One session and everybody who may come to its door.
pub(super) struct Cast<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) session: &'a Session,
    pub(super) host: String,
    pub(super) stranger: String,
    pub(super) camera: JoinResponse,
    pub(super) viewer: JoinResponse,
    pub(super) director: JoinResponse,
    pub(super) other_director: JoinResponse,
}

impl<'a> Cast<'a> {
    pub(super) async fn of(cloud: &'a Cloud, session: &'a Session, host: &str, name: &str) -> Self {
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

    pub(super) fn token(&self, role: &str) -> Option<&str> {
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
    pub(super) async fn address(&self, path: &str) -> (String, Option<Response>) {
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
            let mut open = client.get("/api/events", Some(&self.viewer.token)).await;
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
    pub(super) fn with_ids(&self, path: &str) -> String {
        let fill = |part: &str| match part {
            "{participant}" => self.camera.participant.to_string(),
            open if open.starts_with('{') => NO_ID.to_owned(),
            written => written.to_owned(),
        };
        path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }
}

/// Names nothing: whoever is let in is told that it is not there.
pub(super) const NO_ID: &str = "01900000-0000-7000-8000-000000000000";

impl Cast<'_> {
    /// The address about a show that the session's creator has.
    pub(super) async fn with_show(&self, path: String) -> String {
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
