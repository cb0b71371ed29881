//! Three servers in network namespaces of their own, over one PostgreSQL and one nats-server behind the same bridge: one is
//! killed, one cut off, one drained, and at last one killed with the push. Needs root; without, it says that it was not run.

use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};
use returnfeed_protocol::{Epoch, JoinResponse, PublishGrant, SessionId, Tally, TallySequence};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::cloud::{Client, read};
use crate::nats::Nats;
use crate::picture::{Encoder, until};
use crate::player::Player;
use crate::postgres::Cluster;
use crate::process::{BINARY, Process, command, finish, serve_arguments};
use crate::socket::{Socket, word};

const EVEN: &[(u16, Tally)] = &[(1, Tally::Program), (2, Tally::Idle)];
const ODD: &[(u16, Tally)] = &[(1, Tally::Idle), (2, Tally::Program)];

/// A bridge, and a namespace for each server, each on a cable of its own.
struct Net {
    number: u8,
}

impl Net {
    /// None where this machine or its user may not.
    fn lay(servers: u8) -> Option<Self> {
        let net = Self { number: u8::try_from(std::process::id() % 250).unwrap() + 1 };
        if !ip(&["link", "add", &net.bridge(), "type", "bridge"]) {
            println!("NOT RUN: three servers in network namespaces, which root alone can make");
            return None;
        }
        let here = format!("{}/24", net.here());
        let mut laid =
            ip(&["addr", "add", &here, "dev", &net.bridge()]) && ip(&["link", "set", &net.bridge(), "up"]);
        for n in 0..servers {
            let (space, cable, there) = (net.space(n), net.cable(n), format!("{}/24", net.address(n)));
            laid = laid
                && ip(&["netns", "add", &space])
                && ip(&["link", "add", &cable, "type", "veth", "peer", "name", "eth0", "netns", &space])
                && ip(&["link", "set", &cable, "master", &net.bridge(), "up"])
                && ip(&["-n", &space, "addr", "add", &there, "dev", "eth0"])
                && ip(&["-n", &space, "link", "set", "eth0", "up"])
                && ip(&["-n", &space, "link", "set", "lo", "up"]);
        }
        assert!(laid, "the network could not be laid");
        Some(net)
    }

    fn bridge(&self) -> String {
        format!("rfb{}", self.number)
    }

    fn space(&self, n: u8) -> String {
        format!("rf{}-{n}", self.number)
    }

    fn cable(&self, n: u8) -> String {
        format!("rfv{}-{n}", self.number)
    }

    /// Ours, where the database, NATS, the director, the operators and the viewers are.
    fn here(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, self.number, 1)
    }

    fn address(&self, n: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, self.number, 10 + n)
    }

    fn cut(&self, n: u8) {
        assert!(ip(&["link", "set", &self.cable(n), "down"]));
    }

    fn mend(&self, n: u8) {
        assert!(ip(&["link", "set", &self.cable(n), "up"]));
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for n in 0..3 {
            ip(&["netns", "del", &self.space(n)]); // its cable goes with it
        }
        ip(&["link", "del", &self.bridge()]);
    }
}

fn ip(arguments: &[&str]) -> bool {
    let ran = Command::new("ip").args(arguments).stderr(Stdio::null()).status();
    ran.is_ok_and(|status| status.success())
}

/// Time as it goes where this machine does not stand still: what a thread waits beyond what it asked for is not counted.
/// The servers run on the machine that measures them, and on one that is busy both wait.
#[derive(Clone)]
pub(crate) struct Time {
    begin: Instant,
    lost_us: Arc<AtomicU64>,
}

impl Time {
    const EACH: Duration = Duration::from_millis(10);
    /// What a timer may be late by on a quiet machine.
    const SLACK: Duration = Duration::from_millis(1);

    pub(crate) fn begin() -> Self {
        let time = Self { begin: Instant::now(), lost_us: Arc::default() };
        let lost = Arc::downgrade(&time.lost_us);
        std::thread::spawn(move || {
            while let Some(lost_us) = lost.upgrade() {
                let asked = Instant::now();
                std::thread::park_timeout(Self::EACH);
                let late = asked.elapsed().saturating_sub(Self::EACH + Self::SLACK);
                lost_us.fetch_add(u64::try_from(late.as_micros()).unwrap(), Ordering::Relaxed);
            }
        });
        time
    }

    pub(crate) fn now(&self) -> Duration {
        self.begin.elapsed().saturating_sub(self.lost())
    }

    fn lost(&self) -> Duration {
        Duration::from_micros(self.lost_us.load(Ordering::Relaxed))
    }
}

/// One of the servers, while it runs.
struct Server {
    process: Process,
    client: Client,
}

struct Farm {
    net: Net,
    time: Time,
    servers: [Option<Server>; 3],
    keys: TempDir,
    database: String,
    nats: Nats,
    _cluster: Cluster,
    session: SessionId,
    director: String,
    /// Of cameras, who have the high layer.
    code: String,
}

const PATIENCE: Duration = Duration::from_secs(1);
/// By when those whose server is gone have a picture again.
const BACK_WITHIN: Duration = Duration::from_secs(3);
/// What viewers of another server do not notice: less than their players wait for a late picture.
const UNNOTICED: Duration = Duration::from_secs(1);
/// From then on a page shows no lamp.
const STALE: Duration = Duration::from_millis(2_500);
/// The last one is the edge.
const ROLES: [&str; 3] = ["all", "all", "edge"];

impl Farm {
    async fn start(net: Net) -> Self {
        let cluster = Cluster::start_at(Some(net.here()));
        cluster.address("farm");
        let database = format!("postgres://returnfeed@{}/farm", net.here());
        let nats = Nats::start_at(net.here());
        let keys = tempfile::tempdir().unwrap();
        let on_data = |words: &[&str], input: &[u8]| {
            let mut said = command(BINARY);
            said.args(words)
                .arg("--data-dir")
                .arg(keys.path().join("data"))
                .args(["--database-url", &database]);
            let said = finish(said, input);
            assert!(said.status.success(), "{said:?}");
            said.stdout
        };
        let account =
            ["account", "create", "--email", "ada@example.org", "--name", "Ada", "--password-stdin"];
        on_data(&account, b"correct horse\n");
        let session =
            ["session", "create", "--name", "Sunday", "--owner", "ada@example.org", "--live", "--json"];
        let made: Value = serde_json::from_slice(&on_data(&session, b"")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut farm = Self {
            net,
            time: Time::begin(),
            servers: [None, None, None],
            database: database.clone(),
            nats,
            _cluster: cluster,
            session: text(&made["session"]["id"]).parse().unwrap(),
            director: text(&made["director"]["token"]),
            code: text(&made["camera_code"]),
            keys,
        };
        for n in 0..3 {
            farm.begin(n);
        }
        farm
    }

    /// Starts a server in its namespace.
    fn begin(&mut self, n: u8) {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        for key in ["token-key.pem", "pepper", "sealing-keys"] {
            std::fs::copy(self.keys.path().join("data").join(key), data.join(key)).unwrap();
        }
        let url = format!("https://{}:8443", self.net.address(n));
        let own = [
            ("--listen", "0.0.0.0"),
            ("--https-port", "8443"),
            ("--srt-port", "8890"),
            ("--webrtc-port", "8189"),
            ("--database-url", &self.database),
            ("--bus", &self.nats.setting()),
            ("--role", ROLES[usize::from(n)]),
            ("--node-url", &url),
            ("--drain-seconds", "120"),
        ];
        let own: Vec<&str> = own.iter().flat_map(|(flag, value)| [*flag, *value]).collect();
        let mut server = command("ip");
        server.args(["netns", "exec", &self.net.space(n), BINARY]).args(serve_arguments(dir.path(), &own));
        let process = Process::spawn(server, dir);
        let client = process.client().at_host(IpAddr::V4(self.net.address(n)));
        self.servers[usize::from(n)] = Some(Server { process, client });
    }

    /// Without a connection yet.
    fn fresh_client(&self, n: u8) -> Client {
        let process = &self.servers[usize::from(n)].as_ref().unwrap().process;
        process.client().at_host(IpAddr::V4(self.net.address(n)))
    }

    fn client(&self, n: u8) -> &Client {
        &self.servers[usize::from(n)].as_ref().unwrap().client
    }

    /// As a power cut does.
    fn kill(&mut self, n: u8) {
        let Server { process, .. } = self.servers[usize::from(n)].take().unwrap();
        process.signal("-KILL");
    }

    async fn grant(&self, n: u8) -> PublishGrant {
        let path = format!("/api/sessions/{}/publish", self.session);
        read(self.client(n).post(&path, Some(&self.director), &json!({})).await, StatusCode::CREATED).await
    }

    fn push(&self, n: u8, grant: &PublishGrant) -> Encoder {
        let to = self.net.address(n).to_string();
        Encoder::push_to(&to, grant, &grant.srt.stream_id_high, &[])
    }

    async fn joined(&self, n: u8, code: &str) -> JoinResponse {
        read(self.client(n).post("/api/join", None, &json!({ "code": code })).await, StatusCode::CREATED)
            .await
    }

    /// A player waits a second for an answer: whom it was sent to may be gone, which the others know after three.
    async fn offer(
        &self,
        n: u8,
        query: &str,
        token: Option<&str>,
        offer: String,
    ) -> Result<Response, reqwest::Error> {
        let request = self.client(n).request(Method::POST, &format!("/whep/{}{query}", self.session), token);
        request.header("content-type", "application/sdp").timeout(PATIENCE).body(offer).send().await
    }

    /// A player that asks at this server and follows where it is sent, as often as it takes.
    async fn watch(&self, at: u8, viewer: &JoinResponse) -> Watcher {
        let begun = Instant::now();
        loop {
            let (player, offer) = Player::offering_at(self.net.here().into()).await;
            let mut answer = self.offer(at, "", Some(&viewer.token), offer.clone()).await;
            if let Ok(sent) = &answer
                && sent.status() == StatusCode::TEMPORARY_REDIRECT
            {
                let location = sent.headers()["location"].to_str().unwrap();
                let there =
                    (0..3).find(|n| location.contains(&format!("//{}:", self.net.address(*n)))).unwrap();
                let query = location.find('?').map(|at| location[at..].to_owned()).unwrap();
                if self.servers[usize::from(there)].is_some() {
                    answer = self.offer(there, &query, None, offer).await;
                }
            }
            match answer {
                Ok(made) if made.status() == StatusCode::CREATED => {
                    let (answer, frames) = (made.text().await.unwrap(), player.pictures());
                    let plays = tokio::spawn(async move { match player.play(&answer).await {} });
                    return Watcher::new(frames, plays, self.time.clone());
                }
                other => assert!(begun.elapsed() < Duration::from_secs(30), "{other:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await; // a player's own wait
        }
    }
}

/// A player that plays, how many pictures it has had, and the longest that it stood still.
struct Watcher {
    frames: Arc<AtomicU64>,
    still_us: Arc<AtomicU64>,
    plays: JoinHandle<()>,
    looks: JoinHandle<()>,
}

impl Watcher {
    fn new(frames: Arc<AtomicU64>, plays: JoinHandle<()>, time: Time) -> Self {
        let still_us = Arc::<AtomicU64>::default();
        let (pictures, longest) = (Arc::clone(&frames), Arc::clone(&still_us));
        let looks = tokio::spawn(async move {
            let mut tick = tokio::time::interval(Duration::from_millis(10));
            let (mut had, mut since) = (0, time.now());
            loop {
                tick.tick().await;
                let (has, now) = (pictures.load(Ordering::Relaxed), time.now());
                // Before its first picture it does not stand still yet.
                if has != had || has == 0 {
                    (had, since) = (has, now);
                }
                let still = u64::try_from(now.saturating_sub(since).as_micros()).unwrap();
                longest.fetch_max(still, Ordering::Relaxed);
            }
        });
        Self { frames, still_us, plays, looks }
    }

    /// What was before is looked at no more.
    fn look_from_now_on(&self) {
        self.still_us.store(0, Ordering::Relaxed);
    }

    /// It never stood still for so long that somebody would have noticed.
    fn noticed_nothing(&self, what: &str) {
        let longest = Duration::from_micros(self.still_us.load(Ordering::Relaxed));
        println!("   {what}: the longest that a viewer elsewhere saw one picture: {longest:?}");
        assert!(!self.plays.is_finished() && longest < UNNOTICED, "{what}: it stood still for {longest:?}");
    }

    fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Ten more pictures have come.
    async fn goes_on(&self, what: &str) {
        let before = self.frames();
        until(what, async || self.frames() >= before + 10).await;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.plays.abort();
        self.looks.abort();
    }
}

/// An operator's page: each word that it heard was right and newer than the one before.
struct Operator {
    heard: Arc<Mutex<Heard>>,
    listens: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    seq: u64,
    /// Words so old that a page shows none.
    too_old: u32,
    longest_gap: Duration,
}

impl Operator {
    async fn at(farm: &Farm, n: u8, epoch: Epoch) -> Self {
        let camera = farm.joined(n, &farm.code).await;
        let mut page = farm.client(n).open("/ws/page", &camera.token).await;
        page.greet_as_page(Some(1)).await;
        let heard = Arc::<Mutex<Heard>>::default();
        let (hears, time) = (Arc::clone(&heard), farm.time.clone());
        let listens = tokio::spawn(async move {
            let mut last: Option<Duration> = None;
            loop {
                let (age_ms, state) = page.tally().await;
                let expected = if state.seq.0.is_multiple_of(2) { EVEN } else { ODD };
                assert_eq!(state, word(epoch, state.seq.0, expected));
                let mut heard = hears.lock().unwrap();
                heard.too_old += u32::from(Duration::from_millis(age_ms) >= STALE);
                assert!(state.seq > TallySequence(heard.seq), "{} after {}", state.seq.0, heard.seq);
                heard.seq = state.seq.0;
                let now = time.now();
                let gap = last.replace(now).map_or(Duration::ZERO, |last| now.saturating_sub(last));
                heard.longest_gap = heard.longest_gap.max(gap);
            }
        });
        Self { heard, listens }
    }

    /// Never had to show that it does not know.
    fn always_knew(&self) -> bool {
        let heard = self.heard.lock().unwrap();
        heard.too_old == 0 && heard.longest_gap < STALE
    }

    /// Hears what is said from now on.
    async fn keeps_hearing(&self, what: &str, said: &AtomicU64) {
        let now = said.load(Ordering::Relaxed);
        until(what, async || self.heard.lock().unwrap().seq > now).await;
        assert!(!self.listens.is_finished(), "{what}: a word was wrong");
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.listens.abort();
    }
}

/// Says a word four times a second, each another one.
fn speak(mut uplink: Socket, epoch: Epoch, said: Arc<AtomicU64>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_millis(250));
        for seq in 1.. {
            tick.tick().await;
            uplink.say_tally(epoch, seq, if seq % 2 == 0 { EVEN } else { ODD }).await;
            said.store(seq, Ordering::Relaxed);
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_servers_one_is_killed_one_cut_off_one_drained_and_the_others_go_on() {
    let Some(net) = Net::lay(3) else { return };
    let mut farm = Farm::start(net).await;
    // The director speaks at the second server and pushes to the first.
    let grant = farm.grant(1).await;
    let mut uplink = farm.client(1).open("/ws/director", &farm.director).await;
    uplink.greet_as_director(grant.epoch).await;
    let said = Arc::<AtomicU64>::default();
    let speaks = speak(uplink, grant.epoch, Arc::clone(&said));
    let mut encoder = farm.push(0, &grant);
    let [near, far] = [farm.joined(0, &farm.code).await, farm.joined(2, &farm.code).await];
    let at_first = farm.watch(0, &near).await;
    let at_edge = farm.watch(2, &far).await;
    at_first.goes_on("the picture at its own server").await;
    at_edge.goes_on("the picture at the edge").await;
    let operators = [Operator::at(&farm, 0, grant.epoch).await, Operator::at(&farm, 1, grant.epoch).await];

    println!("the edge is killed");
    let before = at_first.frames();
    let begun = farm.time.now();
    farm.kill(2);
    drop(at_edge);
    let again = farm.watch(1, &far).await;
    until("its viewer is back", async || again.frames() > 0).await;
    let back = farm.time.now() - begun;
    println!("   its viewer, who asks another server, has a picture after {back:?}");
    assert!(back < BACK_WITHIN, "{back:?}");
    at_first.goes_on("the other's viewer").await;
    assert!(at_first.frames() > before);
    at_first.noticed_nothing("the edge killed");
    for operator in &operators {
        operator.keeps_hearing("the edge killed", &said).await;
        assert!(operator.always_knew());
    }
    drop(again);

    println!("the server with the push is cut off");
    farm.begin(2);
    let at_edge = farm.watch(2, &far).await;
    at_edge.goes_on("the picture at the edge again").await;
    let operators_there = Operator::at(&farm, 2, grant.epoch).await;
    let begun = farm.time.now();
    farm.net.cut(0);
    encoder.end();
    let newer = farm.grant(1).await;
    let pushed = farm.time.now();
    let mut second = farm.push(1, &newer);
    let had = at_edge.frames();
    drop(at_first);
    let at_the_edge = async {
        until("the edge follows", async || at_edge.frames() > had).await;
        (farm.time.now() - begun, farm.time.now() - pushed)
    };
    let moves = async {
        let moved = farm.watch(1, &near).await;
        until("its viewer asks another server", async || moved.frames() > 0).await;
        (moved, farm.time.now() - begun)
    };
    let ((since_cut, since_push), (moved, moved_since_cut)) = tokio::join!(at_the_edge, moves);
    println!(
        "   the edge's viewer, who does nothing, has a picture {since_cut:?} after the cut, {since_push:?} after the push"
    );
    println!("   its own viewer, who asks another server, has a picture {moved_since_cut:?} after the cut");
    assert!(since_cut < BACK_WITHIN && moved_since_cut < BACK_WITHIN, "{since_cut:?} {moved_since_cut:?}");
    at_edge.goes_on("the picture at the edge goes on").await;
    moved.goes_on("the picture at the other server goes on").await;
    for operator in [&operators[1], &operators_there] {
        operator.keeps_hearing("one cut off", &said).await;
        assert!(operator.always_knew());
    }
    farm.net.mend(0);
    // The system remembers for a moment that there was no way to it. What was open before the cut is not asked again: the
    // server may have closed it meanwhile, which nobody could be told, and its machine then answers by a reset. Whoever comes
    // anew meets none.
    farm.servers[0].as_mut().unwrap().client = farm.fresh_client(0);
    let asks = || farm.client(0).request(Method::GET, "/healthz", None).timeout(PATIENCE).send();
    until("it is reached again", async || match asks().await {
        Ok(answer) => answer.status() == StatusCode::OK,
        Err(error) => {
            assert!(error.is_connect() || error.is_timeout(), "a new connection was cut off: {error:?}");
            false
        }
    })
    .await;
    let back = Operator::at(&farm, 0, grant.epoch).await;
    back.keeps_hearing("it hears the others again", &said).await;

    println!("the edge is drained");
    at_edge.look_from_now_on();
    farm.servers[2].as_ref().unwrap().process.signal("-TERM");
    farm.servers[2].as_ref().unwrap().process.log_until("draining");
    let (_, offer) = Player::offering_at(farm.net.here().into()).await;
    let sent_on = farm.offer(2, "", Some(&far.token), offer).await.unwrap();
    assert_eq!(sent_on.status(), StatusCode::TEMPORARY_REDIRECT);
    let push_is_at = format!("https://{}:8443/", farm.net.address(1));
    assert!(sent_on.headers()["location"].to_str().unwrap().starts_with(&push_is_at));
    at_edge.goes_on("who is in stays").await;
    moved.goes_on("the others' viewer").await;
    for operator in [&operators[1], &back] {
        operator.keeps_hearing("one drained", &said).await;
    }
    assert!(operators[1].always_knew() && operators_there.always_knew());
    at_edge.noticed_nothing("its own viewer, who stays while it drains");
    drop((at_edge, operators_there));
    let Server { process, .. } = farm.servers[2].take().unwrap();
    tokio::task::spawn_blocking(|| process.ended()).await.unwrap();
    moved.goes_on("the others' viewer, after its end").await;
    moved.noticed_nothing("one drained");
    assert!(operators[1].always_knew());
    let longest_gap = operators[1].heard.lock().unwrap().longest_gap;
    println!("   the longest time between two words, of four a second: {longest_gap:?}");

    println!("the server with the push is killed");
    speaks.abort();
    drop((operators, back));
    let begun = farm.time.now();
    farm.kill(1);
    second.end();
    drop(moved);
    let newest = farm.grant(0).await;
    let _third = farm.push(0, &newest);
    let again = farm.watch(0, &near).await;
    until("its viewer asks another server", async || again.frames() > 0).await;
    let since_kill = farm.time.now() - begun;
    println!("   its own viewer, who asks where the push went, has a picture {since_kill:?} after it");
    assert!(since_kill < BACK_WITHIN, "{since_kill:?}");
    again.goes_on("the picture at the last server").await;
    println!("   this machine stood still for {:?} of {:?}", farm.time.lost(), farm.time.begin.elapsed());
}
