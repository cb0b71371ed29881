use std::time::Duration;

use returnfeed_protocol::Show;
use returnfeed_protocol::show::ShowSource;
use tempfile::TempDir;

use super::room::Done;
use super::*;
use crate::gui::{AirState, Door};
use crate::sentence::Sentence;
use crate::sync::Report;
use crate::view::{Account, Keep, Password, SyncState};

/// A machine with a folder of its own, and no engine: its show has no sources.
struct Machine {
    studio: Studio,
    view: watch::Receiver<View>,
    folder: TempDir,
}

impl Machine {
    fn start() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    fn on(folder: TempDir) -> Self {
        let folders =
            Folders { data: folder.path().join("data"), documents: folder.path().join("documents") };
        let secrets = SecretStore::in_files(folder.path().join("secrets"));
        let studio = Studio::open(folders, secrets, Begin::Anew);
        let view = studio.watch();
        Self { studio, view, folder }
    }

    fn ask(&self, intent: Intent) {
        self.studio.ask(intent).unwrap();
    }

    /// Waits until the view is thus.
    async fn sees(&mut self, what: &str, condition: impl Fn(&View) -> bool) -> View {
        let waited =
            tokio::time::timeout(Duration::from_secs(20), self.view.wait_for(|view| condition(view)));
        match waited.await {
            Ok(seen) => seen.expect("the studio lives").clone(),
            Err(_) => panic!("never seen: {what}: {:?}", self.studio.watch().borrow()),
        }
    }

    async fn new_show(&mut self, name: &str) -> Show {
        self.ask(Intent::NewShow { name: name.to_owned() });
        let view =
            self.sees("the new show", |view| view.show.as_ref().is_some_and(|open| open.show.name == name));
        view.await.show.unwrap().show
    }

    async fn again(self) -> Self {
        self.studio.close().await;
        Self::on(self.folder)
    }
}

#[tokio::test]
async fn what_was_open_is_open_after_the_next_start() {
    let mut machine = Machine::start();
    machine.new_show("Saturday").await;
    machine.new_show("Sunday").await;
    let mut machine = machine.again().await;
    let view = machine.sees("the show that was open last", |view| view.show.is_some()).await;
    assert_eq!(view.show.unwrap().show.name, "Sunday");
    assert_eq!(view.shows.len(), 2);
    assert!(view.shows.iter().all(|show| show.sync == SyncState::SavedHere));
}

#[tokio::test]
async fn a_second_window_says_that_it_is_one_and_leaves_alone_what_is_on_air_in_the_first() {
    let mut first = Machine::start();
    first.new_show("Sunday").await;
    let data = first.folder.path().join("data");
    std::fs::write(data.join("on-air.json"), "what the first one wrote").unwrap();
    let folders = Folders { data: data.clone(), documents: first.folder.path().join("documents") };
    let second = Studio::open(folders, SecretStore::in_files(data.join("secrets")), Begin::Anew);
    let mut view = second.watch();
    let said = |view: &View| view.refused.as_ref().is_some_and(|said| said.says.text.contains("another"));
    let seen = tokio::time::timeout(Duration::from_secs(20), view.wait_for(said)).await;
    assert!(seen.is_ok_and(|seen| seen.is_ok_and(|view| view.show.is_none())));
    second.close().await;
    assert!(data.join("on-air.json").exists());
}

#[tokio::test]
async fn a_change_is_kept_and_taken_back() {
    let mut machine = Machine::start();
    let show = machine.new_show("Sunday").await;
    let mut changed = show.clone();
    changed.keys.insert("cut".into(), "KeyX".into());
    machine.ask(Intent::SaveShow { show: Box::new(changed.clone()) });
    let is = |wanted: Show| move |view: &View| view.show.as_ref().is_some_and(|open| open.show == wanted);
    assert!(machine.sees("the change", is(changed)).await.can_undo);
    machine.ask(Intent::Undo);
    assert!(!machine.sees("as it was", is(show)).await.can_undo);
}

#[tokio::test]
async fn what_no_show_may_be_is_refused_and_the_one_before_stays() {
    let mut machine = Machine::start();
    let show = machine.new_show("Sunday").await;
    let nameless = Show { name: String::new(), ..show.clone() };
    machine.ask(Intent::SaveShow { show: Box::new(nameless) });
    let view = machine.sees("a sentence", |view| view.refused.is_some()).await;
    assert_eq!(view.show.unwrap().show, show);
    machine.ask(Intent::ImportShow { text: "{}".to_owned() });
    let said = |view: &View| view.refused.as_ref().is_some_and(|said| said.says.text.contains("no show"));
    machine.sees("why it is none", said).await;
}

#[tokio::test]
async fn a_show_written_to_a_file_comes_back_from_it() {
    let mut machine = Machine::start();
    machine.new_show("주일: 예배").await;
    let id = machine.view.borrow().show.as_ref().unwrap().id;
    machine.ask(Intent::ExportShow { id });
    let path = machine.sees("where it is", |view| view.done.is_some()).await.done.unwrap().says.text;
    assert!(path.ends_with("주일_ 예배.returnfeed.json"), "{path}");
    machine.ask(Intent::ImportShow { text: std::fs::read_to_string(path).unwrap() });
    machine.sees("twice the same", |view| view.shows.len() == 2).await;
}

#[tokio::test]
async fn nobody_goes_on_air_without_a_source_and_says_so() {
    let mut machine = Machine::start();
    machine.new_show("Sunday").await;
    machine.ask(Intent::Air { door: Door::Everybody });
    let view = machine.sees("a sentence", |view| view.refused.is_some()).await;
    assert!(view.refused.unwrap().says.text.contains("add a source"));
    assert_eq!((view.air, view.going), (AirState::Off { reason: Sentence::default() }, false));
}

#[tokio::test]
async fn a_cloud_that_is_not_there_is_said_and_nobody_is_signed_in() {
    let mut machine = Machine::start();
    // Port 1 of loopback is nobody's.
    machine.ask(Intent::SetCloud { address: "http://127.0.0.1:1".into(), fingerprint: String::new() });
    machine.ask(Intent::SignIn { email: "a@b.c".into(), password: Password("x".into()) });
    let view = machine.sees("why", |view| view.cloud.trouble.is_some()).await;
    assert_eq!((view.account, view.cloud.busy), (Account::Out, false));
    machine.ask(Intent::SetCloud { address: "http://feed.example".into(), fingerprint: String::new() });
    let clear = |view: &View| view.refused.as_ref().is_some_and(|said| said.says.text.contains("in clear"));
    let view = machine.sees("that a token would travel in clear", clear).await;
    assert_eq!(view.cloud.address.as_deref(), Some("http://127.0.0.1:1"));
}

#[tokio::test]
async fn a_show_of_one_version_has_nothing_to_choose() {
    let mut machine = Machine::start();
    machine.new_show("Sunday").await;
    let id = machine.view.borrow().show.as_ref().unwrap().id;
    machine.ask(Intent::Choose { id, keep: Keep::Ours });
    machine
        .sees("a sentence", |view| {
            view.refused.as_ref().is_some_and(|one| one.says.text.contains("one version"))
        })
        .await;
}

#[test]
fn the_source_of_a_show_is_what_a_window_makes_of_it() {
    let intent = r#"{"do":"save_show","show":{"returnfeed_show":1,"name":"A","sources":[{"name":"x","camera":3,"input":{"kind":"test"}}]}}"#;
    let Intent::SaveShow { show } = serde_json::from_str(intent).unwrap() else { panic!("a show") };
    let ShowSource { name, camera, .. } = show.sources.first().unwrap();
    assert_eq!((name.as_str(), camera.map(|camera| camera.get())), ("x", Some(3)));
}

/// As at the first start after signing in: a person adds a source while the cloud still answers.
#[tokio::test]
async fn what_is_asked_of_the_shows_while_a_sync_holds_them_is_done_after_it_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders { data: folder.path().join("data"), documents: folder.path().join("documents") };
    let secrets = SecretStore::in_files(folder.path().join("secrets"));
    let (view, seen) = watch::channel(View::default());
    let mut room = Room::new(folders, secrets, Begin::Anew, view, Running::default());
    let sync = room.library.clone().unwrap().lock_owned().await;
    room.ask(Intent::NewShow { name: "Morning".to_owned() });
    room.ask(Intent::NewShow { name: "Evening".to_owned() });
    assert!(
        seen.borrow().shows.is_empty() && seen.borrow().refused.is_none(),
        "it waits, and nothing is refused"
    );
    drop(sync);
    room.done(Done::Synced(Ok(Report::default())));
    let view = seen.borrow().clone();
    assert_eq!(view.shows.len(), 2);
    assert_eq!(view.show.unwrap().show.name, "Evening", "the one that was asked for last");
    assert!(view.refused.is_none());
}
