//! GStreamer's `webrtcbin`: one process, RTP in, a tee, a `webrtcbin` for each viewer (`webrtcbin.py`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Command};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Server, at, certificate, free_udp_port, own_address};
use crate::ledger::Ledger;
use crate::process::Process;
use crate::push::Publisher;
use crate::push::rtp::{AUDIO, AUDIO_SSRC, Rtp, VIDEO, VIDEO_SSRC};
use crate::stream::Stream;
use crate::viewer::{Fingerprint, Viewer, Watching};

const PROGRAM: &str = include_str!("webrtcbin.py");
/// Debian's own, which its bindings of GStreamer belong to.
const PYTHON: &str = "/usr/bin/python3";
const PATIENCE: Duration = Duration::from_secs(10);

/// The pipeline, talked to by a JSON object a line.
pub(crate) struct Webrtcbin {
    process: Process,
    dir: TempDir,
    words: Option<(ChildStdin, BufReader<ChildStdout>)>,
    video: u16,
    audio: u16,
    next: u32,
}

impl Webrtcbin {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let (video, audio) = (free_udp_port()?, free_udp_port()?);
        std::fs::write(dir.path().join("identity.pem"), certificate(dir.path())?)?;
        std::fs::write(dir.path().join("program.py"), PROGRAM)?;
        let mut command = Command::new(PYTHON);
        command.arg(dir.path().join("program.py")).arg(dir.path().join("identity.pem"));
        let ports = [video, audio, u16::from(VIDEO), u16::from(AUDIO)].map(u32::from);
        command.args(ports.into_iter().chain([VIDEO_SSRC, AUDIO_SSRC]).map(|number| number.to_string()));
        let mut process = Process::start_talking(&mut command, &dir.path().join("log"))?;
        let child = process.child();
        let words = child.stdin.take().zip(child.stdout.take());
        let (input, output) = words.context("the pipeline has no pipes")?;
        let words = Some((input, BufReader::new(output)));
        Ok(Self { process, dir, words, video, audio, next: 0 })
    }

    /// Says a word and waits for the answer, off this thread: viewers go on meanwhile.
    async fn say(&mut self, word: Value) -> anyhow::Result<Value> {
        let (mut input, mut output) = self.words.take().context("the pipeline ended or hangs")?;
        let asked = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            writeln!(input, "{word}").and_then(|()| output.read_line(&mut line))?;
            anyhow::Ok((input, output, serde_json::from_str::<Value>(&line)?))
        });
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(answered) => match answered? {
                Ok((input, output, answer)) => {
                    self.words = Some((input, output));
                    Ok(answer)
                }
                Err(error) => {
                    let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                    bail!("the pipeline ended: {error} {log}")
                }
            },
            Err(_) => bail!("the pipeline did not answer within {} s", PATIENCE.as_secs()),
        }
    }
}

impl Server for Webrtcbin {
    fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    async fn publish(&mut self, stream: &Arc<Stream>, ledger: &Arc<Ledger>) -> anyhow::Result<Publisher> {
        let way = Rtp::new(at(self.video), at(self.audio))?;
        Ok(Publisher::start(way, Arc::clone(stream), Arc::clone(ledger)))
    }

    async fn join(&mut self, ledger: &Arc<Ledger>) -> anyhow::Result<Watching> {
        self.next += 1;
        let id = self.next;
        let offered = self.say(json!({ "join": id })).await?;
        let offer = offered.get("offer").and_then(Value::as_str).context("the pipeline made no offer")?;
        // It names the certificate that it made before it was given ours.
        let (answer, watching) =
            Viewer::with(own_address()?, ledger, Fingerprint::Unchecked)?.answer(offer)?;
        self.say(json!({ "answer": id, "sdp": answer })).await?;
        Ok(watching)
    }
}
