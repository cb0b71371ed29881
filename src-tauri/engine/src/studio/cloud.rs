//! What the window asks of the cloud beside the shows: who we are, and a session to go to.
//!
//! Refuses to keep a password. Invariant: a refresh token is used once; two who need a token wait for one another.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::DATE;
use reqwest::{Method, StatusCode};
use returnfeed_protocol::{
    AccountSummary, CreateSession, JoinResponse, LoginRequest, LoginResponse, RefreshBy, RefreshRequest,
    SessionCreated, SessionId, SessionState,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::secrets::{Kept, SecretError, SecretStore, login_of};
use crate::signin::SignedIn;
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
    keeper: Keeper,
}

/// Where a login is kept, and as what.
#[derive(Debug, Clone)]
struct Keeper {
    store: SecretStore,
    name: String,
}

/// Somebody who is signed in.
pub(super) struct Person {
    pub(super) account: Account,
    pub(super) summary: AccountSummary,
    /// Where the login is kept; none: it ends with this program, for this reason.
    pub(super) kept: Result<Kept, String>,
}

/// A session that stands open for us.
pub(super) struct Opened {
    pub(super) made: SessionCreated,
    /// The director's.
    pub(super) token: SecretString,
}

impl Account {
    /// Signs in by password.
    ///
    /// # Errors
    /// Why not and what to do.
    pub(super) async fn sign_in(
        cloud: CloudUrl,
        trust: &Trust,
        store: SecretStore,
        email: String,
        password: SecretString,
    ) -> Result<Person, Offline> {
        let (keeper, caller) = (Keeper::of(store, &cloud), Caller::new(cloud, trust)?);
        let password = password.expose_secret().to_owned();
        let request = LoginRequest { email, password, code: None, refresh: RefreshBy::Body };
        let answer = caller.login(&request).await?;
        Ok(Self::begin(caller, keeper, answer).await)
    }

    /// Takes over who signed in by the browser.
    ///
    /// # Errors
    /// When the trust cannot be used.
    pub(super) async fn of_browser(
        cloud: CloudUrl,
        trust: &Trust,
        store: SecretStore,
        person: SignedIn,
    ) -> Result<Person, Offline> {
        let (keeper, caller) = (Keeper::of(store, &cloud), Caller::new(cloud, trust)?);
        Ok(Self::begin(caller, keeper, person.into_login()).await)
    }

    /// Goes on with the login that this machine keeps; nothing where it keeps none, or it is over.
    ///
    /// # Errors
    /// Why it cannot be known yet.
    pub(super) async fn go_on(
        cloud: CloudUrl,
        trust: &Trust,
        store: SecretStore,
    ) -> Result<Option<Person>, Offline> {
        let (keeper, caller) = (Keeper::of(store, &cloud), Caller::new(cloud, trust)?);
        let Some(refresh) = keeper.get().await? else { return Ok(None) };
        let refresh_token = Some(refresh.expose_secret().to_owned());
        let request = caller.request(Method::POST, "/api/refresh").json(&RefreshRequest { refresh_token });
        let answer = caller.send(request).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            keeper.forget().await;
            return Ok(None);
        }
        let answer = caller.json(answer).await?;
        Ok(Some(Self::begin(caller, keeper, answer).await))
    }

    async fn begin(caller: Caller, keeper: Keeper, answer: LoginResponse) -> Person {
        let (login, summary) = read(answer);
        let kept = keeper.keep(&login).await;
        let account = Self { caller: Arc::new(caller), login: Arc::new(Mutex::new(login)), keeper };
        Person { account, summary, kept }
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

    /// Ends the login here, and there as far as the cloud hears it.
    pub(super) async fn sign_out(&self) {
        self.keeper.forget().await;
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
            if let Err(why) = self.keeper.keep(&login).await {
                tracing::warn!(why, "the login ends with this program");
            }
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

impl Keeper {
    fn of(store: SecretStore, cloud: &CloudUrl) -> Self {
        Self { store, name: login_of(cloud) }
    }

    async fn get(&self) -> Result<Option<SecretString>, Offline> {
        let found = self.ask(|store, name| store.get(name)).await;
        found.map_err(Offline)
    }

    /// The next one, before anything is asked with it: the one before is good no more.
    async fn keep(&self, login: &Login) -> Result<Kept, String> {
        let Some(refresh) = login.refresh.clone() else {
            return Err("the cloud gave no login that lasts".to_owned());
        };
        self.ask(move |store, name| store.keep(name, &refresh)).await
    }

    async fn forget(&self) {
        if let Err(why) = self.ask(|store, name| store.forget(name)).await {
            tracing::warn!(why, "a login that is over is still kept");
        }
    }

    /// A keyring may wait for its person.
    async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&SecretStore, &str) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, String> {
        let Self { store, name } = self.clone();
        let done = tokio::task::spawn_blocking(move || what(&store, &name)).await;
        done.map_err(|defect| defect.to_string())?.map_err(|error| error.to_string())
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
