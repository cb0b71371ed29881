//! OBS itself, in a home of its own, under a virtual display, driven over a WebSocket of the test's own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use returnfeed_switchers::obs::authentication;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::stream::MaybeTlsStream;
use tokio_tungstenite::tungstenite::{Message, WebSocket, connect};

use crate::listener::PATIENCE;

pub(crate) const PASSWORD: &str = "correct horse";

/// A program that ends with the test, and whatever it started with it.
struct Program(Child);

impl Program {
    /// In a group of its own.
    fn start(command: &mut Command) -> Self {
        Self(command.process_group(0).spawn().unwrap_or_else(|error| {
            panic!("{:?} does not start ({error}); ./dev test installs it", command.get_program())
        }))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).status();
        let _reaped = self.0.wait();
    }
}

/// A running OBS.
pub(crate) struct Studio {
    pub(crate) port: u16,
    home: TempDir,
    display: String,
    obs: Option<Program>,
    _screen: Program,
}

impl Studio {
    pub(crate) fn open() -> Self {
        let (screen, display) = screen();
        let home = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = home.path().join("obs-studio");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(home.path().join("run")).unwrap();
        let ini = format!(
            "[General]\nFirstRun=true\nEnableAutoUpdates=false\n\n[OBSWebSocket]\nFirstLoad=false\nServerEnabled=true\n\
             ServerPort={port}\nAlertsEnabled=false\nAuthRequired=true\nServerPassword={PASSWORD}\n\n\
             [Basic]\nSceneCollection=Show\nSceneCollectionFile=Show\nProfile=Test\nProfileDir=Test\n"
        );
        // A small picture, seldom: a software renderer on a busy machine keeps up with it.
        let profile = folder.join("basic/profiles/Test");
        fs::create_dir_all(&profile).unwrap();
        let video = "[Video]\nBaseCX=320\nBaseCY=180\nOutputCX=320\nOutputCY=180\nFPSType=0\nFPSCommon=10\n";
        fs::write(profile.join("basic.ini"), format!("[General]\nName=Test\n\n{video}")).unwrap();
        let scenes = folder.join("basic/scenes");
        fs::create_dir_all(&scenes).unwrap();
        fs::write(scenes.join("Show.json"), show().to_string()).unwrap();
        fs::write(folder.join("global.ini"), ini).unwrap();
        let mut studio = Self { port, home, display, obs: None, _screen: screen };
        studio.start();
        studio
    }

    pub(crate) fn start(&mut self) {
        let home = self.home.path();
        let mut command = Command::new("obs");
        command
            .args(["--multi", "--minimize-to-tray", "--disable-updater"])
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("DISPLAY", &self.display)
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("QT_QPA_PLATFORM", "xcb")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(home.join("obs.log")).unwrap());
        self.obs = Some(Program::start(&mut command));
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "OBS opened no port: {}", log(home));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// As when its machine loses power.
    pub(crate) fn kill(&mut self) {
        self.obs = None;
    }

    /// The spec by which the engine listens to it.
    pub(crate) fn spec(&self) -> String {
        let file = self.home.path().join("password");
        fs::write(&file, PASSWORD).unwrap();
        format!("obs:127.0.0.1:{}?password-file={}", self.port, file.display())
    }

    /// A second connection, which drives it.
    pub(crate) fn remote(&self) -> Remote {
        Remote::connect(self.port)
    }
}

/// What no request can make: a scene that shows a group, and the group's input.
fn show() -> Value {
    let item =
        |name: &str| json!({ "name": name, "id": 1, "visible": true, "scale": { "x": 1.0, "y": 1.0 } });
    let scene =
        json!({ "id": "scene", "name": "Grouped", "settings": { "id_counter": 1, "items": [item("Pair")] } });
    let group = json!({ "id": "group", "name": "Pair",
        "settings": { "id_counter": 1, "cx": 64, "cy": 64, "items": [item("Cam 4")] } });
    let camera =
        json!({ "id": "color_source", "versioned_id": "color_source_v3", "name": "Cam 4", "settings": {} });
    json!({ "name": "Show", "current_scene": "Grouped", "current_program_scene": "Grouped",
        "scene_order": [{ "name": "Grouped" }], "sources": [camera, scene], "groups": [group] })
}

fn log(home: &Path) -> String {
    fs::read_to_string(home.join("obs.log")).unwrap_or_default()
}

fn screen() -> (Program, String) {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"]);
    let mut screen =
        Program::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()));
    let mut number = String::new();
    BufReader::new(screen.0.stdout.as_mut().unwrap()).read_line(&mut number).unwrap();
    (screen, format!(":{}", number.trim()))
}

/// Drives OBS as its operator would.
pub(crate) struct Remote {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    asked: u32,
}

impl Remote {
    fn connect(port: u16) -> Self {
        let (socket, _) = connect(format!("ws://127.0.0.1:{port}")).unwrap();
        let mut remote = Self { socket, asked: 0 };
        let hello = remote.next(|message| message["op"] == 0);
        let text = |key: &str| hello["d"]["authentication"][key].as_str().unwrap().to_owned();
        let answer = authentication(&SecretString::from(PASSWORD), &text("salt"), &text("challenge"));
        let identify = json!({ "rpcVersion": 1, "eventSubscriptions": 0, "authentication": answer });
        remote.say(&json!({ "op": 1, "d": identify }));
        remote.next(|message| message["op"] == 2);
        remote
    }

    fn say(&mut self, message: &Value) {
        self.socket.send(Message::text(message.to_string())).unwrap();
    }

    fn next(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().unwrap() {
                let message: Value = serde_json::from_str(&text).unwrap();
                if wanted(&message) {
                    return message;
                }
            }
        }
    }

    /// Asks for something, which must be granted unless OBS is not ready yet.
    pub(crate) fn ask(&mut self, kind: &str, data: Value) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.asked += 1;
            let id = self.asked.to_string();
            self.say(&json!({ "op": 6, "d": { "requestType": kind, "requestId": id, "requestData": data } }));
            let answer = self.next(|message| message["op"] == 7 && message["d"]["requestId"] == id.as_str());
            let status = &answer["d"]["requestStatus"];
            if status["result"] == true {
                return answer["d"]["responseData"].clone();
            }
            assert!(status["code"] == 207 && Instant::now() < deadline, "{kind} {data}: {status}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks until the answer is this.
    pub(crate) fn until(&mut self, kind: &str, holds: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.ask(kind, json!({}));
            if holds(&answer) {
                return;
            }
            assert!(Instant::now() < deadline, "{kind} is still {answer}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
