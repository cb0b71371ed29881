//! Signing in from a program: by the system's browser, a port of 127.0.0.1 and PKCE (RFC 8252, RFC 7636).
//!
//! It refuses to see a password, a cookie or a token of whoever the person signs in at: it gets a code that its verifier
//! alone turns into a login. Invariant: the port hears this machine alone, and closes with the first answer that
//! carries the state.

mod browser;
mod browser_answer;
mod listener;

use std::time::Duration;

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use returnfeed_protocol::{DesktopLogin, JoinResponse, LoginResponse, Problem, SessionId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::browser::open_browser;
use self::listener::Listener;
use crate::uplink::{CloudUrl, Trust};

/// A person finds their password in it.
const ANSWERED_WITHIN: Duration = Duration::from_secs(300);
const CALL: Duration = Duration::from_secs(10);

/// A sign-in that waits for its person.
pub struct SignIn {
    cloud: CloudUrl,
    client: reqwest::Client,
    listener: Listener,
    verifier: SecretString,
    state: String,
}

/// Somebody who is signed in.
pub struct SignedIn {
    cloud: CloudUrl,
    client: reqwest::Client,
    login: LoginResponse,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No port, or no way to it.
    #[error("no port of this machine can be listened on for the browser's answer: {0}")]
    Port(std::io::Error),
    /// The person did not come back.
    #[error("nobody answered in the browser within five minutes; run it again")]
    TooLate,
    /// The cloud's certificate, or its absence.
    #[error("{0}")]
    Trust(String),
    /// The cloud cannot be reached, or does not speak as one.
    #[error("{cloud} cannot be used: {why}")]
    Cloud {
        /// Which.
        cloud: CloudUrl,
        /// Why.
        why: String,
    },
    /// The cloud said no.
    #[error("{}. {}", .0.title.trim_end_matches('.'), .0.detail)]
    Refused(Problem),
}

impl SignIn {
    /// Listens for the browser.
    ///
    /// # Errors
    /// When there is no port, or the trust cannot be used.
    pub async fn begin(cloud: CloudUrl, trust: &Trust) -> Result<Self, SignInError> {
        let tls = trust.config().map_err(|error| SignInError::Trust(error.to_string()))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(CALL)
            .no_proxy()
            .build()
            .map_err(|error| SignInError::Trust(error.to_string()))?;
        let listener = Listener::open().await.map_err(SignInError::Port)?;
        Ok(Self { cloud, client, listener, verifier: random().into(), state: random() })
    }

    /// What the system's browser is to open. Its secrets stand in the fragment, which a browser sends to nobody.
    pub fn address(&self) -> String {
        let digest = digest::digest(&digest::SHA256, self.verifier.expose_secret().as_bytes());
        let (port, challenge) = (self.listener.port(), URL_SAFE_NO_PAD.encode(digest));
        format!("{}/account/#desktop/{port}/{challenge}/{}", self.cloud, self.state)
    }

    /// Waits for the person.
    ///
    /// # Errors
    /// When they do not come, or the cloud refuses.
    pub async fn signed_in(self) -> Result<SignedIn, SignInError> {
        let code = tokio::time::timeout(ANSWERED_WITHIN, self.listener.code(&self.state)).await;
        let code = code.map_err(|_| SignInError::TooLate)?.map_err(SignInError::Port)?;
        let body = DesktopLogin { code, verifier: self.verifier.expose_secret().to_owned() };
        let login = post(&self.client, &self.cloud, "/api/signin/desktop/login", None, &body).await?;
        Ok(SignedIn { cloud: self.cloud, client: self.client, login })
    }
}

impl SignedIn {
    /// What keeps them signed in: good once, for the next login.
    pub fn refresh_token(&self) -> Option<SecretString> {
        self.login.refresh_token.clone().map(SecretString::from)
    }

    /// All of it, for who goes on asking in their name.
    pub(crate) fn into_login(self) -> LoginResponse {
        self.login
    }

    /// What they are called.
    pub fn name(&self) -> &str {
        &self.login.account.name
    }

    /// The right to direct a session of theirs.
    ///
    /// # Errors
    /// When the cloud refuses.
    pub async fn direct(&self, session: SessionId) -> Result<SecretString, SignInError> {
        let path = format!("/api/sessions/{session}/direct");
        let token = Some(self.login.access_token.as_str());
        let join: JoinResponse = post(&self.client, &self.cloud, &path, token, &()).await?;
        Ok(join.token.into())
    }
}

async fn post<T: DeserializeOwned>(
    client: &reqwest::Client,
    cloud: &CloudUrl,
    path: &str,
    token: Option<&str>,
    body: &impl Serialize,
) -> Result<T, SignInError> {
    let failed =
        |error: reqwest::Error| SignInError::Cloud { cloud: cloud.clone(), why: crate::uplink::why(&error) };
    let request = client.post(format!("{cloud}{path}")).json(body);
    let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
    let answer = request.send().await.map_err(failed)?;
    let status = answer.status();
    let bytes = answer.bytes().await.map_err(failed)?;
    let stranger = || SignInError::Cloud {
        cloud: cloud.clone(),
        why: format!("it answered {status} and not as a ReturnFeed cloud of this version"),
    };
    if status.is_success() {
        return serde_json::from_slice(&bytes).map_err(|_| stranger());
    }
    Err(serde_json::from_slice(&bytes).map_or_else(|_| stranger(), SignInError::Refused))
}

/// 256 random bits (RFC 7636 4.1).
fn random() -> String {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).expect("the system has randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}
