//! `returnfeed-cloud`, as it is run: over HTTPS, each viewer with a token of its own.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail, ensure};
use returnfeed_protocol::{Epoch, PublishGrant, SocketTicket};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{LOOPBACK, Server, at};
use crate::ledger::Ledger;
use crate::process::Process;
use crate::push::Publisher;
use crate::push::srt::Srt;
use crate::stream::Stream;
use crate::viewer::{Viewer, Watching};

const PATIENCE: Duration = Duration::from_secs(20);
const OWNER: &str = "load@localhost.localdomain";

/// Our server, with one session on air.
pub(crate) struct Ours {
    process: Process,
    dir: TempDir,
    program: PathBuf,
    ready: Ready,
    http: reqwest::Client,
    session: String,
    code: String,
    made: Value,
}

/// Where a session's director and operators connect, by plain HTTP.
pub(crate) struct Floor {
    http: reqwest::Client,
    pub(crate) address: SocketAddr,
    session: String,
    code: String,
    /// The director's token.
    pub(crate) director: String,
}

#[derive(Deserialize)]
struct Ready {
    https_port: u16,
    srt_port: u16,
    cert_path: PathBuf,
}

/// A viewer's page: loaded, with its token, and its connection to the server open.
pub(crate) struct Page {
    http: reqwest::Client,
    token: String,
    whep: String,
}

impl Ours {
    /// Starts it for so many viewers, on so many shards (as many as it likes where none are named).
    pub(crate) async fn start(program: &Path, viewers: usize, shards: Option<usize>) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let ready = dir.path().join("ready.json");
        let mut command = clean(program);
        command.args(["serve", "--listen", "127.0.0.1", "--https-port", "0", "--srt-port", "0"]);
        command.args(["--webrtc-port", "0", "--metrics", "127.0.0.1:0", "--log", "warn"]);
        command.args(["--max-viewers", &viewers.to_string()]);
        if let Some(shards) = shards {
            command.args(["--webrtc-shards", &shards.to_string()]);
        }
        command.arg("--data-dir").arg(dir.path().join("data")).arg("--ready-file").arg(&ready);
        let log = dir.path().join("log");
        let mut process = Process::start(&mut command, &log)?;
        let end = Instant::now() + PATIENCE;
        while !ready.exists() {
            if !process.is_alive() || Instant::now() > end {
                bail!("the server did not start: {}", std::fs::read_to_string(&log)?);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let ready: Ready = serde_json::from_slice(&std::fs::read(&ready)?)?;
        let http = ready.client()?;
        let mut ours = Self {
            process,
            dir,
            program: program.to_owned(),
            ready,
            http,
            session: String::new(),
            code: String::new(),
            made: Value::Null,
        };
        let account = ["account", "create", "--email", OWNER, "--name", "Load", "--password-stdin"];
        ours.command(&account, "a password of nobody\n")?;
        let create = [
            "session",
            "create",
            "--name",
            "Load",
            "--owner",
            OWNER,
            "--public-layer",
            "high",
            "--live",
            "--json",
        ];
        let made: Value = serde_json::from_slice(&ours.command(&create, "")?)?;
        ours.session = text(&made, "/session/id")?;
        ours.code = text(&made, "/viewer_code")?;
        ours.made = made;
        Ok(ours)
    }

    /// The session's director and operators.
    pub(crate) fn floor(&self) -> anyhow::Result<Floor> {
        Ok(Floor {
            http: reqwest::Client::new(),
            address: at(self.ready.https_port),
            session: self.session.clone(),
            code: text(&self.made, "/camera_code")?,
            director: text(&self.made, "/director/token")?,
        })
    }

    fn command(&self, words: &[&str], input: &str) -> anyhow::Result<Vec<u8>> {
        let mut command = clean(&self.program);
        command.args(words).arg("--data-dir").arg(self.dir.path().join("data"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        // Closed by being dropped here.
        child.stdin.take().context("no standard input")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(output.stdout)
    }

    /// Loads a page, as a browser has before anybody presses play; its connection is its own.
    pub(crate) async fn page(&self) -> anyhow::Result<Page> {
        self.page_over(self.ready.client()?).await
    }

    async fn page_over(&self, http: reqwest::Client) -> anyhow::Result<Page> {
        let origin = format!("https://localhost:{}", self.ready.https_port);
        let joined =
            http.post(format!("{origin}/api/join")).json(&json!({ "code": self.code })).send().await?;
        let joined: Value = joined.error_for_status()?.json().await?;
        let whep = format!("{origin}/whep/{}", self.session);
        Ok(Page { http, token: text(&joined, "/token")?, whep })
    }
}

impl Ready {
    fn client(&self) -> anyhow::Result<reqwest::Client> {
        let ca = reqwest::Certificate::from_pem(&std::fs::read(&self.cert_path)?)?;
        Ok(reqwest::Client::builder().tls_certs_only([ca]).build()?)
    }
}

impl Floor {
    /// A new operator's token.
    pub(crate) async fn join(&self) -> anyhow::Result<String> {
        text(&self.post("/api/join", None, &json!({ "code": self.code })).await?, "/token")
    }

    /// What opens one socket.
    pub(crate) async fn ticket(&self, token: &str) -> anyhow::Result<SocketTicket> {
        Ok(SocketTicket::new(text(&self.post("/api/tickets", Some(token), &json!({})).await?, "/ticket")?))
    }

    /// The right to direct.
    pub(crate) async fn grant(&self) -> anyhow::Result<Epoch> {
        let path = format!("/api/sessions/{}/publish", self.session);
        let granted: PublishGrant =
            serde_json::from_value(self.post(&path, Some(&self.director), &json!({})).await?)?;
        Ok(granted.epoch)
    }

    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> anyhow::Result<Value> {
        let request = self.http.post(format!("http://{}{path}", self.address)).json(body);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await?;
        let (status, body) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "{path}: the server said {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    }
}

impl Page {
    /// Joins; when the POST was sent, and the viewer.
    pub(crate) async fn watch(self, ledger: &Arc<Ledger>) -> anyhow::Result<(SystemTime, Watching)> {
        let mut viewer = Viewer::new(LOOPBACK, ledger)?;
        let (offer, pending) = viewer.offer()?;
        let post = self.http.post(self.whep).bearer_auth(self.token);
        let post = post.header("content-type", "application/sdp").body(offer);
        let posted = SystemTime::now();
        let response = post.send().await?;
        let (status, answer) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "the server said {status}: {answer}");
        Ok((posted, viewer.start(pending, &answer)?))
    }
}

impl Server for Ours {
    fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    async fn publish(&mut self, stream: &Arc<Stream>, ledger: &Arc<Ledger>) -> anyhow::Result<Publisher> {
        let words = ["session", "push-address", "--session", &self.session, "--json"];
        let granted: Value = serde_json::from_slice(&self.command(&words, "")?)?;
        let (id, passphrase) = (text(&granted, "/srt/stream_id_high")?, text(&granted, "/srt/passphrase")?);
        let way = Srt::new(at(self.ready.srt_port), &id, &passphrase)?;
        Ok(Publisher::start(way, Arc::clone(stream), Arc::clone(ledger)))
    }

    async fn join(&mut self, ledger: &Arc<Ledger>) -> anyhow::Result<Watching> {
        Ok(self.page_over(self.http.clone()).await?.watch(ledger).await?.1)
    }
}

/// A command without the settings of whoever runs this.
fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RETURNFEED_") {
            command.env_remove(name);
        }
    }
    command
}

fn text(of: &Value, at: &str) -> anyhow::Result<String> {
    Ok(of.pointer(at).and_then(Value::as_str).with_context(|| format!("{at} is missing in {of}"))?.to_owned())
}
