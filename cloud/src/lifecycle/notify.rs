//! What systemd is told (sd_notify(3)): ready, alive, reloading, stopping.
//!
//! It refuses to fail: where nobody listens, nothing is said. The watchdog is fed by the task that also hears the signals,
//! so a runtime that stands still is restarted.

use std::env;
use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Who started us, where it wants to be told.
#[derive(Debug, Default)]
pub struct ServiceManager {
    socket: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// As the environment names it.
    pub fn of_environment() -> Self {
        let socket = env::var_os("NOTIFY_SOCKET").and_then(connect);
        let for_us = env::var("WATCHDOG_PID").map_or(true, |pid| pid == std::process::id().to_string());
        let limit = env::var("WATCHDOG_USEC").ok().and_then(|limit| limit.parse().ok()).filter(|_| for_us);
        let watchdog = limit.filter(|_| socket.is_some()).map(Duration::from_micros);
        Self { socket, watchdog }
    }

    /// How often it wants to hear that we are alive; half of its limit.
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog.map(|limit| limit / 2)
    }

    /// Everything listens.
    pub fn ready(&self) {
        self.say("READY=1\nSTATUS=Everything listens");
    }

    /// Alive.
    pub fn alive(&self) {
        self.say("WATCHDOG=1");
    }

    /// The settings are read again; `ready` ends it.
    pub fn reloading(&self) {
        let clock = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC);
        let now = clock.map(Duration::from).unwrap_or_default().as_micros();
        self.say(&format!("RELOADING=1\nMONOTONIC_USEC={now}\nSTATUS=The settings are read again"));
    }

    /// Ending, which takes at most so long.
    pub fn stopping(&self, within: Duration) {
        let within = within.as_micros();
        self.say(&format!(
            "STOPPING=1\nEXTEND_TIMEOUT_USEC={within}\nSTATUS=Nobody new comes in; who is in may finish"
        ));
    }

    fn say(&self, state: &str) {
        if let Some((socket, address)) = &self.socket {
            let _ = socket.send_to_addr(state.as_bytes(), address); // then it acts as if we hung, which is its task
        }
    }
}

/// A path, or with `@` in front a name that is on no disk.
fn connect(name: OsString) -> Option<(UnixDatagram, SocketAddr)> {
    let address = match name.as_bytes() {
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        _ => SocketAddr::from_pathname(&name),
    };
    Some((UnixDatagram::unbound().ok()?, address.ok()?))
}
