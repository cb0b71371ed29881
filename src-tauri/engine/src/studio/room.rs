//! Does what is asked, one thing at a time. What takes a while is done beside it, and its outcome comes back here.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use returnfeed_protocol::{Show, ShowId};
use returnfeed_tally::Lamps;
use secrecy::SecretString;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::air::{Going, NotStarted};
use super::awake::Awake;
use super::cloud::{Account, Opened, Person};
use super::finder::Search;
use super::on_air::OnAirFile;
use super::settings::{Settings, SettingsFile};
use super::way::Measured;
use super::{Begin, Folders, Running};
use crate::controller::Command;
use crate::engine::Engine;
use crate::gui::{AirState, Door};
use crate::secrets::{SecretError, SecretStore};
use crate::sentence::Sentence;
use crate::switch::Transition;
use crate::sync::{Library, LibraryError, Offline, Report};
use crate::view::{CheckLine, Found, Intent, SessionView, View};

/// How often the shows are brought in step without being asked.
const SYNC_EVERY: Duration = Duration::from_secs(60);

/// How often battery and disk are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// What may wait for the shows: more than a person asks for within a sync.
const WAITING: usize = 16;

/// What took a while.
pub(super) enum Done {
    /// Nobody: no login was kept, or it is over.
    SignedIn(Result<Option<Person>, Offline>),
    Session {
        show: ShowId,
        door: Door,
        opened: Result<Opened, Offline>,
    },
    Engine(Result<Engine, NotStarted>),
    Recalled(ShowId, Option<(SessionView, SecretString)>),
    Synced(Result<Report, LibraryError>),
    Saved(Result<(), LibraryError>),
    SecretKept(Result<(), SecretError>),
    Checked(CheckLine),
    /// There is a session to measure the way to.
    WayOpened(ShowId, Result<Opened, Offline>),
    Measured(Result<Measured, Sentence>),
    Reported(Result<PathBuf, Sentence>),
    Found(Found),
    Nothing,
}

/// The state. See the module.
pub(super) struct Room {
    pub(super) folders: Folders,
    pub(super) secrets: SecretStore,
    begin: Begin,
    pub(super) on_air: OnAirFile,
    pub(super) awake: Awake,
    pub(super) view: watch::Sender<View>,
    pub(super) running: Running,
    pub(super) file: SettingsFile,
    pub(super) settings: Settings,
    /// Locked for as long as a sync takes; none where the folder cannot be used.
    pub(super) library: Option<Arc<Mutex<Library>>>,
    pub(super) show: Option<(ShowId, Show)>,
    /// What is asked of the shows while a sync holds them.
    waiting: VecDeque<Intent>,
    /// What the open show was before, the newest last.
    pub(super) before: Vec<Show>,
    pub(super) account: Option<Account>,
    /// Somebody is signing in.
    pub(super) asking: Option<AbortHandle>,
    pub(super) search: Option<Search>,
    pub(super) going: Going,
    /// The way to the cloud is being measured.
    pub(super) measuring: bool,
    pub(super) tasks: JoinSet<Done>,
    pub(super) found: (mpsc::Sender<Found>, mpsc::Receiver<Found>),
}

impl Room {
    pub(super) fn new(
        folders: Folders,
        secrets: SecretStore,
        begin: Begin,
        view: watch::Sender<View>,
        running: Running,
    ) -> Self {
        let file = SettingsFile::of(&folders.data);
        let mut room = Self {
            on_air: OnAirFile::of(&folders.data),
            awake: Awake::default(),
            folders,
            secrets,
            begin,
            view,
            running,
            settings: file.read(),
            file,
            library: None,
            show: None,
            waiting: VecDeque::new(),
            before: Vec::new(),
            account: None,
            asking: None,
            search: None,
            going: Going::default(),
            measuring: false,
            tasks: JoinSet::new(),
            found: mpsc::channel(4),
        };
        room.open_library();
        room
    }

    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Intent>, over: CancellationToken) {
        self.begin(self.begin);
        let mut seen = self.view.subscribe();
        let mut sync = tokio::time::interval(SYNC_EVERY);
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                biased;
                () = over.cancelled() => break,
                intent = inbox.recv() => match intent {
                    Some(intent) => self.ask(intent),
                    None => break,
                },
                Some(done) = self.tasks.join_next() => self.done(done.unwrap_or(Done::Nothing)),
                Some(found) = self.found.1.recv() => self.done(Done::Found(found)),
                _ = sync.tick() => {
                    self.go_on_as_before();
                    self.sync();
                }
                _ = look.tick() => self.look_at_machine(),
                Ok(()) = seen.changed() => {
                    let air = seen.borrow_and_update().air.clone();
                    self.air_is(&air);
                }
            }
        }
        self.tasks.abort_all();
        let engine = self.running.lock().take();
        if let Some(engine) = engine {
            engine.stop().await;
        }
        // It ended because it was told to: there is nothing to come back to.
        if self.library.is_some() {
            self.on_air.forget();
            crate::keep::forget(&self.on_air.standing());
        }
    }

    pub(super) fn ask(&mut self, intent: Intent) {
        let of_the_shows =
            intent.is_of_the_shows() || matches!(intent, Intent::SaveShow { .. }) && self.show.is_none();
        if of_the_shows && (!self.waiting.is_empty() || self.shows_are_held()) {
            return self.wait(intent);
        }
        self.do_now(intent);
    }

    /// A sync takes as long as the cloud: what is asked of the shows meanwhile is done after it, in order.
    fn wait(&mut self, intent: Intent) {
        match self.waiting.len() < WAITING {
            true => self.waiting.push_back(intent),
            false => self.refuse(Sentence::busy()),
        }
    }

    fn go_on_with_what_waits(&mut self) {
        while !self.shows_are_held()
            && let Some(intent) = self.waiting.pop_front()
        {
            self.do_now(intent);
        }
    }

    fn do_now(&mut self, intent: Intent) {
        match intent {
            Intent::Preview { source } => self.press(Command::Preview(source)),
            Intent::HotCut { source } => self.press(Command::Cut(source)),
            Intent::Cut => self.press(Command::Swap),
            Intent::Auto { manner, duration_ms } => {
                self.press(Command::Auto(Transition { manner, duration: ms(duration_ms) }));
            }
            Intent::Black { black, duration_ms } => {
                self.press(Command::Black { black, duration: ms(duration_ms) });
            }
            Intent::KeyPicture { picture } => self.press(Command::KeyPicture(picture)),
            Intent::Key { on } => self.press(Command::Key(on)),
            Intent::Sound { settings } => self.press(Command::Sound(settings)),
            Intent::Record { on } => self.press(Command::Record(on)),
            Intent::UndoSetting => self.press(Command::Undo),
            Intent::TestLamps { camera } => self.press(Command::Test(camera.map_or(Lamps::All, Lamps::Of))),
            Intent::Cue { to, text } => self.press(Command::Cue { to, text }),
            Intent::Silence { silent } => self.press(Command::Silence(silent)),
            Intent::Air { door } => self.go(door),
            Intent::Stop => self.stop(),
            Intent::NewSession => self.forget_session(),
            Intent::SetCloud { address, fingerprint } => self.set_cloud(&address, &fingerprint),
            Intent::SignIn { email, password } => self.sign_in(email, password.0.into()),
            Intent::KeepSecret { name, secret } => self.keep_secret(name, secret.0.into()),
            Intent::SetOutputs { outputs } => self.set_outputs(outputs),
            Intent::SignInByBrowser => self.sign_in_by_browser(),
            Intent::SignOut => self.sign_out(),
            Intent::NewShow { name } => self.new_show(&Show::new(name)),
            Intent::OpenShow { id } => self.open_show(id),
            Intent::ImportShow { text } => self.import(&text),
            Intent::ExportShow { id } => self.export(id),
            Intent::DuplicateShow { id } => self.duplicate(id),
            Intent::DeleteShow { id } => self.delete(id),
            Intent::SaveShow { show } => self.save(*show),
            Intent::Undo => self.undo(),
            Intent::Sync => self.sync(),
            Intent::Compare { id } => self.compare(id),
            Intent::Choose { id, keep } => self.choose(id, keep),
            Intent::Find { looking } => self.find(looking),
            Intent::Check => self.check(),
            Intent::Report { language, frames_per_second } => self.report(language, frames_per_second),
        }
    }

    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::SignedIn(result) => self.signed_in(result),
            Done::Session { show, door, opened } => self.session_opened(show, door, opened),
            Done::Recalled(show, kept) => self.recalled(show, kept),
            Done::Engine(result) => self.engine_started(result),
            Done::Synced(report) => {
                self.synced(report);
                self.go_on_with_what_waits();
            }
            Done::Saved(result) => {
                if let Err(error) = result {
                    self.refuse(error.to_string());
                }
                self.list_shows();
                self.go_on_with_what_waits();
                self.sync();
            }
            Done::SecretKept(result) => self.secret_kept(result),
            Done::Checked(line) => self.checked(line),
            Done::WayOpened(show, opened) => self.way_opened(show, opened),
            Done::Measured(result) => self.way_measured(result),
            Done::Reported(result) => self.reported(result),
            Done::Found(found) => self.draw(|view| view.found = found),
            Done::Nothing => {}
        }
    }

    /// A command for the engine, if one runs.
    pub(super) fn press(&mut self, command: Command) {
        let pressed = self.running.lock().as_ref().map(|engine| engine.command(command));
        if pressed.is_none() {
            self.refuse(Sentence::nothing_to_switch());
        }
    }

    /// Changes what is drawn.
    pub(super) fn draw(&self, change: impl FnOnce(&mut View)) {
        self.view.send_modify(change);
    }

    /// Says why something is not done.
    pub(super) fn refuse(&self, why: impl Into<Sentence>) {
        self.draw(|view| view.refuse(why));
    }

    /// Remembers the settings as they are now.
    pub(super) fn keep_settings(&self) {
        if let Err(error) = self.file.write(&self.settings) {
            self.refuse(Sentence::settings_not_kept(error));
        }
    }

    /// Whether the programme is at the cloud, or on its way.
    pub(super) fn is_on_air(&self) -> bool {
        !matches!(self.view.borrow().air, AirState::Off { .. }) || self.view.borrow().going
    }

    fn find(&mut self, looking: bool) {
        if !looking {
            self.search = None;
            return self.draw(|view| view.found = Found::Off);
        }
        if self.search.is_some() {
            return;
        }
        let found = self.found.0.clone();
        match Search::start(move |news| drop(found.try_send(news))) {
            Ok(search) => self.search = Some(search),
            Err(error) => self.refuse(Sentence::no_threads(error)),
        }
    }
}

fn ms(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}
