//! Looks for NDI sources, and says so where there is nothing to look with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ndi_sdk_sys::{FindOptions, Finder, Runtime};

use crate::view::Found;

/// How long a look waits for news; ending one takes as long.
const LOOK: Duration = Duration::from_millis(500);

/// A search that runs until it is dropped.
#[derive(Debug)]
pub(super) struct Search(Arc<AtomicBool>);

impl Search {
    /// Begins; `on` hears what is there, at the start and at each change.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(on: impl Fn(Found) + Send + 'static) -> std::io::Result<Self> {
        let looking = Arc::new(AtomicBool::new(true));
        let still = Arc::clone(&looking);
        std::thread::Builder::new().name("ndi-find".into()).spawn(move || look(&still, on))?;
        Ok(Self(looking))
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn look(still: &AtomicBool, on: impl Fn(Found)) {
    let runtime = match Runtime::load() {
        Ok(runtime) => runtime,
        Err(error) => return on(Found::NoRuntime { reason: error.to_string() }),
    };
    let mut finder = match Finder::new(&runtime, &FindOptions::default()) {
        Ok(finder) => finder,
        Err(error) => return on(Found::NoRuntime { reason: error.to_string() }),
    };
    let mut known = None;
    while still.load(Ordering::Relaxed) {
        let names: Vec<String> = finder.sources().into_iter().map(|source| source.name).collect();
        if known.as_ref() != Some(&names) {
            known = Some(names.clone());
            on(Found::Sources { names, version: runtime.version() });
        }
        finder.wait(LOOK);
    }
}
