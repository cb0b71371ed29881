//! A wall clock of their own for the server and the director of a sheet (libfaketime), which the sheet sets. Their
//! monotonic clocks stay the machine's, as they do where somebody sets a clock.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

#[derive(Clone)]
pub(super) struct WallClock {
    dir: Arc<TempDir>,
    library: PathBuf,
}

impl WallClock {
    /// Says what the machine's says.
    pub(super) fn right() -> Self {
        let library = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
            .map(|machine| Path::new("/usr/lib").join(machine).join("faketime/libfaketimeMT.so.1"));
        let library = library.into_iter().find(|library| library.exists());
        let library = library.expect("libfaketime (package libfaketime) sets the clock of a server");
        let clock = Self { dir: Arc::new(tempfile::tempdir().unwrap()), library };
        clock.set("+0");
        clock
    }

    /// So many seconds beside the machine's, from now on.
    pub(super) fn set(&self, beside: &str) {
        // Never half a file: it is read at each look at the clock.
        let new = self.dir.path().join("new");
        std::fs::write(&new, beside).unwrap();
        std::fs::rename(new, self.file()).unwrap();
    }

    /// What is started by this command looks at it.
    pub(super) fn rule(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", self.file())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("clock")
    }
}
