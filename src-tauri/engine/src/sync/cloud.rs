//! What is asked of the cloud about shows, over HTTPS.
//!
//! Refuses to decide. Invariant: a call that was not answered in time is [`Offline`], whatever became of it there.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use returnfeed_protocol::{
    AccountSummary, LoginRequest, LoginResponse, Problem, RefreshRequest, ShowEntry, ShowHistory, ShowId,
    UserId,
};
use returnfeed_shows::{Answer, Ask, Condition, Doc, Head};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use super::{Credential, folder};
use crate::uplink::{CloudUrl, Trust, why};

/// How long one call may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Why the cloud could not be asked, or would not: a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Offline(pub String);

/// The cloud, as the shows see it.
pub trait Cloud {
    /// Whose shows they are, and where each stands.
    ///
    /// # Errors
    /// When there is no answer, or a refusal.
    fn list(&self) -> impl Future<Output = Result<(UserId, Vec<ShowEntry>), Offline>> + Send;

    /// One question about one show.
    ///
    /// # Errors
    /// When there is no answer (what was asked may have been done), or a refusal that asking again does not change.
    fn ask(&self, id: ShowId, ask: &Ask) -> impl Future<Output = Result<Answer, Offline>> + Send;
}

/// Calls one cloud.
pub struct Caller {
    client: reqwest::Client,
    cloud: CloudUrl,
}

/// A cloud and the right to ask it.
pub struct CloudShows<C> {
    caller: Caller,
    credential: C,
    /// As a query.
    machine: String,
    /// Good for one sync.
    token: Mutex<SecretString>,
}

impl<C: Credential> CloudShows<C> {
    /// `machine` is what this one calls itself beside the versions that it saves.
    ///
    /// # Errors
    /// When the trust cannot be used.
    pub fn new(cloud: CloudUrl, trust: &Trust, credential: C, machine: &str) -> Result<Self, Offline> {
        let machine: String = machine.chars().filter(|c| !c.is_control()).take(80).collect();
        let mut query = reqwest::Url::parse("https://cloud/").map_err(|error| Offline(error.to_string()))?;
        query.query_pairs_mut().append_pair("machine", &machine);
        let machine = query.query().unwrap_or_default().to_owned();
        Ok(Self {
            caller: Caller::new(cloud, trust)?,
            credential,
            machine,
            token: Mutex::new(SecretString::default()),
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        self.caller.request(method, path).bearer_auth(token.expose_secret())
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Offline> {
        self.caller.json(self.caller.send(self.request(Method::GET, path)).await?).await
    }
}

impl<C: Credential> Cloud for CloudShows<C> {
    async fn list(&self) -> Result<(UserId, Vec<ShowEntry>), Offline> {
        let token = self.credential.token(&self.caller).await?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
        let account: AccountSummary = self.read("/api/account").await?;
        Ok((account.id, self.read("/api/shows").await?))
    }

    async fn ask(&self, id: ShowId, ask: &Ask) -> Result<Answer, Offline> {
        let path = format!("/api/shows/{id}");
        let request = match ask {
            Ask::Put { doc, condition } => {
                let request = self.request(Method::PUT, &format!("{path}?{}", self.machine));
                let request = request.header(header::CONTENT_TYPE, "application/json").body(doc.text.clone());
                match condition {
                    Condition::Absent => request.header(header::IF_NONE_MATCH, "*"),
                    Condition::At { version, digest } => {
                        request.header(header::IF_MATCH, digest.etag(*version))
                    }
                }
            }
            Ask::Delete { version, digest } => {
                self.request(Method::DELETE, &path).header(header::IF_MATCH, digest.etag(*version))
            }
            Ask::History => self.request(Method::GET, &format!("{path}/versions")),
            Ask::Version(version) => self.request(Method::GET, &format!("{path}/versions/{version}")),
        };
        let answer = self.caller.send(request).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => return Ok(Answer::Absent),
            StatusCode::PRECONDITION_FAILED => return Ok(Answer::Changed),
            _ => {}
        }
        match ask {
            Ask::Put { .. } | Ask::Delete { .. } => {
                let entry: ShowEntry = self.caller.json(answer).await?;
                Ok(Answer::Done(Head { version: entry.version, digest: entry.digest }))
            }
            Ask::History => Ok(Answer::History(self.caller.json::<ShowHistory>(answer).await?.into())),
            Ask::Version(_) => {
                let text = self.caller.text(answer).await?;
                Ok(Answer::Text(Doc { digest: folder::digest(&text), text }))
            }
        }
    }
}

impl Caller {
    /// # Errors
    /// When the trust cannot be used.
    pub(crate) fn new(cloud: CloudUrl, trust: &Trust) -> Result<Self, Offline> {
        let tls = trust.config().map_err(|error| Offline(error.to_string()))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(ANSWER_WITHIN)
            .connect_timeout(ANSWER_WITHIN)
            .no_proxy()
            .build()
            .map_err(|error| Offline(why(&error)))?;
        Ok(Self { client, cloud })
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.cloud))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, Offline> {
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    /// An account token.
    pub(crate) async fn login(&self, request: &LoginRequest) -> Result<LoginResponse, Offline> {
        self.json(self.send(self.request(Method::POST, "/api/login").json(request)).await?).await
    }

    /// The next account token, and the next refresh token.
    pub(crate) async fn refresh(&self, request: &RefreshRequest) -> Result<LoginResponse, Offline> {
        self.json(self.send(self.request(Method::POST, "/api/refresh").json(request)).await?).await
    }

    pub(crate) async fn json<T: DeserializeOwned>(&self, answer: Response) -> Result<T, Offline> {
        let text = self.text(answer).await?;
        serde_json::from_str(&text).map_err(|error| {
            let cloud = &self.cloud;
            Offline(format!(
                "{cloud} answers, but not as a ReturnFeed cloud of this version ({error}); update both sides"
            ))
        })
    }

    /// The body of a good answer; else the cloud's own words.
    async fn text(&self, answer: Response) -> Result<String, Offline> {
        let status = answer.status();
        let text = answer.text().await.map_err(|error| self.unreachable(&error))?;
        if status.is_success() {
            return Ok(text);
        }
        Err(serde_json::from_str::<Problem>(&text).map_or_else(
            |_| {
                Offline(format!(
                    "{} answered {status} and not as a ReturnFeed cloud; check the address",
                    self.cloud
                ))
            },
            |problem| Offline(format!("{}. {}", problem.title.trim_end_matches('.'), problem.detail)),
        ))
    }

    fn unreachable(&self, error: &reqwest::Error) -> Offline {
        Offline(format!("{} cannot be reached: {}", self.cloud, why(error)))
    }
}
