//! Keeps the machine from falling asleep while the programme is on air.
//!
//! Refuses to hold anything itself: a program of the system does, for as long as its input is open, so that a run that is
//! killed lets go by dying. Invariant: a machine without that program goes on air all the same.

use std::process::{Child, Command, Stdio};

#[cfg(target_os = "linux")]
const HOLDER: &[&str] = &[
    "systemd-inhibit",
    "--what=idle:sleep:handle-lid-switch",
    "--who=ReturnFeed",
    "--why=The programme is on air",
    "--mode=block",
    "cat",
];
#[cfg(target_os = "macos")]
const HOLDER: &[&str] = &["caffeinate", "-dims", "cat"];
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
const HOLDER: &[&str] = &[];

/// Whether sleep is held off.
#[derive(Debug, Default)]
pub(super) struct Awake(Option<Child>);

impl Awake {
    /// The programme is on air, or no longer.
    pub(super) fn be(&mut self, awake: bool) {
        match (awake, self.0.is_some()) {
            (true, false) => self.0 = hold(),
            (false, true) => self.let_go(),
            (true, true) | (false, false) => {}
        }
    }

    fn let_go(&mut self) {
        if let Some(mut holder) = self.0.take() {
            drop(holder.stdin.take());
            // It ends as its input does; nobody waits for it but the system.
            drop(std::thread::spawn(move || holder.wait()));
        }
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.let_go();
    }
}

fn hold() -> Option<Child> {
    let [program, arguments @ ..] = HOLDER else { return None };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let held = command.spawn();
    held.inspect_err(|error| tracing::warn!(%error, program, "this machine may fall asleep while on air"))
        .ok()
}
