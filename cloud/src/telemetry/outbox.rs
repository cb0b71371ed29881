//! What waits to be sent to a collector, and whoever sends it.
//!
//! It refuses to make the server wait: what does not fit is dropped and counted, and a collector that does not answer loses
//! what it was sent. Invariant: at most so many records wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::Level;

use super::record::{Record, Sink};
use super::sentry::{Allowance, Dsn, envelope};
use super::{TelemetryError, otlp};
use crate::random;

/// Some seconds of a busy server.
const WAITING: usize = 4096;
const AT_ONCE: usize = 512;
/// Records that come shortly after one another go together.
const COMPANY: Duration = Duration::from_millis(500);
const ANSWER: Duration = Duration::from_secs(5);
const FAREWELL: Duration = Duration::from_secs(3);

/// Where records go.
#[derive(Debug, Clone)]
pub(super) enum To {
    /// A collector: `http://127.0.0.1:4318`.
    Collector { endpoint: String },
    /// Errors alone.
    Errors(Dsn),
}

/// A sender that runs.
#[derive(Debug)]
pub(super) struct Sender {
    stop: mpsc::Sender<Record>,
    task: JoinHandle<()>,
}

/// Begins to send; what is recorded goes into the sink.
pub(super) fn start(to: To) -> Result<(Sink, Sender), TelemetryError> {
    let client = client()?;
    let (put, take) = mpsc::channel(WAITING);
    let dropped = Arc::new(AtomicU64::new(0));
    let task = tokio::spawn(send_all(client, to.clone(), take, Arc::clone(&dropped)));
    let weak = put.downgrade();
    let sink: Sink = Arc::new(move |record| {
        let wanted = match (&to, &record) {
            (To::Collector { .. }, _) => true,
            (To::Errors(_), Record::Event(event)) => event.level == Level::ERROR,
            (To::Errors(_), Record::Span(_)) => false,
        };
        if wanted && weak.upgrade().is_none_or(|put| put.try_send(record).is_err()) {
            dropped.fetch_add(1, Ordering::Relaxed);
        }
    });
    Ok((sink, Sender { stop: put, task }))
}

impl Sender {
    /// Sends what waits, for a while, and ends.
    pub(super) async fn finish(self) {
        drop(self.stop);
        let abort = self.task.abort_handle();
        if timeout(FAREWELL, self.task).await.is_err() {
            abort.abort();
        }
    }
}

async fn send_all(
    client: reqwest::Client,
    to: To,
    mut take: mpsc::Receiver<Record>,
    dropped: Arc<AtomicU64>,
) {
    let mut allowance = Allowance::new(Instant::now());
    let mut batch = Vec::with_capacity(AT_ONCE);
    while take.recv_many(&mut batch, AT_ONCE).await > 0 {
        while batch.len() < AT_ONCE {
            let room = AT_ONCE - batch.len();
            match timeout(COMPANY, take.recv_many(&mut batch, room)).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => break,
            }
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "records of the log did not fit into what waits for the collector");
        }
        for request in requests(&client, &to, &batch, &mut allowance) {
            if let Err(why) = sent(request).await {
                tracing::warn!("a collector of the log does not take it, and it is lost there: {why}");
            }
        }
        batch.clear();
    }
}

fn requests(
    client: &reqwest::Client,
    to: &To,
    batch: &[Record],
    allowance: &mut Allowance,
) -> Vec<reqwest::RequestBuilder> {
    match to {
        To::Collector { endpoint } => {
            let each = |(path, body)| client.post(format!("{endpoint}{path}")).json(&body);
            otlp::bodies(batch).into_iter().map(each).collect()
        }
        To::Errors(dsn) => {
            let errors = batch.iter().filter_map(|record| match record {
                Record::Event(event) => Some(event),
                Record::Span(_) => None,
            });
            let errors = errors.filter(|_| allowance.take(Instant::now()));
            let each = |event| {
                let request = client.post(dsn.endpoint()).header("x-sentry-auth", dsn.authorization());
                let request = request.header("content-type", "application/x-sentry-envelope");
                request.body(envelope(event, &random::bytes()))
            };
            errors.map(each).collect()
        }
    }
}

async fn sent(request: reqwest::RequestBuilder) -> Result<(), String> {
    let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("it answers {}", answer.status())) }
}

fn client() -> Result<reqwest::Client, TelemetryError> {
    let cannot = |error: &dyn std::fmt::Display| TelemetryError::Client(error.to_string());
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| cannot(&error))?
        .with_no_client_auth();
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).timeout(ANSWER);
    builder.redirect(reqwest::redirect::Policy::none()).build().map_err(|error| cannot(&error))
}
