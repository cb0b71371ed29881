//! What this process takes of the machine, as the kernel tells it.
//!
//! It refuses to guess: where the system does not tell, there is no figure.

use std::time::Duration;

/// A process's figures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    /// Processor time, user and system.
    pub(crate) cpu: Duration,
    /// Memory in use.
    pub(crate) resident_bytes: u64,
    /// Files and sockets.
    pub(crate) open_fds: usize,
    /// How many it may have.
    pub(crate) max_fds: u64,
    /// Threads.
    pub(crate) threads: u64,
}

/// This process, now.
#[cfg(target_os = "linux")]
pub(crate) fn read() -> Option<Process> {
    use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
    use nix::sys::time::TimeValLike as _;

    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let microseconds = (usage.user_time() + usage.system_time()).num_microseconds();
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(Process {
        cpu: Duration::from_micros(u64::try_from(microseconds).ok()?),
        resident_bytes: field(&status, "VmRSS:")?.checked_mul(1024)?,
        // The folder that is read is open itself.
        open_fds: std::fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1),
        max_fds: getrlimit(Resource::RLIMIT_NOFILE).ok()?.0,
        threads: field(&status, "Threads:")?,
    })
}

/// This system does not tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn read() -> Option<Process> {
    None
}

/// The number behind a name in `/proc/self/status`.
#[cfg(target_os = "linux")]
fn field(status: &str, name: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn an_open_file_a_thread_and_a_busy_moment_are_seen() {
        let before = read().unwrap();
        assert!(before.resident_bytes > 1_000_000 && before.open_fds as u64 <= before.max_fds);
        let _file = std::fs::File::open("/proc/self/status").unwrap();
        let (more_files, more_threads) = std::thread::scope(|scope| {
            let (go, wait) = std::sync::mpsc::channel::<()>();
            scope.spawn(move || wait.recv());
            let now = read().unwrap();
            drop(go);
            (now.open_fds, now.threads)
        });
        // Other tests of this process open and close meanwhile: at least ours are there.
        assert!(more_files >= 4 && more_threads >= 2, "{more_files} {more_threads}");
        let mut n = 0_u64;
        while read().unwrap().cpu <= before.cpu {
            n = std::hint::black_box(n.wrapping_add(1));
        }
    }
}
