//! The port for Prometheus: nothing of it is on the public port.
//!
//! It refuses to be reached from another machine without a token. It speaks as the public port does: HTTPS, and
//! plain HTTP to this machine and its network.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::constant_time;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use rustls::ServerConfig;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use super::Metrics;
use super::exposition::CONTENT_TYPE;
use crate::api::problem::ApiProblem;
use crate::listen::{ConnectionLimits, Listener};
use crate::proxies::Proxies;

/// Prometheus asks by one or two.
const LIMITS: ConnectionLimits = ConnectionLimits { in_all: 16, per_address: 16 };
/// Shorter than this, a token is guessed.
const TOKEN_SHORTEST: usize = 16;

/// The port, open.
pub struct MetricsListener {
    listener: Listener,
    token: Option<SecretString>,
}

/// The port for Prometheus cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// Anybody could read it.
    #[error(
        "metrics on {0} can be read from other machines: set metrics_token_file to a file that holds a token of \
         16 characters or more, or metrics to an address of this machine alone (127.0.0.1:9464)"
    )]
    TokenMissing(SocketAddr),
    /// The file is not there, or not ours to read.
    #[error("cannot read metrics_token_file {}: {cause}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It would be guessed.
    #[error("the token in metrics_token_file {} is shorter than 16 characters; make one with: openssl rand -hex 24", .0.display())]
    TooShort(PathBuf),
    /// The port itself.
    #[error(transparent)]
    Port(#[from] io::Error),
}

impl MetricsListener {
    /// Opens the port; a token that is configured is asked for wherever the request comes from.
    ///
    /// # Errors
    /// When the port is taken, or could be read by anybody.
    pub async fn open(
        address: SocketAddr,
        token_file: Option<&Path>,
        tls: Arc<ServerConfig>,
    ) -> Result<Self, MetricsError> {
        let token = token_file.map(read_token).transpose()?;
        if token.is_none() && !address.ip().to_canonical().is_loopback() {
            return Err(MetricsError::TokenMissing(address));
        }
        Ok(Self { listener: Listener::open(address, tls, LIMITS, Proxies::default()).await?, token })
    }

    /// The port in use.
    ///
    /// # Errors
    /// As the system says it.
    pub fn port(&self) -> io::Result<u16> {
        self.listener.port()
    }

    /// Answers `GET /metrics` until told to stop.
    pub async fn serve(self, metrics: Metrics, stop: CancellationToken) {
        let door = Door { metrics, token: self.token.map(Arc::new) };
        let router = Router::new().route("/metrics", get(tell)).with_state(door);
        self.listener.serve(router, stop).await;
    }
}

#[derive(Clone)]
struct Door {
    metrics: Metrics,
    token: Option<Arc<SecretString>>,
}

async fn tell(State(door): State<Door>, request: Request) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION);
    match &door.token {
        Some(token) if !opens(token, shown) => refusal(),
        Some(_) | None => ([(header::CONTENT_TYPE, CONTENT_TYPE)], door.metrics.render()).into_response(),
    }
}

fn opens(token: &SecretString, shown: Option<&HeaderValue>) -> bool {
    let shown = shown.and_then(|shown| shown.as_bytes().strip_prefix(b"Bearer "));
    let right = token.expose_secret().as_bytes();
    shown.is_some_and(|shown| constant_time::verify_slices_are_equal(right, shown).is_ok())
}

fn refusal() -> Response {
    let detail = "Send the token of metrics_token_file as Authorization: Bearer; Prometheus: authorization.credentials_file.";
    let problem =
        ApiProblem::new(StatusCode::UNAUTHORIZED, "token_invalid", "The metrics need their token", detail);
    ([(header::WWW_AUTHENTICATE, "Bearer")], problem).into_response()
}

fn read_token(path: &Path) -> Result<SecretString, MetricsError> {
    let unreadable = |cause| MetricsError::Unreadable { path: path.to_owned(), cause };
    let token = std::fs::read_to_string(path).map_err(unreadable)?.trim().to_owned();
    if token.len() < TOKEN_SHORTEST {
        return Err(MetricsError::TooShort(path.to_owned()));
    }
    Ok(token.into())
}
