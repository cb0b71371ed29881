//! A server, a director and two operators, each a process or a connection of its own, and what was recorded of them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use returnfeed_protocol::{
    CloudToPage, JoinResponse, Layer, PROTOCOL_VERSION, PageToCloud, SessionCreated, SessionPatch,
    SessionState, TALLY_FRESH_MS, Tally, TallyState,
};
use returnfeed_tally::Follower;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, watch};
use tokio::task::JoinSet;

use super::beside::Beside;
use super::clock::WallClock;
use super::watch::Watch;
use crate::cloud::{Client, read};
use crate::farm::Time;
use crate::postgres::Cluster;
use crate::process::{BINARY, Process, command, finish, serve_arguments};
use crate::socket::camera_number;

/// How long what must come is waited for: many times what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(60);
/// From the death of a director's link, (a) allows this.
const LIT_AT_MOST: Duration = Duration::from_secs(3);
/// From the return of what was gone until every page is right.
const RIGHT_WITHIN: Duration = Duration::from_secs(3);
/// What a loaded machine adds between a word's arrival and our reading it.
const SLACK: Duration = Duration::from_millis(500);
const PASSWORD: &str = "a passphrase for the chaos";

/// A word that a page heard.
pub(super) struct Heard {
    at: Instant,
    age: Duration,
    pub(super) state: TallyState,
    /// The page's rule took it: it was newer than the one before.
    taken: bool,
}

pub(super) type History = Arc<Mutex<Vec<Heard>>>;

struct Page {
    camera: u16,
    history: History,
    follower: Arc<Mutex<Follower>>,
}

pub(super) struct Stage {
    server: Option<Process>,
    /// The second, where there is one.
    _other: Option<Process>,
    ports: Ports,
    client: Client,
    cut_off: watch::Sender<bool>,
    seat: Seat,
    pub(super) director: Director,
    pages: Vec<Page>,
    /// Another session at the same servers, of which nothing may be heard here.
    beside: Beside,
    watch: Watch,
    time: Time,
    /// What every director of this session said: the lamps of each camera.
    said: Arc<Mutex<Vec<Vec<Tally>>>>,
    tasks: JoinSet<()>,
    _dir: TempDir,
    /// Each of these runs two encoders and a clock: one at a time.
    _turn: OwnedMutexGuard<()>,
}

#[derive(Clone)]
struct Ports {
    https: u16,
    srt: u16,
    webrtc: u16,
}

/// What a stage is made with, beside what each has.
#[derive(Default)]
pub(super) struct Cast<'a> {
    /// The second page is at a second server, which shares this database.
    pub(super) cluster: Option<&'a Cluster>,
    /// What carries the words between the two; none: the database.
    pub(super) bus: Option<String>,
    /// The wall clock of the first server and of the director; none: this machine's.
    pub(super) clock: Option<&'a WallClock>,
}

/// What a director is started with.
struct Seat {
    clock: Option<WallClock>,
    cloud: String,
    session: String,
    token: PathBuf,
    ca: PathBuf,
}

/// `returnfeed-director` itself.
pub(super) struct Director(Option<Child>);

impl Director {
    pub(super) fn nobody() -> Self {
        Self(None)
    }

    fn start(seat: &Seat, said: &Arc<Mutex<Vec<Vec<Tally>>>>) -> Self {
        let program = Path::new(BINARY).with_file_name("returnfeed-director");
        assert!(program.exists(), "build it first: cargo build -p returnfeed-engine");
        let mut child = command(program);
        seat.clock.iter().for_each(|clock| clock.rule(&mut child));
        let mut child = child
            .args([
                "--cloud",
                &seat.cloud,
                "--session",
                &seat.session,
                "--source",
                "test",
                "--source",
                "test",
            ])
            .args(["--json", "--no-log", "--token-file"])
            .arg(&seat.token)
            .arg("--ca")
            .arg(&seat.ca)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, said) = (child.stdout.take().unwrap(), Arc::clone(said));
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let notice: Value = serde_json::from_str(&line).unwrap_or_default();
                if notice["event"] == "lamps" {
                    let lamp = |lamp: &Value| serde_json::from_value(lamp["tally"].clone()).unwrap();
                    said.lock()
                        .unwrap()
                        .push(notice["cameras"].as_array().unwrap().iter().map(lamp).collect());
                }
            }
        });
        Self(Some(child))
    }

    fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("a director runs")
    }

    /// As an accident does; when.
    pub(super) fn kill(&mut self) -> Instant {
        self.child().kill().unwrap();
        self.child().wait().unwrap();
        Instant::now()
    }

    pub(super) fn signal(&mut self, signal: &str) -> Instant {
        send(signal, self.child().id());
        Instant::now()
    }

    fn press(&mut self, key: u16) {
        writeln!(self.child().stdin.as_mut().unwrap(), "{key}").unwrap();
    }

    pub(super) async fn ended_by_itself(&mut self) {
        until("the director ends by itself", || self.child().try_wait().unwrap().map(drop)).await;
    }
}

impl Drop for Director {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // It may have ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn send(signal: &str, id: u32) {
    assert!(Command::new("kill").args([signal, &id.to_string()]).status().unwrap().success());
}

/// Asks until there is an answer; the condition is looked at often, because what is waited for is recorded elsewhere.
async fn until<T>(what: &str, mut question: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "it did not come: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

impl Stage {
    pub(super) async fn start() -> Self {
        Self::cast(Cast::default()).await
    }

    pub(super) async fn cast(Cast { cluster, bus, clock }: Cast<'_>) -> Self {
        static TURN: OnceLock<Arc<Turn<()>>> = OnceLock::new();
        let turn = Arc::clone(TURN.get_or_init(Arc::default)).lock_owned().await;
        let dir = tempfile::tempdir().unwrap();
        let database = cluster.map(|cluster| cluster.address("chaos"));
        let bus = bus.as_deref().unwrap_or("database");
        let shared: Vec<&str> =
            database.iter().flat_map(|database| ["--database-url", database, "--bus", bus]).collect();
        let data = tempfile::tempdir().unwrap();
        let mut first = command(BINARY);
        first.args(serve_arguments(data.path(), &shared));
        clock.iter().for_each(|clock| clock.rule(&mut first));
        let server = Process::spawn(first, data);
        let client = server.client();
        let account =
            ["account", "create", "--email", "ada@example.org", "--name", "Ada", "--password-stdin"];
        let made = run_with(&server, &account, &shared, PASSWORD.as_bytes());
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let login = json!({ "email": "ada@example.org", "password": PASSWORD });
        let login: Value = read(client.post("/api/login", None, &login).await, StatusCode::OK).await;
        let owner = login["access_token"].as_str().unwrap().to_owned();
        let made = client.post("/api/sessions", Some(&owner), &json!({ "name": "Sunday" })).await;
        let created: SessionCreated = read(made, StatusCode::CREATED).await;
        let session = format!("/api/sessions/{}", created.session.id);
        let live = SessionPatch {
            state: Some(SessionState::Live),
            public_layer: Some(Layer::Low),
            ..SessionPatch::default()
        };
        let live = client.request(Method::PATCH, &session, Some(&owner)).json(&live).send().await.unwrap();
        read::<SessionCreated>(live, StatusCode::OK).await;
        let path = format!("{session}/direct");
        let direct: JoinResponse =
            read(client.post(&path, Some(&owner), &json!({})).await, StatusCode::CREATED).await;
        let token = dir.path().join("token");
        std::fs::write(&token, &direct.token).unwrap();

        let other = cluster.map(|_| second(&server, &shared));
        let mut tasks = JoinSet::new();
        let (cut_off, parted) = watch::channel(false);
        let https = server.ready.https_port;
        let door = door_to(https, parted, &mut tasks).await;
        let mut pages = Vec::new();
        for (camera, at) in [(1, &client), (2, &other.as_ref().map_or(client.clone(), Process::client))] {
            let join = json!({ "code": created.camera_code, "name": format!("Operator {camera}") });
            let joined = read(client.post("/api/join", None, &join).await, StatusCode::CREATED).await;
            pages.push(Page::open(camera, at.clone(), joined, &mut tasks));
        }
        let mut seats = Vec::new();
        for code in [&created.camera_code, &created.viewer_code] {
            let join = json!({ "code": code, "name": "" });
            let joined: JoinResponse =
                read(client.post("/api/join", None, &join).await, StatusCode::CREATED).await;
            seats.push(joined.token);
        }
        let [operator, viewer] = seats.try_into().unwrap();
        let watch = Watch::start(&client, created.session.id, operator, viewer, &mut tasks);
        let beside = Beside::start(&client, &owner, &mut tasks).await;
        let ports = Ports { https, srt: server.ready.srt_port, webrtc: server.ready.webrtc_ports[0] };
        let seat = Seat {
            cloud: format!("https://127.0.0.1:{door}"),
            session: created.session.id.to_string(),
            token,
            ca: server.ready.cert_path.clone(),
            clock: clock.cloned(),
        };
        let said = Arc::default();
        let director = Director::start(&seat, &said);
        let stage = Self {
            server: Some(server),
            _other: other,
            ports,
            client,
            cut_off,
            seat,
            director,
            pages,
            beside,
            watch,
            time: Time::begin(),
            said,
            tasks,
            _dir: dir,
            _turn: turn,
        };
        stage.right(1).await;
        until("both layers are watched", || stage.watch.begun().then_some(())).await;
        stage
    }

    // ---- what a person does ----

    /// Cuts, and waits until every page shows it.
    pub(super) async fn cut(&mut self, to: u16) {
        self.director.press(to);
        self.right(to).await;
    }

    /// Cuts, and waits until the director has said it, to whomever.
    pub(super) async fn press_and_hear_it_said(&mut self, to: u16) {
        let before = self.said.lock().unwrap().len();
        self.director.press(to);
        until("the director says it", || (self.said.lock().unwrap().len() > before).then_some(())).await;
    }

    /// Another run of the director, in the place of the one before; when.
    pub(super) fn direct_again(&mut self) -> Instant {
        let begun = Instant::now();
        self.director = Director::start(&self.seat, &self.said);
        begun
    }

    // ---- what fails ----

    pub(super) fn kill_server(&mut self) -> Instant {
        let server = self.server.as_mut().unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        Instant::now()
    }

    /// On the same data and ports.
    pub(super) fn serve_again(&mut self) -> Instant {
        let mut dead = self.server.take().unwrap();
        let dir = std::mem::replace(&mut dead.dir, tempfile::tempdir().unwrap());
        std::fs::remove_file(dir.path().join("ready.json")).unwrap();
        let port = |port: u16| port.to_string();
        let Ports { https, srt, webrtc } = self.ports.clone();
        let (https, srt, webrtc) = (port(https), port(srt), port(webrtc));
        let own = ["--https-port", &https, "--srt-port", &srt, "--webrtc-port", &webrtc];
        let own = [&own[..], &["--webrtc-shards", "1"]].concat();
        let mut server = command(BINARY);
        server.args(serve_arguments(dir.path(), &own));
        let begun = Instant::now();
        self.server = Some(Process::spawn(server, dir));
        begun
    }

    pub(super) fn signal_server(&self, signal: &str) -> Instant {
        self.server.as_ref().unwrap().signal(signal);
        Instant::now()
    }

    /// What the director says goes nowhere, and nobody is told.
    pub(super) fn part(&self) -> Instant {
        self.cut_off.send_replace(true);
        Instant::now()
    }

    pub(super) fn join(&self) -> Instant {
        self.cut_off.send_replace(false);
        Instant::now()
    }

    // ---- what is waited for ----

    /// As [`Self::right`], when what was gone is there again. In the long suite, which has the machine to itself, within
    /// [`RIGHT_WITHIN`] of now, less what the machine itself stood still; beside other work the figure is only printed.
    pub(super) async fn right_again(&self, programme: u16) {
        let mended = self.time.now();
        self.right(programme).await;
        let took = self.time.now() - mended;
        assert!(
            took <= RIGHT_WITHIN || std::env::var_os("RETURNFEED_LONG").is_none(),
            "right after {took:?}"
        );
    }

    /// Every page shows this programme, and the other source GREEN.
    pub(super) async fn right(&self, programme: u16) {
        let begun = Instant::now();
        let expected = |camera| if camera == programme { Tally::Program } else { Tally::Preview };
        let right = |page: &Page| (page.shows() == expected(page.camera)).then_some(());
        until("every page is right", || self.pages.iter().try_for_each(right)).await;
        println!("right after {} ms", begun.elapsed().as_millis());
    }

    pub(super) async fn all_unknown(&self) {
        for page in 0..self.pages.len() {
            self.page_shows_unknown(page).await;
        }
    }

    pub(super) async fn page_shows_unknown(&self, page: usize) {
        let page = &self.pages[page];
        until("unknown", || (page.shows() == Tally::Unknown).then_some(())).await;
    }

    /// The server answers.
    pub(super) async fn served(&self) {
        assert!(self.client.get("/api/openapi.json", None).await.status().is_success());
    }

    // ---- what was recorded ----

    pub(super) fn no_word_was_older_than(&self, bound: Duration) {
        for page in &self.pages {
            let history = page.history.lock().unwrap();
            let oldest = history.iter().map(|heard| heard.age).max();
            assert!(oldest.is_some_and(|oldest| oldest < bound), "a word was taken to be {oldest:?} old");
        }
    }

    /// Holds the invariants against all that was heard; between the two moments of each pair the director's link was dead.
    pub(super) fn judge(mut self, dead: &[(Instant, Instant)]) {
        let said = std::mem::take(&mut *self.said.lock().unwrap());
        for page in &self.pages {
            let history = page.history.lock().unwrap();
            assert!(!history.is_empty());
            // (b) Of an older run nothing is heard any more.
            for pair in history.windows(2) {
                assert!(pair[0].state.epoch <= pair[1].state.epoch, "a stale director was heard");
            }
            for heard in history.iter() {
                // (c) Every word is one that a director of this very session said.
                let lamps: Vec<Tally> = heard.state.cameras.iter().map(|lamp| lamp.tally).collect();
                let last_word = lamps.iter().all(|tally| *tally == Tally::Unknown);
                assert!(last_word || said.contains(&lamps), "nobody said {lamps:?}");
                assert!(!Beside::said(&heard.state), "a word of another session was heard");
            }
            // (a) A lamp is lit from its word's arrival until the next word, or until it is too old.
            let taken: Vec<&Heard> = history.iter().filter(|heard| heard.taken).collect();
            for (place, heard) in taken.iter().enumerate() {
                let lit = page.lamp(&heard.state);
                if !matches!(lit, Tally::Program | Tally::Preview) {
                    continue;
                }
                let good_for = Duration::from_millis(TALLY_FRESH_MS).saturating_sub(heard.age);
                let until =
                    taken.get(place + 1).map_or(heard.at + good_for, |next| next.at.min(heard.at + good_for));
                for (died, back) in dead {
                    let late = *died + LIT_AT_MOST + SLACK;
                    let shown = heard.at < *back && until > late && until > heard.at;
                    assert!(
                        !shown,
                        "{lit:?} of camera {} was shown until {} ms after its director's link died",
                        page.camera,
                        until.min(*back).duration_since(*died).as_millis()
                    );
                }
            }
        }
        self.beside.judge();
        self.watch.judge();
        self.tasks.abort_all();
    }
}

/// Another server of the same database, with the keys of the first.
fn second(first: &Process, shared: &[&str]) -> Process {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for key in ["token-key.pem", "pepper", "sealing-keys"] {
        std::fs::copy(first.dir.path().join("data").join(key), data.join(key)).unwrap();
    }
    let mut server = command(BINARY);
    server.args(serve_arguments(dir.path(), shared));
    Process::spawn(server, dir)
}

fn run_with(server: &Process, arguments: &[&str], shared: &[&str], input: &[u8]) -> std::process::Output {
    let mut binary = command(BINARY);
    binary.args(arguments).arg("--data-dir").arg(server.dir.path().join("data"));
    match shared {
        ["--database-url", database, ..] => binary.args(["--database-url", database]),
        _ => binary.args(["--database-url", &crate::process::database_url(server.dir.path())]),
    };
    finish(binary, input)
}

/// A door to a port of loopback behind which nothing goes on while it is cut off, and nobody is told so.
async fn door_to(port: u16, parted: watch::Receiver<bool>, tasks: &mut JoinSet<()>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let door = listener.local_addr().unwrap().port();
    tasks.spawn(async move {
        let mut inside = JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let mut parted = parted.clone();
            inside.spawn(async move {
                // Dropped, a connection would be told.
                let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                loop {
                    if parted.wait_for(|parted| !parted).await.is_err() {
                        return;
                    }
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => return,
                        _ = parted.wait_for(|parted| *parted) => {}
                    }
                }
            });
        }
    });
    door
}

impl Page {
    fn open(camera: u16, client: Client, joined: JoinResponse, tasks: &mut JoinSet<()>) -> Self {
        let history = History::default();
        let follower = Arc::new(Mutex::new(Follower::new(camera_number(camera))));
        let (heard, screen) = (Arc::clone(&history), Arc::clone(&follower));
        tasks.spawn(async move {
            loop {
                // Whatever ends it, it comes again: as a page does.
                let once = listen(camera, &client, &joined.token, &heard, &screen);
                let _ended = once.await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        Self { camera, history, follower }
    }

    fn shows(&self) -> Tally {
        self.follower.lock().unwrap().shows(Instant::now())
    }

    fn lamp(&self, state: &TallyState) -> Tally {
        let own = state.cameras.iter().find(|lamp| lamp.camera == camera_number(self.camera));
        own.map_or(Tally::Unknown, |lamp| lamp.tally)
    }
}

/// One connection of a page, until it ends or is silent.
pub(super) async fn listen(
    camera: u16,
    client: &Client,
    token: &str,
    history: &History,
    screen: &Mutex<Follower>,
) -> Option<()> {
    const SILENT: Duration = Duration::from_secs(3);
    let mut socket = tokio::time::timeout(SILENT, client.try_open("/ws/page", token)).await.ok()??;
    let hello = PageToCloud::Hello {
        protocol: PROTOCOL_VERSION,
        ticket: socket.ticket(),
        camera: Some(camera_number(camera)),
    };
    socket.try_say(&hello).await?;
    loop {
        let message = tokio::time::timeout(SILENT, socket.try_hear()).await.ok()??;
        let CloudToPage::Tally { age_ms, state, .. } = message else { continue };
        let (at, age) = (Instant::now(), Duration::from_millis(age_ms));
        let (taken, tally) = {
            let mut screen = screen.lock().unwrap();
            (screen.handle_word(state.clone(), age, at), screen.shows(at))
        };
        let (epoch, seq) = (state.epoch, state.seq);
        history.lock().unwrap().push(Heard { at, age, state, taken });
        socket.try_say(&PageToCloud::Shown { epoch, seq, camera: camera_number(camera), tally }).await?;
    }
}
