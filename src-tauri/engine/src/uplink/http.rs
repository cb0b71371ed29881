//! The two calls that open an uplink: the right to push, and a ticket for the socket.
//!
//! Refuses plain HTTP except to this machine: the token and the passphrase travel here. Invariant: a refusal is the
//! cloud's own problem document, word for word.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use returnfeed_protocol::{
    Invite, JoinRequest, JoinResponse, Problem, PublicKeys, PublishGrant, SessionCreated, SessionId,
    SessionPatch, SessionState, Ticket,
};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use super::{Failure, UplinkConfig};
use crate::gui::Door;
use crate::sentence::Sentence;

/// How long one call may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Where a cloud answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudUrl {
    secure: bool,
    host: String,
    port: u16,
}

/// Why an address cannot be a cloud's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudUrlError {
    /// Not of the form.
    #[error("{got:?} is not a cloud's address; write https://HOST or https://HOST:8443")]
    Form {
        /// What was given.
        got: String,
    },
    /// Secrets would travel in clear.
    #[error("{got:?} would send the director's token in clear; write https://, or name this machine")]
    Plain {
        /// What was given.
        got: String,
    },
}

impl FromStr for CloudUrl {
    type Err = CloudUrlError;

    fn from_str(text: &str) -> Result<Self, CloudUrlError> {
        let form = || CloudUrlError::Form { got: text.to_owned() };
        let url = reqwest::Url::parse(text).map_err(|_| form())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(form)?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.username().is_empty();
        let secure = match url.scheme() {
            "https" if bare => true,
            "http" if bare => false,
            _ => return Err(form()),
        };
        let here = host == "localhost"
            || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if !secure && !here {
            return Err(CloudUrlError::Plain { got: text.to_owned() });
        }
        let port = url.port_or_known_default().ok_or_else(form)?;
        Ok(Self { secure, host: host.to_owned(), port })
    }
}

impl fmt::Display for CloudUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl CloudUrl {
    /// The host, as one asks a name server for it.
    pub fn host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    /// The address of the director's socket.
    pub(super) fn socket(&self) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        format!("{scheme}://{}:{}/ws/director", self.host, self.port)
    }
}

/// Calls one cloud with one token.
pub(super) struct Http {
    client: reqwest::Client,
    tls: Arc<ClientConfig>,
    cloud: CloudUrl,
    session: SessionId,
    token: SecretString,
}

impl Http {
    pub(super) fn new(config: &UplinkConfig) -> Result<Self, Failure> {
        let tls = config.trust.config().map_err(|error| Failure::Unreachable(error.to_string().into()))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .timeout(ANSWER_WITHIN)
            .connect_timeout(ANSWER_WITHIN)
            .no_proxy()
            .build()
            .map_err(|error| Failure::Unreachable(why(&error).into()))?;
        let UplinkConfig { cloud, session, token, .. } = config.clone();
        Ok(Self { client, tls: Arc::new(tls), cloud, session, token })
    }

    /// What the socket is to believe.
    pub(super) fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }

    /// The right to push.
    pub(super) async fn publish(&self) -> Result<PublishGrant, Failure> {
        self.post(&format!("/api/sessions/{}/publish", self.session)).await
    }

    /// Opens one socket.
    pub(super) async fn ticket(&self) -> Result<Ticket, Failure> {
        self.post("/api/tickets").await
    }

    /// Who is let in to the session; `None`: nobody yet.
    pub(super) async fn let_in(&self, door: Option<Door>) -> Result<(), Failure> {
        let state = match door {
            Some(Door::Operators) => SessionState::Rehearsal,
            Some(Door::Everybody) => SessionState::Live,
            None => SessionState::Open,
        };
        let patch = SessionPatch { state: Some(state), ..SessionPatch::default() };
        let path = format!("{}/api/sessions/{}", self.cloud, self.session);
        let _session: SessionCreated = self.send(self.client.patch(path).json(&patch)).await?;
        Ok(())
    }

    /// The keys that verify its tokens.
    pub(super) async fn keys(&self) -> Result<PublicKeys, Failure> {
        self.send(self.client.get(format!("{}/.well-known/jwks.json", self.cloud))).await
    }

    /// The invitations of the session.
    pub(super) async fn invites(&self) -> Result<Vec<Invite>, Failure> {
        self.send(self.client.get(format!("{}/api/sessions/{}/invites", self.cloud, self.session))).await
    }

    /// Comes by an invitation.
    pub(super) async fn join(&self, request: &JoinRequest) -> Result<JoinResponse, Failure> {
        self.send(self.client.post(format!("{}/api/join", self.cloud)).json(request)).await
    }

    /// Which.
    pub(super) fn session(&self) -> SessionId {
        self.session
    }

    async fn post<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.send(self.client.post(format!("{}{path}", self.cloud))).await
    }

    async fn send<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, Failure> {
        let unreachable = |error: reqwest::Error| {
            Failure::Unreachable(Sentence::cloud_unreachable(&self.cloud, why(&error)))
        };
        let request = request.bearer_auth(self.token.expose_secret());
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(unreachable)?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| {
                Failure::Unreachable(Sentence::cloud_of_another_version(&self.cloud, error))
            });
        }
        Err(serde_json::from_slice::<Problem>(&body).map_or_else(
            |_| Failure::Unreachable(Sentence::not_a_cloud(&self.cloud, status)),
            Failure::Refused,
        ))
    }
}

/// The innermost cause of a failed call, and what to do about the most common one.
pub(crate) fn why(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    certificate_or(&innermost.to_string())
}

/// Says what to do where the words are those of an unknown certificate.
pub(super) fn certificate_or(words: &str) -> String {
    if words.contains("certificate") {
        format!("{words}; name the cloud's certificate with --ca or --fingerprint")
    } else {
        format!("{words}; check the address and that the cloud runs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_port_and_plain_http_is_for_this_machine_alone() {
        let say = |text: &str| text.parse::<CloudUrl>().map(|url| url.to_string());
        assert_eq!(say("https://feed.example").unwrap(), "https://feed.example:443");
        assert_eq!(say("https://[::1]:8443/").unwrap(), "https://[::1]:8443");
        assert_eq!(say("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        assert!(matches!(say("http://192.168.1.5:8443"), Err(CloudUrlError::Plain { .. })));
        for wrong in ["feed.example", "ftp://feed.example", "https://feed.example/camera/", "https://a@b"] {
            assert!(matches!(say(wrong), Err(CloudUrlError::Form { .. })), "{wrong}");
        }
        assert_eq!("https://[::1]:8443".parse::<CloudUrl>().unwrap().host(), "::1");
    }
}
