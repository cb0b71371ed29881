//! A server in this process, on free ports, with its own data directory and a clock that can be advanced.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use returnfeed_cloud::api::accounts::{Caller, log_in, new_account};
use returnfeed_cloud::api::whep::ice_servers::IceServers;
use returnfeed_cloud::app::App;
use returnfeed_cloud::clock::Clock;
use returnfeed_cloud::config::{
    BusPlace, Certificate, Config, Place, Registration, SecondFactorPolicy, WebConfig,
};
use returnfeed_cloud::listen::Peer;
use returnfeed_cloud::media::ViewerLimits;
use returnfeed_cloud::server::Server;
use returnfeed_cloud::store::{Account, DatabaseUrl};
use returnfeed_cloud::telemetry::LogConfig;
use returnfeed_protocol::{
    JoinResponse, Problem, PublishGrant, RefreshBy, SessionCreated, SessionId, SessionPatch, SessionState,
    SocketTicket, Ticket,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tempfile::TempDir;

use crate::postgres;
use crate::socket::Socket;

/// A server that ends with its test.
pub(crate) struct Cloud {
    pub(crate) clock: Clock,
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) dir: TempDir,
}

/// Asks a server over HTTPS, trusting its certificate and no other.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    host: String,
    port: u16,
    ca: Vec<u8>,
}

/// A session, its creator's token, and what is asked most.
pub(crate) struct Session {
    pub(crate) owner: String,
    pub(crate) created: SessionCreated,
    pub(crate) client: Client,
}

/// The database as a file in the data directory.
pub(crate) fn sqlite(dir: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(dir.join("data/returnfeed.db"))
}

pub(crate) fn config(dir: &Path) -> Config {
    let free = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    Config {
        data_dir: dir.join("data"),
        database: if postgres::asked_for() {
            postgres::shared().database(&postgres::name_for(dir))
        } else {
            sqlite(dir)
        },
        bus: BusPlace::Alone,
        place: Place::default(),
        registration: Registration::Closed,
        second_factor: SecondFactorPolicy::Optional,
        // Accounts are made by the dozen here; what a password costs is asserted beside `Passwords`.
        password_cost: 4,
        https: free,
        srt: free,
        webrtc: free,
        webrtc_shards: NonZeroUsize::MIN,
        metrics: free,
        metrics_token_file: None,
        metrics_viewers: 100,
        public_addresses: Vec::new(),
        public_names: Vec::new(),
        clock_peer: None,
        certificate: Certificate::SelfSigned,
        max_viewers: 10,
        oidc: None,
        quality_rule: returnfeed_cloud::quality_rule::QualityRule::default(),
        // A viewer session without a player lasts as long as its test.
        viewer_limits: ViewerLimits { handshake: Duration::from_secs(120), ..ViewerLimits::default() },
        whep_offers_per_minute: 600,
        ice_servers: IceServers::default(),
        max_connections: 200,
        web: WebConfig::default(),
        audit_days: 365,
        drain: Duration::ZERO,
        log: LogConfig { filter: "info".to_owned(), ..LogConfig::default() },
        ready_file: None,
    }
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    /// On the embedded database, for a test that looks into its file.
    pub(crate) async fn start_on_sqlite(dir: TempDir) -> Self {
        let config = Config { database: sqlite(dir.path()), ..config(dir.path()) };
        Self::start_with(dir, &config).await
    }

    pub(crate) async fn start_in(dir: TempDir) -> Self {
        let config = config(dir.path());
        Self::start_with(dir, &config).await
    }

    pub(crate) async fn start_with(dir: TempDir, config: &Config) -> Self {
        let clock = Clock::default();
        let server = Server::start(config, clock.clone()).await.unwrap();
        let client = Client::new(server.ready().https_port, &server.ready().cert_path);
        Self { clock, server, client, dir }
    }

    /// An account, without the half second that a password costs; its token.
    pub(crate) async fn account(&self, email: &str) -> String {
        let app = self.server.app();
        let account = new_account(app.clock.unix_ms(), email, "Ada").ok().unwrap();
        let account = app.store.add_account(&account, &"no password".into(), 1).await.unwrap().unwrap();
        logged_in(app, account).await
    }

    /// Another login of the account that this token is of; its token.
    pub(crate) async fn log_in_again(&self, token: &str) -> String {
        let app = self.server.app();
        let account = app.store.account(app.tokens.read_account(token).unwrap().user).await.unwrap().unwrap();
        logged_in(app, account).await
    }

    /// A new account's new session.
    pub(crate) async fn session(&self) -> Session {
        let owner = self.account("ada@example.org").await;
        self.session_of(owner).await
    }

    pub(crate) async fn session_of(&self, owner: String) -> Session {
        let made = self.client.post("/api/sessions", Some(&owner), &json!({ "name": "Sunday" })).await;
        Session { created: read(made, StatusCode::CREATED).await, owner, client: self.client.clone() }
    }
}

impl Client {
    pub(crate) fn new(port: u16, ca: &Path) -> Self {
        // The first test of the process installs it; the others find it there.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let ca = std::fs::read(ca).unwrap();
        Self { http: http(&ca).build().unwrap(), host: "localhost".to_owned(), port, ca }
    }

    /// The same server, by an address of its own; led nowhere else.
    pub(crate) fn at_host(&self, host: IpAddr) -> Self {
        let http = http(&self.ca).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, host: host.to_string(), ..self.clone() }
    }

    /// The same, asking from another address of this machine, and led nowhere else.
    pub(crate) fn at_address(&self, address: IpAddr) -> Self {
        let Self { host, port, ca, .. } = self.clone();
        let http = http(&ca).local_address(address).redirect(reqwest::redirect::Policy::none());
        Self { http: http.build().unwrap(), host, port, ca }
    }

    /// The same trust, another port.
    pub(crate) fn at(&self, port: u16) -> Self {
        Self { port, ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        let request = self.http.request(method, format!("https://{}:{}{path}", self.host, self.port));
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Response {
        self.request(Method::GET, path, token).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &impl Serialize) -> Response {
        self.request(Method::POST, path, token).json(body).send().await.unwrap()
    }

    pub(crate) async fn ticket(&self, token: &str) -> SocketTicket {
        let issued = self.request(Method::POST, "/api/tickets", Some(token)).send().await.unwrap();
        read::<Ticket>(issued, StatusCode::CREATED).await.ticket
    }

    /// A WebSocket, by a new ticket.
    pub(crate) async fn open(&self, path: &str, token: &str) -> Socket {
        let ticket = self.ticket(token).await;
        self.open_by_ticket(path, &ticket).await
    }

    /// The same, where nothing may answer.
    pub(crate) async fn try_open(&self, path: &str, token: &str) -> Option<Socket> {
        let issued = self.request(Method::POST, "/api/tickets", Some(token)).send().await.ok()?;
        let Ticket { ticket } = issued.error_for_status().ok()?.json().await.ok()?;
        Socket::try_open(&self.host, self.port, &self.ca, path, ticket).await
    }

    /// A WebSocket whose hello will carry this ticket.
    pub(crate) async fn open_by_ticket(&self, path: &str, ticket: &SocketTicket) -> Socket {
        Socket::open(&self.host, self.port, &self.ca, path, ticket.clone()).await
    }
}

async fn logged_in(app: &App, account: Account) -> String {
    let peer = Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: true };
    let caller = Caller { peer, agent: String::new() };
    log_in(app, account, &caller, RefreshBy::Body).await.ok().unwrap().body().access_token.clone()
}

fn http(ca: &[u8]) -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_certs_only([reqwest::Certificate::from_pem(ca).unwrap()])
}

impl Session {
    pub(crate) fn id(&self) -> SessionId {
        self.created.session.id
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/sessions/{}{rest}", self.id())
    }

    pub(crate) async fn director(&self) -> JoinResponse {
        let made = self.client.post(&self.path("/direct"), Some(&self.owner), &json!({})).await;
        read(made, StatusCode::CREATED).await
    }

    pub(crate) async fn camera(&self, name: &str) -> JoinResponse {
        self.join(&self.created.camera_code, name).await
    }

    pub(crate) async fn viewer(&self) -> JoinResponse {
        self.join(&self.created.viewer_code, "").await
    }

    pub(crate) async fn grant(&self, director: &JoinResponse) -> PublishGrant {
        let granted = self.client.post(&self.path("/publish"), Some(&director.token), &json!({})).await;
        read(granted, StatusCode::CREATED).await
    }

    pub(crate) async fn patch(&self, token: &str, patch: &SessionPatch) -> Response {
        self.client.request(Method::PATCH, &self.path(""), Some(token)).json(patch).send().await.unwrap()
    }

    pub(crate) async fn set(&self, state: SessionState) {
        let patch = SessionPatch { state: Some(state), ..SessionPatch::default() };
        read::<SessionCreated>(self.patch(&self.owner, &patch).await, StatusCode::OK).await;
    }

    async fn join(&self, code: &str, name: &str) -> JoinResponse {
        let joined = self.client.post("/api/join", None, &json!({ "code": code, "name": name })).await;
        read(joined, StatusCode::CREATED).await
    }
}

/// The body of an answer of this status.
pub(crate) async fn read<T: DeserializeOwned>(response: Response, status: StatusCode) -> T {
    let got = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Asserts a refusal in its one shape; its document.
pub(crate) async fn refused(response: Response, status: u16, code: &str) -> Problem {
    assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
    let problem: Problem = read(response, StatusCode::from_u16(status).unwrap()).await;
    assert_eq!((problem.status, problem.code.as_str()), (status, code));
    assert!(!problem.title.is_empty() && !problem.detail.is_empty());
    problem
}
