//! Puts the parts together and does what the controller says.
//!
//! Refuses to decide. Invariant: whatever was started is ended by [`Engine::stop`] or by dropping the engine.

mod media;

use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_protocol::{CueSheet, Layer, PublishGrant, TallyState};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::controller::{Action, Command, Controller, Event, ShowSource, TallyConfig};
use crate::encode::NoEncoder;
use crate::gui::Gui;
use crate::inputs::{self, Heard, InputSpec};
use crate::outputs::{self, OutputSpec};
use crate::push::{self, OnPush, PushTarget};
use crate::sources::{Marks, SourceNumber, SourceSpec};
use crate::uplink::{self, Steering, UplinkConfig};
use media::Media;

/// Events that may wait for the controller: it takes microseconds for each, so a full queue is a defect.
const EVENTS: usize = 1_024;
/// What inputs say waits here; each of them holds its newest back while this is full.
const HEARD: usize = 16;
/// How long the pushes and the uplink may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// What an engine runs.
#[derive(Debug, Clone)]
pub struct EngineConfig {
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
    /// By what the tally is made.
    pub tally: TallyConfig,
    /// Where the programme goes.
    pub destination: Destination,
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
}

impl Engine {
    /// Starts everything. What is wrong with a single source or with the cloud is told to the `gui`, not here.
    ///
    /// # Errors
    /// When nothing could be shown or encoded at all.
    pub async fn start(config: EngineConfig, gui: impl Gui) -> Result<Self, StartError> {
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
        let EngineConfig { inputs, outputs, tally, destination, .. } = config.clone();
        let media = tokio::task::spawn_blocking(move || Media::start(&config, &sender)).await;
        let media = media.map_err(|error| StartError::GStreamer(error.to_string()))??;
        let controller = Controller::new(&show, tally, gui, Instant::now());
        let cancel = CancellationToken::new();
        let mut shell = Shell {
            media,
            events: events.clone(),
            link: Link::new(),
            cancel: cancel.clone(),
            host: None,
            done: false,
            reason: None,
        };
        shell.open(destination);
        let heard = shell.listen(inputs);
        shell.tell(outputs);
        let task = tokio::spawn(shell.run(controller, inbox, heard));
        Ok(Self { events, task: Some(task), cancel })
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

/// Everything that leaves the machine.
struct Link {
    tally: watch::Sender<Option<TallyState>>,
    cues: watch::Sender<Option<CueSheet>>,
    regrant: Arc<Notify>,
    tasks: JoinSet<()>,
    /// Ends the inputs, and the uplink and the outputs after their last word.
    uplink: CancellationToken,
    /// Ends the pushes of the present grant.
    pushes: CancellationToken,
}

impl Link {
    fn new() -> Self {
        Self {
            tally: watch::channel(None).0,
            cues: watch::channel(None).0,
            regrant: Arc::new(Notify::new()),
            tasks: JoinSet::new(),
            uplink: CancellationToken::new(),
            pushes: CancellationToken::new(),
        }
    }
}

struct Shell {
    media: Media,
    events: mpsc::Sender<Event>,
    link: Link,
    cancel: CancellationToken,
    /// Of the cloud; SRT is where HTTPS is.
    host: Option<String>,
    done: bool,
    reason: Option<String>,
}

impl Shell {
    fn open(&mut self, destination: Destination) {
        match destination {
            Destination::Srt(targets) => {
                for (layer, target) in targets {
                    self.push(layer, target);
                }
            }
            Destination::Cloud(config) => {
                self.host = Some(config.cloud.host().to_owned());
                let steering = Steering {
                    tally: self.link.tally.subscribe(),
                    cues: self.link.cues.subscribe(),
                    regrant: Arc::clone(&self.link.regrant),
                    cancel: self.link.uplink.clone(),
                };
                let events = self.events.clone();
                let on = move |event| deliver(&events, Event::Uplink(event));
                self.link.tasks.spawn(async move { uplink::run(*config, steering, on).await });
            }
        }
    }

    fn listen(&mut self, inputs: Vec<InputSpec>) -> mpsc::Receiver<Heard> {
        let (sender, heard) = mpsc::channel(HEARD);
        for spec in inputs {
            self.link.tasks.spawn(inputs::run(spec, sender.clone(), self.link.uplink.clone()));
        }
        heard
    }

    fn tell(&mut self, outputs: Vec<OutputSpec>) {
        for spec in outputs {
            let (word, cancel) = (self.link.tally.subscribe(), self.link.uplink.clone());
            let (events, name) = (self.events.clone(), spec.to_string());
            let on = move |state| deliver(&events, Event::Output(name.clone(), state));
            self.link.tasks.spawn(outputs::run(spec, word, on, cancel));
        }
    }

    async fn run<G: Gui>(
        mut self,
        mut controller: Controller<G>,
        mut inbox: mpsc::Receiver<Event>,
        mut heard: mpsc::Receiver<Heard>,
    ) -> Option<String> {
        let cancel = self.cancel.clone();
        while !self.done {
            self.act(&mut controller);
            tokio::select! {
                biased;
                () = cancel.cancelled() => self.done = true,
                event = inbox.recv() => match event {
                    Some(event) => controller.handle_event(event, Instant::now()),
                    None => self.done = true,
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
        let reason = self.reason.take();
        self.close().await;
        reason
    }

    fn act<G: Gui>(&mut self, controller: &mut Controller<G>) {
        while let Some(action) = controller.poll_action() {
            match action {
                Action::Cut(source) => self.refuse(self.media.mixer.cut(source)),
                Action::Preview(source) => self.refuse(self.media.mixer.set_preview(source)),
                Action::Lamp(source, lamp) => {
                    if let Some(source) = self.media.sources.get(source.index()) {
                        source.set_lamp(lamp);
                    }
                }
                Action::Say(state) => {
                    self.link.tally.send_replace(Some(state));
                }
                Action::Cues(sheet) => {
                    self.link.cues.send_replace(Some(sheet));
                }
                Action::Keyframe(layer) => self.media.encoder.request_keyframe(layer),
                Action::Push(grant) => self.push_grant(&grant.0),
                Action::Regrant => self.link.regrant.notify_one(),
                Action::Stop(reason) => {
                    self.reason = reason;
                    self.done = true;
                }
            }
        }
    }

    fn refuse(&self, result: Result<(), crate::switch::NoSuchSource>) {
        if let Err(refusal) = result {
            deliver(&self.events, Event::CommandRefused(refusal.to_string()));
        }
    }

    fn push_grant(&mut self, grant: &PublishGrant) {
        let Some(host) = self.host.clone() else { return };
        self.link.pushes.cancel();
        self.link.pushes = CancellationToken::new();
        let srt = &grant.srt;
        for (layer, stream_id) in [(Layer::High, &srt.stream_id_high), (Layer::Low, &srt.stream_id_low)] {
            let target = PushTarget {
                host: host.clone(),
                port: srt.port,
                stream_id: stream_id.clone(),
                passphrase: srt.passphrase.clone().into(),
                latency: Duration::from_millis(srt.latency_ms.into()),
            };
            self.push(layer, target);
        }
    }

    fn push(&mut self, layer: Layer, target: PushTarget) {
        let (events, encoder) = (self.events.clone(), self.media.encoder.clone());
        let on = Arc::new(OnPush {
            event: Box::new(move |layer, event| deliver(&events, Event::Push(layer, event))),
            keyframe: Box::new(move |layer| encoder.request_keyframe(layer)),
        });
        let outlets = Arc::clone(&self.media.outlets);
        let cancel = self.link.pushes.clone();
        self.link.tasks.spawn(async move { push::run(layer, target, outlets, on, cancel).await });
    }

    /// Says goodbye to the cloud, then ends what carries frames.
    async fn close(mut self) {
        self.link.uplink.cancel();
        self.link.pushes.cancel();
        let goodbyes = async { while self.link.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GOODBYE, goodbyes).await.is_err() {
            tracing::warn!("the server did not take the goodbye in time");
        }
        let media = self.media;
        if tokio::task::spawn_blocking(move || drop(media)).await.is_err() {
            tracing::error!("the sources did not end cleanly");
        }
    }
}
