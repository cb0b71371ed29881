//! An account's conversation with its authority: each request signed, with a nonce of the authority's (RFC 8555 6).
//!
//! It refuses to wait for ever: each request, and each wait for something to be done, has its end.

use std::path::Path;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::sleep;

use super::error::AcmeError;
use super::jws::{AccountKey, Signer};
use super::wire::{Directory, Problem};
use crate::outbound::{self, OutboundError, Roots};

/// A chain of certificates has some KB.
const LARGEST: usize = 1024 * 1024;
/// Each of the waits: for the authority's look, and for its signature.
pub(super) const LONGEST: Duration = Duration::from_secs(120);
/// Between two looks, at first and at most.
const LOOKS: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];
/// A nonce may be too old; another comes with the refusal (RFC 8555 6.5).
const TRIES: usize = 4;
const BAD_NONCE: &str = "urn:ietf:params:acme:error:badNonce";
const REPLAY_NONCE: &str = "replay-nonce";

/// The way to one authority, and the key that signs.
pub(super) struct Client {
    http: reqwest::Client,
    pub(super) directory: Directory,
    pub(super) key: AccountKey,
    /// The account's address, once there is one.
    pub(super) account: Option<String>,
    nonce: Option<String>,
}

/// What came back, when it was not refused.
pub(super) struct Answer {
    head: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// Reads the authority's directory.
    pub(super) async fn open(
        directory: &str,
        authority: Option<&Path>,
        key: AccountKey,
        account: Option<String>,
    ) -> Result<Self, AcmeError> {
        let roots = authority.map_or(Roots::System, Roots::File);
        let http = outbound::client(roots).and_then(|builder| Ok(builder.build()?));
        let http = http.map_err(|error| AcmeError::Roots { why: error.to_string() })?;
        let answer = read(http.get(directory).send().await).await?;
        let directory = understood(answer.body())?;
        Ok(Self { http, directory, key, account, nonce: None })
    }

    /// Asks; without a payload to see what is there.
    pub(super) async fn post(&mut self, url: &str, payload: Option<&Value>) -> Result<Answer, AcmeError> {
        let mut tries = 1;
        loop {
            let nonce = self.fresh_nonce().await?;
            let signer = self.account.as_deref().map_or(Signer::Key, Signer::Account);
            let signed = self.key.sign(signer, &nonce, url, payload)?;
            let request = self.http.post(url).header(header::CONTENT_TYPE, "application/jose+json");
            let (head, body) = read(request.body(signed.to_string()).send().await).await?.into_parts();
            self.nonce = text(&head.headers, REPLAY_NONCE);
            if head.status.is_success() {
                return Ok(Answer { head: head.headers, body });
            }
            let problem = problem(head.status, &body);
            if problem.kind.as_deref() != Some(BAD_NONCE) || tries == TRIES {
                return Err(AcmeError::Refused(problem));
            }
            tries += 1;
        }
    }

    /// What is at an address, read.
    pub(super) async fn see<T: DeserializeOwned>(&mut self, url: &str) -> Result<T, AcmeError> {
        self.post(url, None).await?.read()
    }

    /// Looks again and again, until it is as it should be.
    pub(super) async fn wait<T: DeserializeOwned>(
        &mut self,
        url: &str,
        is_done: impl Fn(&T) -> bool,
    ) -> Result<T, AcmeError> {
        let begun = Instant::now();
        let [mut pause, at_most] = LOOKS;
        loop {
            sleep(pause).await;
            let seen: T = self.see(url).await?;
            if is_done(&seen) {
                return Ok(seen);
            }
            if begun.elapsed() > LONGEST {
                return Err(AcmeError::Late(LONGEST));
            }
            pause = pause.saturating_mul(2).min(at_most);
        }
    }

    async fn fresh_nonce(&mut self) -> Result<String, AcmeError> {
        if let Some(nonce) = self.nonce.take() {
            return Ok(nonce);
        }
        let answer = read(self.http.head(&self.directory.new_nonce).send().await).await?;
        text(answer.headers(), REPLAY_NONCE)
            .ok_or_else(|| AcmeError::NotUnderstood("it gives no nonce".into()))
    }
}

impl Answer {
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, AcmeError> {
        understood(&self.body)
    }

    /// Where what was made is.
    pub(super) fn location(&self) -> Result<String, AcmeError> {
        let location = text(&self.head, header::LOCATION.as_str());
        location.ok_or_else(|| AcmeError::NotUnderstood("it does not say where what it made is".into()))
    }
}

async fn read(sent: reqwest::Result<reqwest::Response>) -> Result<Response<Vec<u8>>, AcmeError> {
    let read = async { outbound::read(sent?, LARGEST).await };
    read.await.map_err(|error: OutboundError| AcmeError::Away(causes(&error)))
}

fn understood<T: DeserializeOwned>(body: &[u8]) -> Result<T, AcmeError> {
    serde_json::from_slice(body).map_err(|error| AcmeError::NotUnderstood(error.to_string()))
}

fn problem(status: StatusCode, body: &[u8]) -> Problem {
    let unsaid = || Problem { kind: None, detail: Some(format!("HTTP {status}")) };
    serde_json::from_slice(body).unwrap_or_else(|_| unsaid())
}

fn text(head: &HeaderMap, name: &str) -> Option<String> {
    head.get(name)?.to_str().ok().map(str::to_owned)
}

/// An error with what lies under it: libraries say *error sending request* and keep the reason behind it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut under = error.source();
    while let Some(cause) = under {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        under = cause.source();
    }
    text
}
