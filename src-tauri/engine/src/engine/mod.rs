//! Puts the parts together and does what the controller says.
//!
//! Refuses to decide. Invariant: whatever was started is ended by [`Engine::stop`] or by dropping the engine.

mod link;
mod media;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use returnfeed_protocol::Layer;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::controller::{Action, Command, Controller, ControllerConfig, Event, ShowSource, TallyConfig};
use crate::encode::{EncoderSlot, NoEncoder};
use crate::figures::Figures;
use crate::gui::Gui;
use crate::inputs::{Heard, InputSpec};
use crate::journal::{self, Logged};
use crate::lan::LanConfig;
use crate::multiview::Multiview;
use crate::outputs::OutputSpec;
use crate::picture::key::Key;
use crate::push::PushTarget;
use crate::sentence::Sentence;
use crate::sources::{Marks, SourceNumber, SourceSpec};
use crate::switch::{KeyPicture, Mixer};
use crate::uplink::UplinkConfig;
use link::Link;
use media::Media;

/// Events that may wait for the controller: it takes microseconds for each, so a full queue is a defect.
const EVENTS: usize = 1_024;

/// What an engine runs.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// What the show is called; names its recordings.
    pub show: String,
    /// The sources in the order of their keys; at least one.
    pub sources: Vec<SourceSpec>,
    /// What each is called; where it says nothing, as its input is.
    pub names: Vec<String>,
    /// What test sources add for those who measure.
    pub marks: Marks,
    /// Foreign switchers whose tally is heard.
    pub inputs: Vec<InputSpec>,
    /// Who else is told our lamps.
    pub outputs: Vec<OutputSpec>,
    /// Where operators' pages hear us without the cloud; nothing: nowhere.
    pub lan: Option<LanConfig>,
    /// By what the tally is made.
    pub tally: TallyConfig,
    /// The source that another switcher's programme comes in by, where we do not switch.
    pub beside: Option<SourceNumber>,
    /// The folder for recordings; without one, nothing is recorded.
    pub recordings: Option<PathBuf>,
    /// The folder for session logs; without one, nothing is logged.
    pub logs: Option<PathBuf>,
    /// Where the programme goes.
    pub destination: Destination,
    /// Whether what comes back from a cloud is played for the multiview: where nobody looks, it is waste.
    pub monitor: bool,
}

impl EngineConfig {
    /// What the source at this place of the list is called.
    fn label(&self, place: usize) -> String {
        let named = self.names.get(place).filter(|name| !name.is_empty()).cloned();
        named.or_else(|| self.sources.get(place).map(SourceSpec::label)).unwrap_or_default()
    }
}

/// Where the programme goes.
#[derive(Debug, Clone)]
pub enum Destination {
    /// To a session of a cloud, with tally.
    Cloud(Box<UplinkConfig>),
    /// To any SRT server, a layer each, without tally.
    Srt(Vec<(Layer, PushTarget)>),
    /// Nowhere yet: [`Command::GoOnAir`] brings it to a cloud.
    Here,
}

/// Why an engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing to switch.
    #[error("there is no source; name at least one with --source, for example --source test")]
    NoSource,
    /// More than there are camera numbers.
    #[error("{got} sources are more than there are camera numbers; the most is {max}", max = SourceNumber::MAX)]
    TooManySources {
        /// How many were named.
        got: usize,
    },
    /// GStreamer itself.
    #[error("GStreamer does not start: {0}; install gstreamer1.0-plugins-base")]
    GStreamer(String),
    /// No encoder works.
    #[error(transparent)]
    NoEncoder(#[from] NoEncoder),
    /// No thread.
    #[error("the system gives no more threads: {0}")]
    Thread(#[from] std::io::Error),
}

/// A running director.
pub struct Engine {
    events: mpsc::Sender<Event>,
    task: Option<JoinHandle<Option<String>>>,
    cancel: CancellationToken,
    mixer: Arc<Mixer>,
    multiview: Multiview,
    encoder: EncoderSlot,
}

impl Engine {
    /// Starts everything. What is wrong with a single source or with the cloud is told to the `gui`, not here.
    ///
    /// # Errors
    /// When nothing could be shown or encoded at all.
    pub async fn start(config: EngineConfig, gui: impl Gui) -> Result<Self, StartError> {
        Self::resume(config, None, gui).await
    }

    /// The same, with this source on air first.
    ///
    /// # Errors
    /// The same.
    pub async fn resume(
        config: EngineConfig,
        first: Option<SourceNumber>,
        gui: impl Gui,
    ) -> Result<Self, StartError> {
        let first = config.beside.or(first).filter(|first| first.index() < config.sources.len());
        if config.sources.is_empty() {
            return Err(StartError::NoSource);
        }
        if config.sources.len() > usize::from(SourceNumber::MAX) {
            return Err(StartError::TooManySources { got: config.sources.len() });
        }
        let (events, inbox) = mpsc::channel(EVENTS);
        let show: Vec<ShowSource> = config
            .sources
            .iter()
            .enumerate()
            .map(|(place, _)| ShowSource { number: SourceNumber::at(place), label: config.label(place) })
            .collect();
        let sender = events.clone();
        let begin = journal::begin(&config.show, &show, config.beside.is_some());
        let EngineConfig { inputs, outputs, lan, tally, beside, destination, logs, monitor: watched, .. } =
            config.clone();
        let media = tokio::task::spawn_blocking(move || Media::start(&config, first, &sender)).await;
        let media = media.map_err(|error| StartError::GStreamer(error.to_string()))??;
        let (cloud, targets) = match destination {
            Destination::Cloud(cloud) => (Some(Arc::from(cloud)), Vec::new()),
            Destination::Srt(targets) => (None, targets),
            Destination::Here => (None, Vec::new()),
        };
        let switchers = inputs.iter().map(|input| input.name.to_string()).collect();
        let config = ControllerConfig { sources: show, tally, beside, switchers, cloud };
        let (said, clock) = (events.clone(), media.clock.clone());
        let on_log = Box::new(move |state| deliver(&said, Event::Log(state)));
        let gui = Logged::beside(gui, logs.map(|folder| (folder, begin)), clock, on_log)?;
        let controller = Controller::new(config, gui, Instant::now());
        let cancel = CancellationToken::new();
        let (mixer, multiview) = (Arc::clone(&media.mixer), media.painter.multiview());
        let encoder = media.encoder.clone();
        let screen = watched.then(|| media.screen.clone());
        let link = Link::new(media.outlets.clone(), encoder.clone(), screen, events.clone());
        let mut shell = Shell {
            media,
            events: events.clone(),
            link,
            cancel: cancel.clone(),
            key_loads: Arc::default(),
            end: None,
        };
        shell.link.push_all(targets);
        let heard = shell.link.listen(inputs);
        shell.link.tell(outputs);
        if let Some(lan) = lan {
            shell.link.serve(lan);
        }
        let task = tokio::spawn(shell.run(controller, inbox, heard));
        Ok(Self { events, task: Some(task), cancel, mixer, multiview, encoder })
    }

    /// What hands commands on, from any thread and for as long as anybody likes.
    pub fn commander(&self) -> impl Fn(Command) + Send + Sync + Clone + 'static {
        let events = self.events.clone();
        move |command| deliver(&events, Event::Command(command))
    }

    /// What changes with each frame, as it is now.
    pub fn figures(&self) -> Figures {
        self.mixer.figures()
    }

    /// What asks for the pictures of preview, programme and sources.
    pub fn multiview(&self) -> Multiview {
        self.multiview.clone()
    }

    /// What encodes the programme.
    pub fn encoder(&self) -> EncoderSlot {
        self.encoder.clone()
    }

    /// What a person asks for.
    pub fn command(&self, command: Command) {
        deliver(&self.events, Event::Command(command));
    }

    /// Waits until it is over and says why; `None`: a person asked. Cancel safe.
    pub async fn ended(&mut self) -> Option<String> {
        let task = self.task.as_mut()?;
        let reason = task.await.unwrap_or_else(|error| Some(format!("a defect: {error}")));
        self.task = None;
        reason
    }

    /// Ends it: the tally's last word, SRT's goodbye, the sources.
    pub async fn stop(mut self) {
        self.cancel.cancel();
        if let Some(reason) = self.ended().await {
            tracing::info!(reason, "the engine had ended already");
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

fn deliver(events: &mpsc::Sender<Event>, event: Event) {
    if let Err(error) = events.try_send(event) {
        tracing::error!(%error, "the controller does not keep up");
    }
}

struct Shell {
    media: Media,
    events: mpsc::Sender<Event>,
    link: Link,
    cancel: CancellationToken,
    /// How many keys were asked for.
    key_loads: Arc<AtomicU64>,
    /// That it is over, and why.
    end: Option<Option<String>>,
}

impl Shell {
    async fn run<G: Gui>(
        mut self,
        mut controller: Controller<G>,
        mut inbox: mpsc::Receiver<Event>,
        mut heard: mpsc::Receiver<Heard>,
    ) -> Option<String> {
        let cancel = self.cancel.clone();
        loop {
            self.act(&mut controller);
            if self.end.is_some() {
                break;
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                event = inbox.recv() => match event {
                    Some(event) => controller.handle_event(event, Instant::now()),
                    None => break,
                },
                Some((switcher, event)) = heard.recv() => {
                    controller.handle_event(Event::Switcher(switcher, event), Instant::now());
                }
                () = tokio::time::sleep_until(controller.poll_timeout().into()) => {
                    controller.handle_timeout(Instant::now());
                }
            }
        }
        controller.end(Instant::now());
        self.act(&mut controller);
        let reason = self.end.take().flatten();
        self.close().await;
        reason
    }

    fn act<G: Gui>(&mut self, controller: &mut Controller<G>) {
        while let Some(action) = controller.poll_action() {
            match action {
                Action::Cut(source) => self.refuse(self.media.mixer.cut(source)),
                Action::Preview(source) => self.refuse(self.media.mixer.set_preview(source)),
                Action::Swap => self.refuse(self.media.mixer.swap()),
                Action::Auto(transition) => self.refuse(self.media.mixer.auto(transition)),
                Action::Black { black, duration } => self.media.mixer.black(black, duration),
                Action::KeyPicture(picture) => self.load_key(picture),
                Action::Key(on) => self.media.mixer.key(on),
                Action::Sound(sound) => self.media.mixer.hear_by(sound),
                Action::Record(on) => self.media.record(on),
                Action::Lamp(source, lamp) => {
                    if let Some(source) = self.media.sources.get(source.index()) {
                        source.set_lamp(lamp);
                    }
                }
                Action::Say(state) => self.link.say(state),
                Action::Cues(sheet) => self.link.cue(sheet),
                Action::LanOffer(page, offer) => self.link.introduce(page, offer),
                Action::LanAnswer(page, answer) => self.link.answer(page, answer),
                Action::Keyframe(layer) => self.media.encoder.request_keyframe(layer),
                Action::OpenUplink(config) => self.link.open(config),
                Action::Door(door) => self.link.let_in(door),
                Action::CloseUplink => self.link.close_uplink(),
                Action::Push(grant) => self.link.push_grant(&grant.0),
                Action::Regrant => self.link.regrant(),
                Action::Stop(reason) => self.end = Some(reason),
            }
        }
    }

    fn refuse(&self, result: Result<(), impl Into<Sentence>>) {
        if let Err(refusal) = result {
            deliver(&self.events, Event::CommandRefused(refusal.into()));
        }
    }

    /// Loads it beside everything else; of several the newest counts.
    fn load_key(&self, picture: Option<KeyPicture>) {
        let (mixer, events, loads) =
            (Arc::clone(&self.media.mixer), self.events.clone(), Arc::clone(&self.key_loads));
        let this = loads.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::task::spawn_blocking(move || {
            let key = picture.as_ref().map(Key::load).transpose();
            if loads.load(Ordering::Relaxed) == this {
                let loaded = key.map(|key| {
                    mixer.set_key(key.map(Arc::new));
                    picture
                });
                deliver(&events, Event::KeyLoaded(loaded));
            }
        });
    }

    /// Says goodbye to the cloud, then ends what carries frames.
    async fn close(self) {
        self.link.end().await;
        let media = self.media;
        if tokio::task::spawn_blocking(move || drop(media)).await.is_err() {
            tracing::error!("the sources did not end cleanly");
        }
    }
}
