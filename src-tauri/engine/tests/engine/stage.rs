//! A running engine, what its screen was told, and how to wait for that.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use returnfeed_engine::controller::{Command, TallyConfig};
use returnfeed_engine::encode::EncoderSlot;
use returnfeed_engine::engine::{Destination, Engine, EngineConfig};
use returnfeed_engine::figures::Figures;
use returnfeed_engine::gui::{Gui, Notice, SourceState};
use returnfeed_engine::multiview::Multiview;
use returnfeed_engine::push::PushTarget;
use returnfeed_engine::sources::{Marks, SourceNumber};
use returnfeed_protocol::Layer;
use tokio::runtime::Runtime;

use crate::server::{PASSPHRASE, Server};

/// How long a test waits for what must come: many times what a busy machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

type Notices = Arc<(Mutex<Vec<(Instant, Notice)>>, Condvar)>;

#[derive(Clone, Default)]
struct Screen(Notices);

impl Gui for Screen {
    fn show(&mut self, notice: Notice) {
        self.0.0.lock().unwrap().push((Instant::now(), notice));
        self.0.1.notify_all();
    }
}

/// An engine that pushes to a test's server.
pub(crate) struct Stage {
    engine: Option<Engine>,
    screen: Screen,
    runtime: Runtime,
}

impl Stage {
    /// Both layers go to `server`, as streams `high` and `low`.
    pub(crate) fn start(sources: &[&str], server: &Server) -> Self {
        Self::to(sources, server.address, PASSPHRASE)
    }

    pub(crate) fn to(sources: &[&str], address: SocketAddr, passphrase: &str) -> Self {
        Self::of(sources, address, passphrase, &Layer::ALL)
    }

    pub(crate) fn of(sources: &[&str], address: SocketAddr, passphrase: &str, layers: &[Layer]) -> Self {
        let target = |layer: Layer| PushTarget {
            host: address.ip().to_string(),
            port: address.port(),
            stream_id: layer.to_string(),
            passphrase: passphrase.into(),
            latency: Duration::from_millis(20),
        };
        let config = EngineConfig {
            logs: None,
            show: "Test".to_owned(),
            beside: None,
            recordings: None,
            names: Vec::new(),
            sources: sources.iter().map(|text| text.parse().unwrap()).collect(),
            marks: Marks { stamp: true, flash: false },
            inputs: Vec::new(),
            outputs: Vec::new(),
            lan: None,
            tally: TallyConfig::default(),
            destination: Destination::Srt(layers.iter().map(|layer| (*layer, target(*layer))).collect()),
            monitor: false,
        };
        let screen = Screen::default();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let engine = runtime.block_on(Engine::start(config, screen.clone())).unwrap();
        Self { engine: Some(engine), screen, runtime }
    }

    pub(crate) fn command(&self, command: Command) {
        self.engine.as_ref().unwrap().command(command);
    }

    pub(crate) fn multiview(&self) -> Multiview {
        self.engine.as_ref().unwrap().multiview()
    }

    pub(crate) fn encoder(&self) -> EncoderSlot {
        self.engine.as_ref().unwrap().encoder()
    }

    pub(crate) fn figures(&self) -> Figures {
        self.engine.as_ref().unwrap().figures()
    }

    /// Waits for a notice, and says when it was shown.
    pub(crate) fn wait<T>(&self, what: &str, mut found: impl FnMut(&Notice) -> Option<T>) -> (Instant, T) {
        self.wait_since(what, 0, &mut found)
    }

    /// Waits for a notice among those after the first `seen`.
    pub(crate) fn wait_since<T>(
        &self,
        what: &str,
        seen: usize,
        found: &mut impl FnMut(&Notice) -> Option<T>,
    ) -> (Instant, T) {
        let deadline = Instant::now() + PATIENCE;
        let mut notices = self.screen.0.0.lock().unwrap();
        loop {
            let hit = notices.iter().skip(seen).find_map(|(at, notice)| Some((*at, found(notice)?)));
            if let Some(hit) = hit {
                return hit;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the screen never showed {what}; it showed {notices:#?}");
            notices = self.screen.0.1.wait_timeout(notices, left).unwrap().0;
        }
    }

    /// How many notices there were.
    pub(crate) fn seen(&self) -> usize {
        self.screen.0.0.lock().unwrap().len()
    }

    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.screen.0.0.lock().unwrap().iter().map(|(_, notice)| notice.clone()).collect()
    }

    /// Waits until a source is in a state, among the notices after the first `seen`.
    pub(crate) fn wait_source(&self, number: u16, seen: usize, is: fn(&SourceState) -> bool) -> SourceState {
        let mut found = |notice: &Notice| match notice {
            Notice::Source { source, state, .. } if source.get() == number && is(state) => {
                Some(state.clone())
            }
            _ => None,
        };
        self.wait_since("a source's state", seen, &mut found).1
    }

    pub(crate) fn stop(mut self) {
        let engine = self.engine.take().unwrap();
        self.runtime.block_on(engine.stop());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.take() {
            self.runtime.block_on(engine.stop());
        }
    }
}

pub(crate) fn source(number: u16) -> SourceNumber {
    SourceNumber::new(number).unwrap()
}

/// The real film, or how to get it.
pub(crate) fn film() -> PathBuf {
    let path = std::env::var_os("RETURNFEED_TEST_VIDEO").map(PathBuf::from).filter(|path| path.exists());
    path.expect("set RETURNFEED_TEST_VIDEO=$(tests/tools/test-video.sh), which fetches the film once")
}
