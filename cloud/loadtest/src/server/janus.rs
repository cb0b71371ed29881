//! Janus with its streaming plugin, from a configuration of its own, over its HTTP interface
//! (<https://janus.conf.meetecho.com/docs/rest.html>, <https://janus.conf.meetecho.com/docs/streaming.html>).

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Server, at, certificate, free_tcp_port, free_udp_port, own_address};
use crate::ledger::Ledger;
use crate::process::Process;
use crate::push::Publisher;
use crate::push::rtp::{AUDIO, Rtp, VIDEO};
use crate::stream::Stream;
use crate::viewer::{Viewer, Watching};

const PATIENCE: Duration = Duration::from_secs(10);

/// Janus with one mountpoint.
pub(crate) struct Janus {
    process: Process,
    _dir: TempDir,
    http: reqwest::Client,
    root: String,
    video: u16,
    audio: u16,
}

impl Janus {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let (video, audio, port) = (free_udp_port()?, free_udp_port()?, free_tcp_port()?);
        certificate(dir.path())?;
        let folder = dir.path().display();
        let file = |name: &str, text: String| std::fs::write(dir.path().join(name), text);
        // Only the one plugin and the one transport; sessions do not expire.
        file(
            "janus.jcfg",
            format!(
                r#"general: {{ configs_folder = "{folder}"; debug_level = 3; session_timeout = 0; }}
certificates: {{ cert_pem = "{folder}/cert.pem"; cert_key = "{folder}/key.pem"; }}
nat: {{ ignore_mdns = true; }}
media: {{ }}
plugins: {{ disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_videoroom.so,libjanus_voicemail.so"; }}
transports: {{ disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_websockets.so"; }}
"#
            ),
        )?;
        file(
            "janus.transport.http.jcfg",
            format!(
                "general: {{ json = \"compact\"; base_path = \"/janus\"; http = true; port = {port}; \
                 ip = \"127.0.0.1\"; https = false; }}\nadmin: {{ admin_http = false; }}\n"
            ),
        )?;
        file(
            "janus.plugin.streaming.jcfg",
            format!(
                "feed: {{ type = \"rtp\"; id = 1; audio = true; video = true; \
                 audioport = {audio}; audiopt = {AUDIO}; audiocodec = \"opus\"; \
                 videoport = {video}; videopt = {VIDEO}; videocodec = \"h264\"; \
                 videofmtp = \"profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1\"; }}\n"
            ),
        )?;
        let log = dir.path().join("log");
        let mut command = Command::new("janus");
        command.arg("--configs-folder").arg(dir.path()).arg("--disable-colors");
        let mut process = Process::start(&mut command, &log)?;
        let (http, root) = (reqwest::Client::new(), format!("http://127.0.0.1:{port}/janus"));
        let end = Instant::now() + PATIENCE;
        while http.get(format!("{root}/info")).send().await.is_err() {
            if !process.is_alive() || Instant::now() > end {
                bail!("Janus did not start: {}", std::fs::read_to_string(&log)?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { process, _dir: dir, http, root, video, audio })
    }

    async fn say(&self, to: &str, what: Value) -> anyhow::Result<Value> {
        let said = self.http.post(to).json(&what).send().await?.json::<Value>().await?;
        match said.get("janus").and_then(Value::as_str) {
            Some("success" | "ack") => Ok(said),
            _ => bail!("Janus said {said} to {what}"),
        }
    }

    async fn create(&self, at: &str, what: Value) -> anyhow::Result<String> {
        let made = self.say(at, what).await?;
        let id = made.pointer("/data/id").and_then(Value::as_u64).context("Janus named no id")?;
        Ok(format!("{at}/{id}"))
    }

    /// The next event that carries a description.
    async fn description(&self, session: &str) -> anyhow::Result<String> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let asked = self.http.get(session).timeout(PATIENCE).send().await?;
            let event: Value = asked.json().await?;
            if let Some(sdp) = event.pointer("/jsep/sdp").and_then(Value::as_str) {
                return Ok(sdp.to_owned());
            }
        }
        bail!("Janus made no offer")
    }
}

impl Server for Janus {
    fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    async fn publish(&mut self, stream: &Arc<Stream>, ledger: &Arc<Ledger>) -> anyhow::Result<Publisher> {
        let way = Rtp::new(at(self.video), at(self.audio))?;
        Ok(Publisher::start(way, Arc::clone(stream), Arc::clone(ledger)))
    }

    async fn join(&mut self, ledger: &Arc<Ledger>) -> anyhow::Result<Watching> {
        let session = self.create(&self.root, json!({ "janus": "create", "transaction": "s" })).await?;
        let attach = json!({ "janus": "attach", "plugin": "janus.plugin.streaming", "transaction": "a" });
        let handle = self.create(&session, attach).await?;
        let watch = json!({ "request": "watch", "id": 1 });
        self.say(&handle, json!({ "janus": "message", "body": watch, "transaction": "w" })).await?;
        let offer = self.description(&session).await?;
        let (answer, watching) = Viewer::new(own_address()?, ledger)?.answer(&offer)?;
        let start = json!({
            "janus": "message",
            "body": { "request": "start" },
            "jsep": { "type": "answer", "sdp": answer },
            "transaction": "b",
        });
        self.say(&handle, start).await?;
        Ok(watching)
    }
}
