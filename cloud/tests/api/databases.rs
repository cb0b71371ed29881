//! The two databases: the same tables, the same refusals, the same sentences; and everything of one in the other.

use std::path::Path;
use std::process::Child;

use returnfeed_cloud::api::accounts::new_account;
use returnfeed_cloud::store::{
    Actor, Changed, DatabaseUrl, Entry, HostSet, NewSession, Participant, Store, copy,
};
use returnfeed_protocol::{Layer, ParticipantId, Role, SessionId, SessionPatch, SessionState, UserId};
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::postgres;
use crate::process::{BINARY, command, wait_for};

/// A database of a test's own: its address, as it is written on a command line and as the store has it.
struct Database {
    dir: TempDir,
    text: String,
    url: DatabaseUrl,
}

/// One of each kind, empty.
fn both() -> [Database; 2] {
    let sqlite = tempfile::tempdir().unwrap();
    std::fs::write(sqlite.path().join("a.db"), "").unwrap();
    let text = format!("sqlite:{}", sqlite.path().join("a.db").display());
    let server = tempfile::tempdir().unwrap();
    let address = postgres::shared().address(&postgres::name_for(server.path()));
    [
        Database { dir: sqlite, url: text.parse().unwrap(), text },
        Database { dir: server, url: address.parse().unwrap(), text: address },
    ]
}

impl Database {
    /// Statements as they are, past the store.
    async fn tell(&self, statements: &str) -> Result<(), sqlx::Error> {
        let statements = AssertSqlSafe(statements.to_owned());
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).foreign_keys(true);
                sqlx::raw_sql(statements).execute(&mut options.connect().await?).await?;
            }
            DatabaseUrl::Postgres(options) => {
                sqlx::raw_sql(statements).execute(&mut options.connect().await?).await?;
            }
        }
        Ok(())
    }
}

const ROWS: &str = "
    INSERT INTO users (id, email, name, created_at, updated_at) VALUES ('ada', 'ada@example.org', 'Ada', 1, 1);
    INSERT INTO users (id, email, name, google_issuer, google_id, created_at, updated_at)
        VALUES ('bob', 'bob@example.org', 'Bob', 'https://a.example.org', '7', 1, 1);
    INSERT INTO sessions (id, name, created_by, camera_code, viewer_code, passphrase, created_at, updated_at)
        VALUES ('s', 'Sunday', 'ada', 'CAMERA', 'VIEWER', 'p', 1, 1);
    INSERT INTO session_participants (id, session_id, user_id, role, name, joined_at, updated_at)
        VALUES ('p', 's', 'ada', 'director', 'Ada', 1, 1);
    INSERT INTO invites (id, session_id, role, code, created_by, created_at, updated_at)
        VALUES ('i', 's', 'camera', 'CODE', 'ada', 1, 1);
    INSERT INTO logins (id, user_id, refresh_hash, rotated_at, created_at, used_at, expires_at)
        VALUES ('l', 'ada', 'hash', 1, 1, 1, 2);
    INSERT INTO shows (id, user_id, name, version, document, created_at, updated_at)
        VALUES ('w', 'ada', 'Show', 1, '{}', 1, 1);
    INSERT INTO show_versions (show_id, version, document, machine, saved_at) VALUES ('w', 1, '{}', 'a', 1);
";

/// Each twin differs from its refused brother in the one thing that the table forbids.
const REFUSED: [(&str, &str, &str); 14] = [
    (
        "an e-mail in upper case",
        "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ('x', 'X@example.org', 'X', 1, 1)",
        "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ('x', 'x@example.org', 'X', 1, 1)",
    ),
    (
        "an e-mail twice",
        "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ('y', 'ada@example.org', 'Y', 1, 1)",
        "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ('y', 'y@example.org', 'Y', 1, 1)",
    ),
    (
        "a subject twice at one issuer",
        "UPDATE users SET google_issuer = 'https://a.example.org', google_id = '7' WHERE id = 'ada'",
        "UPDATE users SET google_issuer = 'https://b.example.org', google_id = '7' WHERE id = 'ada'",
    ),
    (
        "a subject without its issuer",
        "UPDATE users SET google_issuer = NULL WHERE id = 'bob'",
        "UPDATE users SET google_issuer = NULL, google_id = NULL WHERE id = 'bob'",
    ),
    ("a host by halves", "UPDATE users SET host = 2", "UPDATE users SET host = 1"),
    (
        "a session of nobody",
        "UPDATE sessions SET created_by = 'nobody'",
        "UPDATE sessions SET created_by = 'bob'",
    ),
    (
        "a session in a state that is none",
        "UPDATE sessions SET state = 'paused'",
        "UPDATE sessions SET state = 'rehearsal'",
    ),
    (
        "a role that is none",
        "UPDATE session_participants SET role = 'producer'",
        "UPDATE session_participants SET role = 'camera'",
    ),
    (
        "an account twice in one session by one login",
        "INSERT INTO session_participants (id, session_id, user_id, role, name, joined_at, updated_at) \
         VALUES ('q', 's', 'ada', 'camera', '', 1, 1)",
        "INSERT INTO session_participants (id, session_id, user_id, role, name, joined_at, updated_at) \
         VALUES ('q', 's', NULL, 'camera', '', 1, 1)",
    ),
    (
        "a camera number above 99",
        "UPDATE session_participants SET camera = 100",
        "UPDATE session_participants SET camera = 99",
    ),
    (
        "an invitation as director",
        "UPDATE invites SET role = 'director'",
        "UPDATE invites SET role = 'viewer'",
    ),
    ("an invitation for no use at all", "UPDATE invites SET max_uses = 0", "UPDATE invites SET max_uses = 1"),
    (
        "a refresh token of two logins",
        "INSERT INTO logins (id, user_id, refresh_hash, rotated_at, created_at, used_at, expires_at) \
         VALUES ('m', 'bob', 'hash', 1, 1, 1, 2)",
        "INSERT INTO logins (id, user_id, refresh_hash, rotated_at, created_at, used_at, expires_at) \
         VALUES ('m', 'bob', 'other', 1, 1, 1, 2)",
    ),
    (
        "a version of a show twice",
        "INSERT INTO show_versions (show_id, version, document, machine, saved_at) VALUES ('w', 1, '{}', 'b', 1)",
        "INSERT INTO show_versions (show_id, version, document, machine, saved_at) VALUES ('w', 2, '{}', 'b', 1)",
    ),
];

#[tokio::test]
async fn the_tables_refuse_what_no_version_may_write() {
    for database in both() {
        Store::open(&database.url).await.unwrap().close().await;
        database.tell(ROWS).await.unwrap();
        for (what, refused, twin) in REFUSED {
            let error = database.tell(refused).await.expect_err(what);
            assert!(matches!(error, sqlx::Error::Database(_)), "{}: {what}: {error}", database.url);
            database.tell(twin).await.unwrap_or_else(|error| panic!("{}: not {what}: {error}", database.url));
        }
    }
}

fn account(email: &str, now: u64) -> returnfeed_cloud::store::Account {
    new_account(now, email, "Ada").ok().unwrap()
}

fn session(n: u8, created_by: UserId) -> NewSession {
    NewSession {
        id: SessionId::from_parts(1, [n; 10]),
        name: format!("Sunday {n}"),
        created_by,
        state: SessionState::Open,
        public_layer: Layer::Low,
        camera_code: format!("CAMERA{n}"),
        viewer_code: format!("VIEWER{n}"),
        passphrase: returnfeed_cloud::sealing::Sealed::from_column("not a real one".to_owned()),
    }
}

#[tokio::test]
async fn a_row_says_when_it_was_changed_also_when_the_clock_goes_back() {
    for database in both() {
        let store = Store::open(&database.url).await.unwrap();
        let ada =
            store.add_account(&account("ada@example.org", 1), &"x".into(), 5_000).await.unwrap().unwrap();
        let new = session(1, ada.id);
        store.add_session(&new, 5_000).await.unwrap();
        let mut seen = store.session(new.id).await.unwrap().unwrap().updated_at;
        assert_eq!(seen, 5_000);
        let live = SessionPatch { state: Some(SessionState::Live), ..SessionPatch::default() };
        for now in [6_000, 6_000, 1_000, 9_000] {
            let Changed::To(row) = store.change_session(new.id, &live, now).await.unwrap() else { panic!() };
            assert!(
                row.updated_at > seen && row.updated_at >= now,
                "{}: {} at {now}",
                database.url,
                row.updated_at
            );
            seen = row.updated_at;
        }
        store.grant_run(new.id, 2_000).await.unwrap();
        assert!(store.session(new.id).await.unwrap().unwrap().updated_at > seen);
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_first_accounts_at_once_one_is_the_host_and_of_many_keys_each_is_newer() {
    for database in both() {
        let store = Store::open(&database.url).await.unwrap();
        let mut firsts = tokio::task::JoinSet::new();
        for n in 0..8 {
            let store = store.clone();
            firsts.spawn(async move {
                store
                    .add_first_account(&account(&format!("{n}@example.org"), 1), &"x".into(), 1)
                    .await
                    .unwrap()
            });
        }
        let hosts: Vec<_> = firsts.join_all().await.into_iter().flatten().collect();
        let [host] = hosts.as_slice() else { panic!("{}: {hosts:?}", database.url) };
        assert!(store.is_host(host.id).await.unwrap());

        let new = session(1, host.id);
        store.add_session(&new, 1).await.unwrap();
        let mut keys = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (store, id) = (store.clone(), new.id);
            keys.spawn(async move { store.grant_run(id, 1).await.unwrap() });
        }
        let mut granted = keys.join_all().await;
        granted.sort_by_key(|(_, epoch)| epoch.0);
        assert_eq!(granted.iter().map(|(_, epoch)| epoch.0).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
        assert!(
            granted.is_sorted_by(|(a, _), (b, _)| a.id < b.id),
            "{}: a later run has a greater key",
            database.url
        );
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_hosts_that_unmake_or_delete_each_other_at_once_one_stays() {
    for database in both() {
        let store = Store::open(&database.url).await.unwrap();
        let mut hosts = Vec::new();
        for round in 0..5 {
            for n in 0..8 {
                let new = account(&format!("{round}.{n}@example.org"), 1);
                let id = store.add_account(&new, &"x".into(), 1).await.unwrap().unwrap().id;
                assert_eq!(store.set_host(id, true, 1).await.unwrap(), HostSet::Done);
                hosts.push(id);
            }
            let mut unmaking = tokio::task::JoinSet::new();
            for (n, id) in hosts.iter().copied().enumerate() {
                let store = store.clone();
                unmaking.spawn(async move {
                    if n % 4 == 3 {
                        store.delete_account(id).await.map(drop).unwrap();
                    } else {
                        store.set_host(id, false, 1).await.map(drop).unwrap();
                    }
                });
            }
            unmaking.join_all().await;
            let mut left = Vec::new();
            for id in hosts.drain(..) {
                if store.is_host(id).await.unwrap() {
                    left.push(id);
                }
            }
            assert_eq!(left.len(), 1, "{}", database.url);
            hosts = left;
        }
        store.close().await;
    }
}

/// Each kind of row that there is, so that none is left behind.
async fn fill(store: &Store) {
    let ada = store.add_account(&account("ada@example.org", 1), &"x".into(), 1).await.unwrap().unwrap();
    for n in 0..3 {
        let new = session(n, ada.id);
        store.add_session(&new, 1).await.unwrap();
        store.grant_run(new.id, 1).await.unwrap();
        let id = ParticipantId::from_parts(1, [n; 10]);
        let person = Participant::new(id, new.id, Role::Camera, format!("\u{bc29}\u{c1a1} {n}"), 1);
        let invite = store.invites(new.id).await.unwrap().remove(0);
        store.redeem(invite.id, &person, 1).await.unwrap();
    }
    // More than one page.
    for n in 0..1_203_u64 {
        let detail = json!({ "n": n });
        let entry = Entry { actor: Actor::CommandLine, session: None, what: "test", detail, address: None };
        store.audit(&entry, n).await;
    }
}

fn copying(from: &Database, to: &Database) -> (bool, String) {
    let output = command(BINARY)
        .args(["copy", "--from", &from.text, "--to", &to.text, "--data-dir"])
        .arg(from.dir.path())
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_goes_to_postgresql_and_back_and_nothing_into_what_is_not_empty() {
    let [sqlite, server] = both();
    let [back, _] = both();
    let store = Store::open(&sqlite.url).await.unwrap();
    fill(&store).await;
    sqlite.tell(&ROWS.replace("'ada@example.org'", "'ada.2@example.org'")).await.unwrap();
    sqlite
        .tell("INSERT INTO one_time (token_hash, kind, user_id, created_at, expires_at) VALUES ('t', 'reset', 'ada', 1, 2)")
        .await
        .unwrap();
    store.close().await;
    let (done, said) = copying(&sqlite, &server);
    assert!(done, "{said}");
    for line in [
        "3  users",
        "4  sessions",
        "4  session_participants",
        "3  publish_keys",
        "1203  audit",
        "1  show_versions",
    ] {
        assert!(said.contains(&format!(" {line}")), "{line}: {said}");
    }
    let (done, said) = copying(&sqlite, &server);
    assert!(!done && said.contains("not empty"), "{said}");
    let (done, said) = copying(&server, &back);
    assert!(done, "{said}");

    // Read back by the store: what the copy says of itself is not asked again.
    let (first, last) = (Store::open(&sqlite.url).await.unwrap(), Store::open(&back.url).await.unwrap());
    let (theirs, ours) =
        (first.audit_page(None, None).await.unwrap(), last.audit_page(None, None).await.unwrap());
    assert_eq!(format!("{theirs:?}"), format!("{ours:?}"));
    let id = SessionId::from_parts(1, [1; 10]);
    let (theirs, ours) =
        (first.session(id).await.unwrap().unwrap(), last.session(id).await.unwrap().unwrap());
    assert_eq!(
        (theirs.summary, theirs.camera_code, theirs.updated_at),
        (ours.summary, ours.camera_code, ours.updated_at)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_fails_at_the_end_leaves_nothing() {
    let [sqlite, server] = both();
    let store = Store::open(&sqlite.url).await.unwrap();
    fill(&store).await;
    let target = Store::open(&server.url).await.unwrap();
    server.tell("ALTER TABLE audit ADD CHECK (at <> 1100)").await.unwrap();
    assert!(copy(&store, &target).await.is_err());
    assert!(target.has_no_account().await.unwrap());
    server.tell("ALTER TABLE audit DROP CONSTRAINT audit_at_check").await.unwrap();
    assert_eq!(copy(&store, &target).await.unwrap().last(), Some(&("audit", 1_203)));
}

fn migrating(database: &Database, dir: &Path) -> Child {
    let mut migrate = command(BINARY);
    migrate.args(["migrate", "--database-url", &database.text, "--data-dir"]).arg(dir);
    migrate.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap()
}

fn said(mut child: Child) -> (bool, String) {
    let status = wait_for(|| child.try_wait().unwrap());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    (status.success(), said)
}

#[tokio::test]
async fn starters_at_once_bring_the_tables_up_to_date_once() {
    for database in both() {
        let starters: Vec<_> = (0..4).map(|_| migrating(&database, database.dir.path())).collect();
        for starter in starters {
            let (done, said) = said(starter);
            assert!(done, "{}: {said}", database.url);
        }
        Store::open(&database.url).await.unwrap().close().await;
    }
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused_in_a_sentence() {
    for database in both() {
        Store::open(&database.url).await.unwrap().close().await;
        database
            .tell(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9001, 'of tomorrow', TRUE, '', 0)",
            )
            .await
            .unwrap();
        let (done, said) = said(migrating(&database, database.dir.path()));
        assert!(!done && said.contains("newer version") && said.contains("9001"), "{}: {said}", database.url);
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

/// What the first version wrote is there after all that came since.
#[tokio::test]
async fn a_database_of_the_first_version_keeps_all_it_had() {
    const OLD: &str = "
        INSERT INTO users VALUES ('0190aaaa-0000-7000-8000-000000000001', 'ada@example.org', 'hash', NULL, 'Ada', 1, 1);
        INSERT INTO users VALUES ('0190aaaa-0000-7000-8000-000000000002', 'bob@example.org', NULL, '7', 'Bob', 2, 2);
        INSERT INTO sessions (id, name, created_by, camera_code, viewer_code, passphrase, created_at, updated_at)
            VALUES ('0190aaaa-0000-7000-8000-000000000003', 'Sunday', '0190aaaa-0000-7000-8000-000000000001', 'C', 'V', 'p', 1, 1);
        INSERT INTO session_participants VALUES ('0190aaaa-0000-7000-8000-000000000004',
            '0190aaaa-0000-7000-8000-000000000003', NULL, 'camera', 'Eve', 1, 1);";
    for database in both() {
        match &database.url {
            DatabaseUrl::Sqlite(path) => {
                let mut connection =
                    SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
                sqlx::migrate!("../migrations/sqlite").run_to(1, &mut connection).await.unwrap();
            }
            DatabaseUrl::Postgres(options) => {
                let mut connection = PgConnection::connect_with(options).await.unwrap();
                sqlx::migrate!("../migrations/postgres").run_to(1, &mut connection).await.unwrap();
            }
        }
        database.tell(OLD).await.unwrap();
        let store = Store::open(&database.url).await.unwrap();
        let ada = store.credentials("ada@example.org").await.unwrap().unwrap();
        assert!(ada.account.host && ada.password.is_some() && !ada.disabled);
        assert!(!store.credentials("bob@example.org").await.unwrap().unwrap().account.host);
        let sessions = store.sessions_of(ada.account.id).await.unwrap();
        assert_eq!(sessions.first().map(|session| session.camera_code.as_str()), Some("C"));
        let eve = "0190aaaa-0000-7000-8000-000000000004".parse().unwrap();
        assert_eq!(store.participant(eve).await.unwrap().unwrap().name, "Eve");
        store.close().await;
    }
}
