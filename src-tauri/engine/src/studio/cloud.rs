//! What the window asks of the cloud beside the shows: who we are, and a session to go to.
//!
//! Refuses to keep a password. Invariant: a refresh token is used once; two who need a token wait for one another.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use reqwest::Method;
use reqwest::header::DATE;
use returnfeed_protocol::{
    AccountSummary, CreateSession, JoinResponse, LoginRequest, LoginResponse, RefreshBy, RefreshRequest,
    SessionCreated, SessionId, SessionState,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::sync::{Caller, Credential, Offline};
use crate::uplink::{CloudUrl, Trust};

/// A token this near to its end is renewed first.
const NEARLY_OVER: Duration = Duration::from_secs(60);

/// A login.
#[derive(Debug)]
struct Login {
    access: SecretString,
    good_until: Instant,
    refresh: Option<SecretString>,
}

/// A cloud, and who we are there. Clones are the same login.
#[derive(Clone)]
pub(super) struct Account {
    caller: Arc<Caller>,
    login: Arc<Mutex<Login>>,
}

/// A session that stands open for us.
pub(super) struct Opened {
    pub(super) made: SessionCreated,
    /// The director's.
    pub(super) token: SecretString,
}

impl Account {
    /// Signs in.
    ///
    /// # Errors
    /// Why not and what to do.
    pub(super) async fn sign_in(
        cloud: CloudUrl,
        trust: &Trust,
        email: String,
        password: SecretString,
    ) -> Result<(Self, AccountSummary), Offline> {
        let caller = Caller::new(cloud, trust)?;
        let password = password.expose_secret().to_owned();
        let request = LoginRequest { email, password, refresh: RefreshBy::Body };
        let (login, account) = read(caller.login(&request).await?);
        Ok((Self { caller: Arc::new(caller), login: Arc::new(Mutex::new(login)) }, account))
    }

    /// The session of this id; a new one of this name where it is over, or none was named. We are its director.
    ///
    /// # Errors
    /// Why not and what to do.
    pub(super) async fn open_session(&self, known: Option<SessionId>, name: &str) -> Result<Opened, Offline> {
        let known = match known {
            // Whatever is wrong with an old session, a new one is better than none.
            Some(id) => self.get::<SessionCreated>(&format!("/api/sessions/{id}")).await.ok(),
            None => None,
        };
        let made = match known.filter(|made| made.session.state != SessionState::Ended) {
            Some(made) => made,
            None => {
                let name: String = name.chars().take(120).collect();
                self.send(Method::POST, "/api/sessions", &CreateSession { name, public_layer: None }).await?
            }
        };
        let direct = format!("/api/sessions/{}/direct", made.session.id);
        let joined: JoinResponse = self.send(Method::POST, &direct, &serde_json::json!({})).await?;
        Ok(Opened { made, token: joined.token.into() })
    }

    /// Ends the login there, as far as the cloud hears it.
    pub(super) async fn sign_out(&self) {
        let refresh_token =
            self.login.lock().await.refresh.as_ref().map(|token| token.expose_secret().to_owned());
        let request = self.caller.request(Method::POST, "/api/logout");
        if let Err(error) = self.caller.send(request.json(&RefreshRequest { refresh_token })).await {
            tracing::warn!(%error, "the cloud was not told that somebody signed out");
        }
    }

    /// What time the cloud says it is, to the second.
    pub(super) async fn server_time(&self) -> Option<SystemTime> {
        let request = self.caller.request(Method::GET, "/healthz");
        let answer = self.caller.send(request).await.ok()?;
        httpdate::parse_http_date(answer.headers().get(DATE)?.to_str().ok()?).ok()
    }

    async fn access(&self) -> Result<SecretString, Offline> {
        let mut login = self.login.lock().await;
        if login.good_until.saturating_duration_since(Instant::now()) < NEARLY_OVER
            && let Some(refresh) = login.refresh.clone()
        {
            let refresh_token = Some(refresh.expose_secret().to_owned());
            let request = self.caller.request(Method::POST, "/api/refresh");
            let answer = self.caller.send(request.json(&RefreshRequest { refresh_token })).await?;
            *login = read(self.caller.json(answer).await?).0;
        }
        Ok(login.access.clone())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Offline> {
        let token = self.access().await?;
        let request = self.caller.request(Method::GET, path).bearer_auth(token.expose_secret());
        self.caller.json(self.caller.send(request).await?).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Offline> {
        let token = self.access().await?;
        let request = self.caller.request(method, path).bearer_auth(token.expose_secret()).json(body);
        self.caller.json(self.caller.send(request).await?).await
    }
}

impl Credential for Account {
    async fn token(&self, _: &Caller) -> Result<SecretString, Offline> {
        self.access().await
    }
}

fn read(answer: LoginResponse) -> (Login, AccountSummary) {
    let LoginResponse { access_token, expires_in, refresh_token, account } = answer;
    let good_until = Instant::now() + Duration::from_secs(expires_in);
    let login =
        Login { access: access_token.into(), good_until, refresh: refresh_token.map(SecretString::from) };
    (login, account)
}
