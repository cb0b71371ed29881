//! Backups that were put back, on both databases; an upgrade and the way back from it; what is too old.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use reqwest::StatusCode;
use returnfeed_cloud::config::Config;
use returnfeed_cloud::store::{Actor, Entry};
use returnfeed_protocol::LoginResponse;
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};

use crate::cloud::{Client, Cloud, config, read, refused};
use crate::postgres;
use crate::process::{BINARY, Process, command, finish, serve_arguments};

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite");

/// A server's data and its database, whichever it is.
struct Place {
    dir: tempfile::TempDir,
    database: String,
}

impl Place {
    fn on_sqlite() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), database: "sqlite:returnfeed.db".to_owned() }
    }

    fn on_postgres() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = postgres::shared().address(&postgres::name_for(dir.path()));
        Self { dir, database }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut binary = command(BINARY);
        binary.args(arguments).arg("--data-dir").arg(self.data()).args(["--database-url", &self.database]);
        finish(binary, input)
    }

    /// The same, which must do it.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, b"correct horse\n");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same, which must refuse it in one sentence.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, b"");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.lines().count() == 1, "{arguments:?}: {said}");
        said
    }

    fn account(&self, email: &str) {
        self.done(&["account", "create", "--email", email, "--name", "Ada", "--password-stdin"]);
    }

    /// Serves from here until it is dropped.
    fn serve(&self) -> Served {
        let ready = tempfile::tempdir().unwrap();
        let mut server = command(BINARY);
        let data = self.data().display().to_string();
        let own = ["--data-dir", &data, "--database-url", &self.database];
        server.args(serve_arguments(ready.path(), &own));
        let process = Process::spawn(server, ready);
        let client = process.client();
        Served { process, client }
    }
}

struct Served {
    process: Process,
    client: Client,
}

impl Served {
    async fn logs_in(&self, email: &str) -> LoginResponse {
        let login = json!({ "email": email, "password": "correct horse" });
        read(self.client.post("/api/login", None, &login).await, StatusCode::OK).await
    }

    async fn does_not_know(&self, email: &str) {
        let login = json!({ "email": email, "password": "correct horse" });
        refused(self.client.post("/api/login", None, &login).await, 401, "login_failed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_a_running_server_is_put_back_with_accounts_tokens_and_keys() {
    for place in [Place::on_sqlite(), Place::on_postgres()] {
        place.account("ada@example.org");
        let backup = place.dir.path().join("monday.tar");
        let file = backup.to_str().unwrap();
        let served = place.serve();
        let before = served.logs_in("ada@example.org").await;
        place.done(&["backup", file]);
        assert_eq!(std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(place.refused(&["backup", file]).contains("is there already"));
        place.account("bob@example.org");
        assert!(
            place.refused(&["restore", file, "--replace"]).contains("a server runs"),
            "it is not touched"
        );
        served.process.terminate();
        assert!(place.refused(&["restore", file]).contains("--replace"));

        let said = place.done(&["restore", file, "--replace"]);
        let aside = said.lines().find_map(|line| line.strip_prefix("What stood before is in ")).unwrap();
        let served = place.serve();
        served.logs_in("ada@example.org").await;
        served.does_not_know("bob@example.org").await;
        let me = served.client.get("/api/account", Some(&before.access_token)).await;
        assert_eq!(me.status(), StatusCode::OK, "a token of before is good: its key came back");
        served.process.terminate();
        // And back again: nothing was lost.
        place.done(&["restore", aside.trim_end_matches('.'), "--replace"]);
        place.serve().logs_in("bob@example.org").await;

        // On a machine that has nothing yet.
        let elsewhere =
            if place.database.starts_with("sqlite") { Place::on_sqlite() } else { Place::on_postgres() };
        elsewhere.done(&["restore", file]);
        let served = elsewhere.serve();
        served.logs_in("ada@example.org").await;
        let left: Vec<_> =
            std::fs::read_dir(elsewhere.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("restoring")), "{left:?}");
    }
}

#[test]
fn what_is_no_whole_backup_changes_nothing() {
    let place = Place::on_sqlite();
    place.account("ada@example.org");
    let path = |name: &str| place.dir.path().join(name);
    let backup = path("a.tar");
    place.done(&["backup", backup.to_str().unwrap()]);
    let whole = std::fs::read(&backup).unwrap();
    let standing = std::fs::read(place.data().join("returnfeed.db")).unwrap();
    std::fs::write(path("half.tar"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(path("none.tar"), "not a backup").unwrap();
    let mut damaged = whole.clone();
    // Inside of the database's second page: behind two heads, the manifest and the first page.
    damaged[512 * 3 + 4096..512 * 3 + 4096 + 64].fill(0xff);
    std::fs::write(path("damaged.tar"), damaged).unwrap();
    let newer = String::from_utf8_lossy(&whole[..4096]).find("\"tables\": ").unwrap() + "\"tables\": ".len();
    let mut later = whole.clone();
    later[newer] = b'9';
    std::fs::write(path("later.tar"), later).unwrap();
    for (name, words) in [
        ("half.tar", "not a whole one"),
        ("none.tar", "is no backup"),
        ("damaged.tar", "damaged"),
        ("later.tar", "newer version"),
        ("absent.tar", "absent.tar"),
    ] {
        let said = place.refused(&["restore", path(name).to_str().unwrap(), "--replace"]);
        assert!(said.contains(words), "{name}: {said}");
        assert_eq!(std::fs::read(place.data().join("returnfeed.db")).unwrap(), standing, "{name}");
    }
    assert!(place.refused(&["restore", backup.to_str().unwrap()]).contains("--replace"));
    let other = Place::on_postgres();
    assert!(other.refused(&["restore", backup.to_str().unwrap()]).contains("returnfeed-cloud copy"));
    let bare = path("bare.tar");
    place.done(&["backup", bare.to_str().unwrap(), "--without-keys"]);
    let bare = std::fs::read(bare).unwrap();
    let pepper = std::fs::read(place.data().join("pepper")).unwrap();
    let holds = |all: &[u8]| all.windows(pepper.len()).any(|part| part == pepper);
    assert!(holds(&whole) && !holds(&bare));
}

/// The newest migration that a file has, and its accounts, asked past the server.
async fn tables_and_accounts(file: &Path) -> (i64, Vec<String>) {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let newest =
        sqlx::query("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut connection).await.unwrap();
    let rows =
        sqlx::query("SELECT email FROM users ORDER BY email").fetch_all(&mut connection).await.unwrap();
    (newest.get(0), rows.iter().map(|row| row.get(0)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_keeps_a_copy_from_which_the_version_of_before_goes_on() {
    // The version of before: every migration but the newest, and a row of its time.
    let place = Place::on_sqlite();
    std::fs::create_dir_all(place.data()).unwrap();
    let older = place.dir.path().join("migrations");
    std::fs::create_dir(&older).unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(MIGRATIONS).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.pop();
    for file in &files {
        std::fs::copy(file, older.join(file.file_name().unwrap())).unwrap();
    }
    let older = Migrator::new(older.as_path()).await.unwrap();
    let before = older.iter().map(|migration| migration.version).max().unwrap();
    let file = place.data().join("returnfeed.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true).foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    older.run(&mut connection).await.unwrap();
    let row = "INSERT INTO users (id, email, name, created_at, updated_at) \
               VALUES ('00000000-0000-7000-8000-000000000001', 'old@example.org', 'Old', 1, 1)";
    sqlx::query(row).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();

    // Up: it starts, and what the version of before left is there.
    let served = place.serve();
    let log = served.process.terminate();
    assert!(log.contains("a copy is kept"), "{log}");
    place.account("new@example.org");
    let (after, accounts) = tables_and_accounts(&file).await;
    assert!(after > before && accounts == ["new@example.org", "old@example.org"], "{after} {accounts:?}");
    let copies: Vec<_> =
        std::fs::read_dir(place.data().join("copies")).unwrap().map(|e| e.unwrap().path()).collect();
    let [copy] = copies.as_slice() else { panic!("one upgrade, one copy: {copies:?}") };

    // Down: the copy is put back, and the version of before finds its own tables and nothing that it does not know.
    place.done(&["restore", copy.to_str().unwrap(), "--replace"]);
    let (down, accounts) = tables_and_accounts(&file).await;
    assert_eq!((down, accounts), (before, vec!["old@example.org".to_owned()]));
    let mut connection = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    older.run(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    // Up once more, from what the restore laid aside: nothing of the days between is lost.
    let aside = std::fs::read_dir(place.data().join("copies")).unwrap().map(|entry| entry.unwrap().path());
    let aside = aside.filter(|path| path.to_string_lossy().contains("before-restore")).max().unwrap();
    place.done(&["restore", aside.to_str().unwrap(), "--replace"]);
    place.serve().logs_in("new@example.org").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn this_version_goes_back_from_a_newer_one_by_the_copy_that_the_newer_one_kept() {
    for place in [Place::on_sqlite(), Place::on_postgres()] {
        place.account("ada@example.org");
        let copy = place.dir.path().join("kept-by-the-newer.tar");
        place.done(&["backup", copy.to_str().unwrap()]);
        // What the next version does: a table, and the note of its migration.
        let statements = "CREATE TABLE of_tomorrow (a INTEGER NOT NULL PRIMARY KEY); \
             INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time \
             FROM _sqlx_migrations LIMIT 1";
        if place.database.starts_with("sqlite") {
            let options = SqliteConnectOptions::new().filename(place.data().join("returnfeed.db"));
            sqlx::raw_sql(statements).execute(&mut options.connect().await.unwrap()).await.unwrap();
        } else {
            let options: sqlx::postgres::PgConnectOptions = place.database.parse().unwrap();
            sqlx::raw_sql(statements).execute(&mut options.connect().await.unwrap()).await.unwrap();
        }
        assert!(place.refused(&["migrate"]).contains("newer version"));
        place.done(&["restore", copy.to_str().unwrap(), "--replace"]);
        place.serve().logs_in("ada@example.org").await;
    }
}

#[tokio::test]
async fn what_is_older_than_its_days_is_forgotten_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { audit_days: 0, ..config(dir.path()) };
    let cloud = Cloud::start_with(dir, &config).await;
    let store = &cloud.server.app().store;
    let note =
        |what| Entry { actor: Actor::CommandLine, session: None, what, detail: Value::Null, address: None };
    for at in 0..1_200 {
        store.audit(&note("login"), 1_000 + at % 2).await;
    }
    store.audit(&note("account.invited"), 5_000).await;
    assert_eq!(store.forget_before(5_000).await.unwrap(), 1_200);
    assert_eq!(store.forget_before(5_000).await.unwrap(), 0);
    let left = store.audit_page(None, None).await.unwrap();
    assert!(left.iter().any(|entry| entry.at == 5_000) && left.iter().all(|entry| entry.at >= 5_000));
    cloud.server.stop().await;
}
