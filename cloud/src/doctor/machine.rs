//! The machine: how many files it lets us open, how much the kernel holds for a socket, and the disk.

use std::path::Path;

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::statvfs::statvfs;

use super::{Finding, cause};
use crate::config::Config;

/// A burst of a key frame to two hundred viewers, and what one encoder sends while the receiver's thread is elsewhere.
const BUFFER: u64 = 2 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;
/// SQLite's shared memory and the first pages of its log.
const START: u64 = 128 * 1024;
/// Less, and the database's next week may not fit.
const DISK_LOW: u64 = 1024 * MIB;
/// Less, and it may be the next write.
const DISK_FULL: u64 = 16 * MIB;

/// Whether every connection and viewer that the settings allow can have its descriptor.
pub(super) fn files(config: &Config) -> Finding {
    let needed = u64::try_from(config.max_connections.saturating_add(config.max_viewers)).unwrap_or(u64::MAX);
    let needed = needed.saturating_add(256); // the database, the log, the ports
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((limit, _)) => files_of(limit, needed),
        Err(error) => Finding::look("files", format!("the limit is not told ({error})"), "look at ulimit -n"),
    }
}

fn files_of(limit: u64, needed: u64) -> Finding {
    let says = format!("{limit} may be open, {needed} are needed at most");
    if limit >= needed {
        return Finding::ok("files", says);
    }
    Finding::look(
        "files",
        says,
        "raise it (LimitNOFILE= in the unit, ulimit -n in a shell), or lower max_connections",
    )
}

/// How much the kernel lets a socket hold.
pub(super) fn buffers() -> Vec<Finding> {
    let of = |name: &'static str| {
        let text = std::fs::read_to_string(format!("/proc/sys/net/core/{name}"));
        buffer(name, text.ok().and_then(|text| text.trim().parse().ok()))
    };
    vec![of("rmem_max"), of("wmem_max")]
}

fn buffer(name: &'static str, most: Option<u64>) -> Finding {
    let check = if name == "rmem_max" { "udp receive" } else { "udp send" };
    match most {
        None => Finding::look(
            check,
            format!("net.core.{name} is not told here"),
            "look at it outside of the container",
        ),
        Some(most) if most >= BUFFER => Finding::ok(check, format!("net.core.{name} is {most} bytes")),
        Some(most) => {
            let says = format!("net.core.{name} is {most} bytes");
            Finding::look(
                check,
                says,
                format!("sysctl -w net.core.{name}={}: bursts are dropped else", 8 * MIB),
            )
        }
    }
}

/// Whether there is room where the data lies.
pub(super) fn disk(data_dir: &Path) -> Finding {
    // What is not made yet will be made in the nearest folder above that is.
    let there = data_dir.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    match statvfs(there) {
        Ok(disk) => {
            let free = disk.blocks_available().saturating_mul(disk.fragment_size());
            disk_of(there, free, disk.files() > 0 && disk.files_available() == 0)
        }
        Err(error) => {
            let says = format!("{} cannot be looked at ({})", there.display(), cause(error));
            Finding::broken("disk", says, "see that the data directory belongs to the server's user")
        }
    }
}

/// Whether not even a start finds room for what it writes itself.
pub(crate) fn is_full(data_dir: &Path) -> bool {
    let disk = data_dir.ancestors().find(|path| path.exists()).and_then(|there| statvfs(there).ok());
    disk.is_some_and(|disk| disk.blocks_available().saturating_mul(disk.fragment_size()) < START)
}

fn disk_of(place: &Path, free: u64, no_inodes: bool) -> Finding {
    let says = format!("{} MiB free at {}", free / MIB, place.display());
    match () {
        () if no_inodes => {
            Finding::broken("disk", "no file more can be made", "remove files there: it has no inodes left")
        }
        () if free < DISK_FULL => {
            Finding::broken("disk", says, "make room: nobody can join, and no session can be made")
        }
        () if free < DISK_LOW => Finding::look("disk", says, "make room before the next show"),
        () => Finding::ok("disk", says),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict::{Broken, Look, Ok};
    use super::*;

    #[test]
    fn too_little_of_anything_is_said_with_the_figure_that_would_do() {
        assert_eq!([files_of(1024, 4852), files_of(65_536, 4852)].map(|found| found.verdict), [Look, Ok]);
        assert!(files_of(1024, 4852).to_string().contains("LimitNOFILE"));
        let small = buffer("wmem_max", Some(212_992));
        assert!(small.verdict == Look && small.cure.contains("net.core.wmem_max=8388608"), "{small}");
        assert_eq!(buffer("rmem_max", Some(8 << 20)).verdict, Ok);
        let disk = |free, inodes| disk_of(Path::new("/data"), free, inodes).verdict;
        assert_eq!(
            [disk(0, false), disk(200 << 20, false), disk(9 << 30, true), disk(9 << 30, false)],
            [Broken, Look, Broken, Ok]
        );
    }
}
