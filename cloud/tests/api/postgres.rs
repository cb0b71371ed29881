//! A real PostgreSQL, started by the tests for themselves: a cluster in a temporary directory, on a Unix socket alone.
//!
//! With `RETURNFEED_TEST_DATABASE=postgres` every server of these tests has a database in it. It ends with the test
//! process, also when that is killed: a shell waits for our end of its pipe to close.

use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use returnfeed_cloud::store::DatabaseUrl;
use tempfile::TempDir;

/// What the tests' own databases belong to.
const OWNER: &str = "returnfeed";

/// A cluster of its own.
pub(crate) struct Cluster {
    dir: PathBuf,
    /// Ends the cluster and removes its directory when its standard input ends.
    watchman: Child,
}

/// Whether the servers of these tests are to use PostgreSQL.
pub(crate) fn asked_for() -> bool {
    std::env::var("RETURNFEED_TEST_DATABASE").is_ok_and(|value| value == "postgres")
}

/// The cluster that the tests of this process share.
pub(crate) fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(Cluster::start)
}

impl Cluster {
    pub(crate) fn start() -> Self {
        Self::start_at(None)
    }

    /// Heard at this address of ours too, by everybody who reaches it.
    pub(crate) fn start_at(address: Option<Ipv4Addr>) -> Self {
        let dir: PathBuf = TempDir::with_prefix("rf-postgres-").unwrap().keep();
        if let Some(user) = unprivileged() {
            std::os::unix::fs::chown(&dir, Some(user), Some(user)).unwrap();
        }
        let data = dir.join("data");
        let mut initdb = program("initdb");
        initdb.arg("-D").arg(&data).args([
            "-A",
            "trust",
            "-U",
            OWNER,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        succeed(initdb.stdout(Stdio::null()));
        let settings = format!(
            "listen_addresses = '{}'\nunix_socket_directories = '{}'\nfsync = off\nmax_connections = 200\n",
            address.map(|address| address.to_string()).unwrap_or_default(),
            dir.display()
        );
        if let Some(address) = address {
            let file = data.join("pg_hba.conf");
            let all = std::fs::read_to_string(&file).unwrap() + &format!("host all all {address}/24 trust\n");
            std::fs::write(&file, all).unwrap();
        }
        let file = data.join("postgresql.conf");
        let all = std::fs::read_to_string(&file).unwrap() + &settings;
        std::fs::write(&file, all).unwrap();

        let mut watchman = program("sh");
        watchman.args(["-c", "read -r _; \"$0\" -D \"$1/data\" -m immediate stop; rm -rf \"$1\""]);
        watchman.arg(path_of("pg_ctl")).arg(&dir);
        let watchman =
            watchman.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let cluster = Self { dir, watchman };
        cluster.resume();
        cluster
    }

    /// Starts it where it stands still.
    pub(crate) fn resume(&self) {
        let log = self.dir.join("log");
        self.control(&["-w".as_ref(), "-l".as_ref(), log.as_os_str(), "start".as_ref()]);
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&self) {
        self.control(&["-m", "immediate", "stop"].map(OsStr::new));
    }

    /// Holds it still, with all that it runs: connections stand and nothing answers, as on a machine that hangs.
    pub(crate) fn freeze(&self) {
        let first = self.postmaster();
        signal("-STOP", &[first]); // it forks no more
        signal("-STOP", &children_of(first));
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        let first = self.postmaster();
        signal("-CONT", &[vec![first], children_of(first)].concat());
    }

    fn postmaster(&self) -> u32 {
        let file = std::fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().parse().unwrap()
    }

    fn control(&self, arguments: &[&OsStr]) {
        let mut pg_ctl = program("pg_ctl");
        pg_ctl.arg("-D").arg(self.dir.join("data")).args(arguments);
        succeed(pg_ctl.stdin(Stdio::null()).stdout(Stdio::null()));
    }

    /// The address of a database in it, made where it is not there.
    pub(crate) fn database(&self, name: &str) -> DatabaseUrl {
        self.address(name).parse().unwrap()
    }

    /// The same, as it is written on a command line.
    pub(crate) fn address(&self, name: &str) -> String {
        let made = program("createdb").arg("-h").arg(&self.dir).args(["-U", OWNER, name]).output().unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success() || said.contains("already exists"), "{said}");
        format!("postgres:///{name}?host={}&user={OWNER}", self.dir.display())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchman.stdin.take());
        let _ = self.watchman.wait(); // it cleans up as far as it can
    }
}

/// The name of the database for a server with its data in this directory: the same at each start.
pub(crate) fn name_for(dir: &Path) -> String {
    let name = dir.file_name().unwrap().to_string_lossy();
    format!("rf{}", name.trim_start_matches('.'))
}

fn children_of(parent: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let is_child = |process: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        status
            .lines()
            .any(|line| line.strip_prefix("PPid:").is_some_and(|of| of.trim() == parent.to_string()))
    };
    all.filter(is_child).collect()
}

fn signal(which: &str, processes: &[u32]) {
    let processes = processes.iter().map(u32::to_string);
    Command::new("kill").arg(which).args(processes).status().unwrap(); // one may have ended by itself
}

fn succeed(command: &mut Command) {
    let done = command.stderr(Stdio::piped()).output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// PostgreSQL refuses to run as root: then it runs as the user that its package made.
fn unprivileged() -> Option<u32> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    if id(&["-u"]) == Some(0) {
        Some(id(&["-u", "postgres"]).expect("the package postgresql made a user"))
    } else {
        None
    }
}

fn program(name: &str) -> Command {
    let mut command = match unprivileged() {
        None => Command::new(path_of(name)),
        Some(_) => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path_of(name));
            command
        }
    };
    command.current_dir("/");
    command
}

/// Debian keeps the server's programs out of the way, by version.
fn path_of(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let found = versions.filter_map(|version| Some(version.ok()?.path().join("bin").join(name)));
    found.filter(|path| path.exists()).max().unwrap_or_else(|| name.into())
}
