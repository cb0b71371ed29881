//! The WHEP calls of one player (draft-ietf-wish-whep-03): an offer in, a viewer session out, and its end.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, StatusCode, Url};
use returnfeed_protocol::Problem;
use secrecy::ExposeSecret as _;

use crate::uplink::{UplinkConfig, why};

const CALL: Duration = Duration::from_secs(8);

/// Asks one session of one cloud.
pub(super) struct Whep<'a> {
    config: &'a UplinkConfig,
    client: Client,
}

/// A player's place at the cloud.
pub(super) struct Viewer {
    pub(super) answer: String,
    url: Url,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum NoViewer {
    /// The cloud has no picture to give yet.
    NotYet,
    /// Anything else.
    Refused(String),
}

impl<'a> Whep<'a> {
    pub(super) fn new(config: &'a UplinkConfig) -> Result<Self, String> {
        let tls = config.trust.config().map_err(|error| error.to_string())?;
        let client = Client::builder().tls_backend_preconfigured(tls).timeout(CALL).no_proxy().build();
        Ok(Self { config, client: client.map_err(|error| why(&error))? })
    }

    pub(super) async fn offer(&self, sdp: String) -> Result<Viewer, NoViewer> {
        let UplinkConfig { cloud, session, token, .. } = self.config;
        let failed = |error: reqwest::Error| NoViewer::Refused(why(&error));
        let endpoint = format!("{cloud}/whep/{session}");
        let asked = self.client.post(&endpoint).bearer_auth(token.expose_secret());
        let response =
            asked.header(CONTENT_TYPE, "application/sdp").body(sdp).send().await.map_err(failed)?;
        let status = response.status();
        let base = response.url().clone();
        let location = response.headers().get(LOCATION).and_then(|place| place.to_str().ok());
        let url = location.and_then(|place| base.join(place).ok());
        let body = response.text().await.map_err(failed)?;
        match (status, url) {
            (StatusCode::CREATED, Some(url)) => Ok(Viewer { answer: body, url }),
            // Nobody pushes yet, or nobody is let in yet.
            (StatusCode::CONFLICT | StatusCode::FORBIDDEN, _) => Err(NoViewer::NotYet),
            _ => {
                let problem = serde_json::from_str::<Problem>(&body).ok();
                let said = problem.map(|problem| format!("{}. {}", problem.title, problem.detail));
                Err(NoViewer::Refused(said.unwrap_or_else(|| format!("the cloud answered {status}"))))
            }
        }
    }

    /// Whether it is heard or not, the cloud ends a viewer session that is silent.
    pub(super) async fn end(&self, viewer: Viewer) {
        let asked = self.client.delete(viewer.url).bearer_auth(self.config.token.expose_secret());
        if let Err(error) = asked.timeout(Duration::from_secs(1)).send().await {
            tracing::debug!(%error, "the cloud was not told that nobody looks any more");
        }
    }
}
