//! Everything that leaves the machine: tally to outputs and the cloud, both layers to a server.
//!
//! Refuses to decide. Invariant: what was opened for a cloud is closed as a whole, and nothing else with it.

use std::sync::Arc;
use std::time::Duration;

use returnfeed_protocol::{
    CloudToDirector, CueSheet, LanAnswer, LanOffer, Layer, PageNumber, PublishGrant, TallyState,
};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::deliver;
use crate::controller::Event;
use crate::encode::EncoderSlot;
use crate::gui::Door;
use crate::inputs::{self, Heard, InputSpec};
use crate::lan::{self, LanConfig};
use crate::monitor::{self, Screen};
use crate::outputs::{self, OutputEvent, OutputSpec, Told};
use crate::push::{self, OnPush, Outlets, PushTarget};
use crate::uplink::{self, Guests, Steering, UplinkConfig, UplinkEvent};

/// What inputs say waits here; each of them holds its newest back while this is full.
const HEARD: usize = 16;
/// How long the pushes and the uplink may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Link {
    outlets: Arc<Outlets>,
    encoder: EncoderSlot,
    /// What comes back from the cloud; none: nobody looks.
    screen: Option<Screen>,
    events: mpsc::Sender<Event>,
    tally: watch::Sender<Option<TallyState>>,
    cues: watch::Sender<Option<CueSheet>>,
    guests: watch::Sender<Option<Guests>>,
    /// Whether an output lets operators in by itself.
    has_page: bool,
    /// Pages that the cloud introduces, to whoever serves them on the local network.
    offers: Option<mpsc::Sender<(PageNumber, LanOffer)>>,
    /// Inputs, outputs, and pushes to servers that are no cloud.
    here: JoinSet<()>,
    /// Ends those, after their last word.
    cancel: CancellationToken,
    cloud: Option<CloudLink>,
    /// Clouds that are told goodbye.
    leaving: JoinSet<()>,
}

/// The way to one session.
struct CloudLink {
    config: Arc<UplinkConfig>,
    door: watch::Sender<Option<Door>>,
    regrant: Arc<Notify>,
    answers: mpsc::Sender<(PageNumber, LanAnswer)>,
    tasks: JoinSet<()>,
    /// Ends the uplink after its last word.
    uplink: CancellationToken,
    /// Ends the pushes of the present grant.
    pushes: CancellationToken,
}

impl Link {
    pub(super) fn new(
        outlets: Arc<Outlets>,
        encoder: EncoderSlot,
        screen: Option<Screen>,
        events: mpsc::Sender<Event>,
    ) -> Self {
        Self {
            outlets,
            encoder,
            screen,
            events,
            tally: watch::channel(None).0,
            cues: watch::channel(None).0,
            guests: watch::channel(None).0,
            has_page: false,
            offers: None,
            here: JoinSet::new(),
            cancel: CancellationToken::new(),
            cloud: None,
            leaving: JoinSet::new(),
        }
    }

    pub(super) fn say(&self, state: TallyState) {
        self.tally.send_replace(Some(state));
    }

    pub(super) fn cue(&self, sheet: CueSheet) {
        self.cues.send_replace(Some(sheet));
    }

    /// Each layer to a server that is no cloud, for as long as the engine runs.
    pub(super) fn push_all(&mut self, targets: Vec<(Layer, PushTarget)>) {
        for (layer, target) in targets {
            self.here.spawn(self.push(layer, target, self.cancel.clone()));
        }
    }

    pub(super) fn listen(&mut self, inputs: Vec<InputSpec>) -> mpsc::Receiver<Heard> {
        let (sender, heard) = mpsc::channel(HEARD);
        for spec in inputs {
            self.here.spawn(inputs::run(spec, sender.clone(), self.cancel.clone()));
        }
        heard
    }

    pub(super) fn tell(&mut self, outputs: Vec<OutputSpec>) {
        for spec in outputs {
            self.has_page |= matches!(spec.kind, outputs::Kind::Page { .. });
            let told = Told { word: self.tally.subscribe(), guests: self.guests.subscribe() };
            let (cancel, events, name) = (self.cancel.clone(), self.events.clone(), spec.to_string());
            let on = move |event| match event {
                OutputEvent::State(state) => deliver(&events, Event::Output(name.clone(), state)),
                OutputEvent::Page(event) => deliver(&events, Event::Page(event)),
            };
            self.here.spawn(outputs::run(spec, told, on, cancel));
        }
    }

    /// Serves operators' pages on the local network.
    pub(super) fn serve(&mut self, config: LanConfig) {
        let (offers, offered) = mpsc::channel(lan::OFFERS);
        let (word, cancel, events) = (self.tally.subscribe(), self.cancel.clone(), self.events.clone());
        let on = move |event| deliver(&events, Event::Lan(event));
        self.here.spawn(lan::run(config, word, offered, on, cancel));
        self.offers = Some(offers);
    }

    /// A page would be served there. One too many at once is told to offer again later.
    pub(super) fn introduce(&self, page: PageNumber, offer: LanOffer) {
        let n = offer.n;
        let is_taken = self.offers.as_ref().is_some_and(|offers| offers.try_send((page, offer)).is_ok());
        if !is_taken {
            self.answer(page, LanAnswer::Closed { n });
        }
    }

    /// Says it by the cloud; where that is gone the page offers again when it is back.
    pub(super) fn answer(&self, page: PageNumber, answer: LanAnswer) {
        if let Some(cloud) = &self.cloud
            && cloud.answers.try_send((page, answer)).is_err()
        {
            tracing::debug!("an answer for the local network could not be said");
        }
    }

    /// Calls a cloud.
    pub(super) fn open(&mut self, config: Arc<UplinkConfig>) {
        let (door, doors) = watch::channel(None);
        let regrant = Arc::new(Notify::new());
        let uplink = CancellationToken::new();
        let (answers, said) = mpsc::channel(lan::OFFERS);
        self.guests.send_replace(Some(Guests::of(config.session)));
        let steering = Steering {
            tally: self.tally.subscribe(),
            cues: self.cues.subscribe(),
            answers: said,
            guests: self.has_page.then(|| self.guests.clone()),
            door: doors,
            regrant: Arc::clone(&regrant),
            cancel: uplink.clone(),
        };
        let (events, calls) = (self.events.clone(), Arc::clone(&config));
        let (ahead, known) = watch::channel(None);
        let on = move |event| {
            if let UplinkEvent::Heard(CloudToDirector::ClockRequest { ahead_us, .. }) = &event {
                ahead.send_replace(*ahead_us);
            }
            deliver(&events, Event::Uplink(event));
        };
        let mut tasks = JoinSet::new();
        if let Some(screen) = self.screen.clone() {
            let events = self.events.clone();
            let seen = move |state| deliver(&events, Event::Monitor(state));
            tasks.spawn(monitor::run(Arc::clone(&config), screen, known, seen, uplink.clone()));
        }
        tasks.spawn(async move { uplink::run((*calls).clone(), steering, on).await });
        let pushes = CancellationToken::new();
        self.cloud = Some(CloudLink { config, door, regrant, answers, tasks, uplink, pushes });
    }

    pub(super) fn let_in(&self, door: Door) {
        if let Some(cloud) = &self.cloud {
            cloud.door.send_replace(Some(door));
        }
    }

    pub(super) fn regrant(&self) {
        if let Some(cloud) = &self.cloud {
            cloud.regrant.notify_one();
        }
    }

    /// Pushes both layers as granted, and no longer as granted before.
    pub(super) fn push_grant(&mut self, grant: &PublishGrant) {
        let Some(mut cloud) = self.cloud.take() else { return };
        cloud.pushes.cancel();
        cloud.pushes = CancellationToken::new();
        let srt = &grant.srt;
        for (layer, stream_id) in [(Layer::High, &srt.stream_id_high), (Layer::Low, &srt.stream_id_low)] {
            let target = PushTarget {
                // SRT is where HTTPS is.
                host: cloud.config.cloud.host().to_owned(),
                port: srt.port,
                stream_id: stream_id.clone(),
                passphrase: srt.passphrase.clone().into(),
                latency: Duration::from_millis(srt.latency_ms.into()),
            };
            cloud.tasks.spawn(self.push(layer, target, cloud.pushes.clone()));
        }
        self.cloud = Some(cloud);
    }

    /// Leaves the cloud in the background, and says when that is done.
    pub(super) fn close_uplink(&mut self) {
        let (cloud, events) = (self.cloud.take(), self.events.clone());
        self.leaving.spawn(async move {
            if let Some(cloud) = cloud {
                cloud.leave().await;
            }
            deliver(&events, Event::OffAir);
        });
    }

    /// Says goodbye to everybody.
    pub(super) async fn end(mut self) {
        self.cancel.cancel();
        let cloud = self.cloud.take();
        let here = within_goodbye(&mut self.here);
        let leaving = async { while self.leaving.join_next().await.is_some() {} };
        let there = async {
            if let Some(mut cloud) = cloud {
                cloud.say_goodbye().await;
            }
        };
        tokio::join!(here, there, leaving);
    }

    fn push(
        &self,
        layer: Layer,
        target: PushTarget,
        cancel: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (events, encoder) = (self.events.clone(), self.encoder.clone());
        let on = Arc::new(OnPush {
            event: Box::new(move |layer, event| deliver(&events, Event::Push(layer, event))),
            keyframe: Box::new(move |layer| encoder.request_keyframe(layer)),
        });
        let outlets = Arc::clone(&self.outlets);
        async move { push::run(layer, target, outlets, on, cancel).await }
    }
}

impl CloudLink {
    /// A person took the programme away: whoever was let in waits again.
    async fn leave(mut self) {
        if self.door.borrow().is_some() {
            let closed = tokio::time::timeout(GOODBYE, uplink::close_door(&self.config)).await;
            if !matches!(closed, Ok(Ok(()))) {
                tracing::warn!(?closed, "the session still lets viewers in");
            }
        }
        self.say_goodbye().await;
    }

    async fn say_goodbye(&mut self) {
        self.uplink.cancel();
        self.pushes.cancel();
        within_goodbye(&mut self.tasks).await;
    }
}

async fn within_goodbye(tasks: &mut JoinSet<()>) {
    let goodbyes = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GOODBYE, goodbyes).await.is_err() {
        tracing::warn!("the server did not take the goodbye in time");
    }
}
