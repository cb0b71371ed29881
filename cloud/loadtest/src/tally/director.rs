//! The director: says a cut, and hears of each page that shows it.

use std::collections::HashSet;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail, ensure};
use futures_util::StreamExt as _;
use returnfeed_protocol::{
    CameraLamp, CameraNumber, CloudToDirector, DirectorToCloud, Epoch, PROTOCOL_VERSION, Tally, TallyReason,
    TallySequence, TallyState,
};
use tokio::time::timeout_at;
use tokio_tungstenite::tungstenite::Message;

use super::CAMERAS;
use super::operator::{Socket, open, say};
use crate::server::ours::Floor;

/// How long one cut's last answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A director's uplink.
pub(super) struct Director {
    socket: Socket,
    epoch: Epoch,
    seq: u64,
    began: Instant,
}

impl Director {
    /// Takes the session.
    pub(super) async fn connect(floor: &Floor) -> anyhow::Result<Self> {
        let epoch = floor.grant().await?;
        let (mut socket, ticket) = open(floor, "/ws/director", &floor.director).await?;
        let software = "returnfeed-load".to_owned();
        let (protocol, ticket) = (PROTOCOL_VERSION, Some(ticket));
        say(&mut socket, &DirectorToCloud::Hello { protocol, ticket, software, epoch }).await?;
        let mut director = Self { socket, epoch, seq: 0, began: Instant::now() };
        match director.hear(Instant::now() + PATIENCE).await? {
            CloudToDirector::Welcome { .. } => Ok(director),
            other => bail!("not welcomed: {other:?}"),
        }
    }

    /// Cuts to the next camera, and gives how long each of the pages took to say that it shows the word.
    pub(super) async fn cut(&mut self, pages: usize) -> anyhow::Result<Vec<Duration>> {
        self.seq += 1;
        let word = self.word()?;
        let begun = Instant::now();
        say(&mut self.socket, &word).await?;
        let (mut heard, mut took) = (HashSet::with_capacity(pages), Vec::with_capacity(pages));
        while heard.len() < pages {
            let message = self.hear(begun + PATIENCE).await;
            match message.with_context(|| format!("{} of {pages} pages showed the cut", heard.len()))? {
                CloudToDirector::Shown { shown } => {
                    let at = begun.elapsed();
                    let new = shown.iter().filter(|one| one.seq.0 >= self.seq && heard.insert(one.page));
                    took.extend(new.map(|_| at));
                }
                CloudToDirector::ClockRequest { n, .. } => {
                    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
                    let unix_us = u64::try_from(unix.as_micros())?;
                    let clock = DirectorToCloud::Clock { n, unix_us, run_us: Some(self.run_us()) };
                    say(&mut self.socket, &clock).await?;
                }
                CloudToDirector::Bye { problem } => bail!("dismissed: {}", problem.detail),
                _ => {}
            }
        }
        Ok(took)
    }

    fn word(&self) -> anyhow::Result<DirectorToCloud> {
        let on_air = self.seq % u64::from(CAMERAS) + 1;
        let next = (self.seq + 1) % u64::from(CAMERAS) + 1;
        let lamp = |number: u16| {
            let (switcher, input) = ("vMix".to_owned(), format!("Camera {number}"));
            let (tally, reason) = match u64::from(number) {
                n if n == on_air => (Tally::Program, TallyReason::OnProgramme { switcher, input }),
                n if n == next => (Tally::Preview, TallyReason::OnPreview { switcher, input }),
                _ => (Tally::Idle, TallyReason::NotInUse),
            };
            let camera = CameraNumber::try_from(number)?;
            anyhow::Ok(CameraLamp { camera, name: format!("Camera {number}"), tally, reason })
        };
        let cameras = (1..=CAMERAS).map(lamp).collect::<Result<_, _>>()?;
        let state = TallyState { epoch: self.epoch, seq: TallySequence(self.seq), cameras };
        Ok(DirectorToCloud::Tally { state, run_us: Some(self.run_us()) })
    }

    fn run_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    async fn hear(&mut self, until: Instant) -> anyhow::Result<CloudToDirector> {
        loop {
            let frame = timeout_at(until.into(), self.socket.next()).await.context("nothing more came")?;
            match frame.context("the server closed the uplink")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                other => ensure!(!other.is_close(), "the server closed the uplink"),
            }
        }
    }
}
