//! The multiview: preview, programme and up to eight sources in one picture, as JPEG, for whoever asks.
//!
//! Refuses to draw names, borders or lamps: those lie over it where it is shown. Invariant: it costs nothing while nobody
//! looks, and what is shown is never older than [`PERIOD`] and the time of one encoding.

mod jpeg;
mod mosaic;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;

pub use mosaic::{Layout, MOST, Shows, Tile};

use crate::monitor::Screen;
use crate::switch::{Mixer, Views};
use jpeg::Jpeg;
use mosaic::Canvas;

/// 30 pictures a second, and one for each cut, which does not wait for its turn.
const PERIOD: Duration = Duration::from_nanos(33_333_333);
/// Whoever has not asked for so long does not look any more.
const LOOKS: Duration = Duration::from_secs(1);

/// A picture of the multiview.
#[derive(Debug, Clone)]
pub struct Shot {
    /// Counts from 1.
    pub number: u64,
    /// The picture.
    pub jpeg: Bytes,
    /// Where everything stands in it.
    pub layout: Arc<Layout>,
}

/// Asks for the multiview; cheap to clone. After the engine's end there is nothing more to see.
#[derive(Clone)]
pub struct Multiview {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    asked: Option<Instant>,
    newest: Option<Shot>,
    trouble: Option<String>,
    /// The programme shows something else: that is not waited for.
    at_once: bool,
    ended: bool,
}

impl Multiview {
    /// The newest picture; `None` where nobody asked for a second: ask again.
    pub fn newest(&self) -> Option<Shot> {
        let mut state = self.shared.lock();
        let looked = state.ask();
        self.shared.changed.notify_all();
        state.newest.as_ref().filter(|_| looked).cloned()
    }

    /// The first picture after number `seen`, waited for at most so long. Blocks its thread.
    pub fn after(&self, seen: u64, wait: Duration) -> Option<Shot> {
        let deadline = Instant::now() + wait;
        let mut state = self.shared.lock();
        // What was painted for somebody who left is old.
        if !state.ask() {
            state.newest = None;
        }
        self.shared.changed.notify_all();
        loop {
            if let Some(shot) = state.newest.as_ref().filter(|shot| shot.number > seen) {
                return Some(shot.clone());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended {
                return None;
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Why there is no picture, and what to do.
    pub fn trouble(&self) -> Option<String> {
        self.shared.lock().trouble.clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Somebody looks; whether somebody did all the time.
    fn ask(&mut self) -> bool {
        let now = Instant::now();
        self.asked.replace(now).is_some_and(|asked| now.saturating_duration_since(asked) < LOOKS)
    }

    fn is_looked_at(&self) -> bool {
        self.asked.is_some_and(|asked| asked.elapsed() < LOOKS)
    }
}

/// Paints while somebody looks, until dropped.
pub(crate) struct Painter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Painter {
    /// Starts the thread, which sleeps until somebody looks.
    pub(crate) fn start(mixer: Arc<Mixer>, sources: usize, screen: Screen) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let layouts = [false, true].map(|monitor| Arc::new(Layout::of(sources, monitor)));
        let told = Arc::clone(&shared);
        mixer.on_shot(Box::new(move || {
            told.lock().at_once = true;
            told.changed.notify_all();
        }));
        let work = Work { shared: Arc::clone(&shared), layouts, mixer, screen };
        let thread = std::thread::Builder::new().name("multiview".into()).spawn(move || work.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// What asks for it.
    pub(crate) fn multiview(&self) -> Multiview {
        Multiview { shared: Arc::clone(&self.shared) }
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the multiview panicked");
        }
    }
}

struct Work {
    shared: Arc<Shared>,
    /// Without the monitor, and with it.
    layouts: [Arc<Layout>; 2],
    mixer: Arc<Mixer>,
    screen: Screen,
}

impl Work {
    fn run(self) {
        let mut encoder = None;
        let mut number = 0;
        let mut due = Instant::now();
        while self.wait(due) {
            due = (due + PERIOD).max(Instant::now());
            let shot = self.paint(&mut encoder);
            let mut state = self.shared.lock();
            match shot {
                Ok((jpeg, layout)) => {
                    number += 1;
                    state.newest = Some(Shot { number, jpeg, layout });
                    state.trouble = None;
                }
                Err(trouble) => {
                    encoder = None;
                    state.trouble = Some(trouble);
                }
            }
            self.shared.changed.notify_all();
        }
    }

    /// Waits until somebody looks and the next picture is due, or shows a cut; false: it is over.
    fn wait(&self, due: Instant) -> bool {
        let mut state = self.shared.lock();
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if state.ended {
                return false;
            }
            state = match (state.is_looked_at(), left.is_zero() || state.at_once) {
                (true, true) => {
                    state.at_once = false;
                    return true;
                }
                (true, false) => {
                    self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
                (false, _) => self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn paint(&self, encoder: &mut Option<(Jpeg, usize)>) -> Result<(Bytes, Arc<Layout>), String> {
        let monitor = self.screen.newest();
        let [without, with] = &self.layouts;
        let layout = if monitor.is_some() { with } else { without };
        let Layout { width, height, tiles } = &**layout;
        let Views { programme, preview, sources } = self.mixer.views(MOST);
        let mut canvas = Canvas::new(*width, *height);
        for tile in tiles {
            let picture = match tile.shows {
                Shows::Programme => programme.as_ref(),
                Shows::Preview => preview.as_ref(),
                Shows::Source(source) => sources.get(source.index()),
                Shows::Monitor => monitor.as_ref(),
            };
            if let Some(map) = picture.and_then(|picture| picture.map_readable().ok()) {
                canvas.put(&map, tile);
            }
        }
        let (encoder, _) = match encoder.take_if(|(_, of)| of == height) {
            Some(same) => encoder.insert(same),
            None => encoder.insert((Jpeg::start(*width, *height)?, *height)),
        };
        Ok((encoder.encode(canvas.into_bytes())?, Arc::clone(layout)))
    }
}
