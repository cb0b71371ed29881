//! The queue and the thread behind [`Feed`](super::Feed).
//!
//! It refuses to hold more than two pictures: the oldest is dropped, before the encoder, so that no reference is
//! lost. Invariant: events are never dropped and stay in order with the pictures around them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;

use super::Driver;

/// One that waits while one is encoded is enough; the second absorbs a burst.
const MOST_PICTURES: usize = 2;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "simulcastfeed",
        gst::DebugColorFlags::empty(),
        Some("Door of a simulcastenc layer"),
    )
});

type Flow = Result<gst::FlowSuccess, gst::FlowError>;

enum Item {
    Picture(gst::Buffer),
    Event(gst::Event),
}

struct State {
    items: VecDeque<Item>,
    flushing: bool,
    /// What the source hears at its next picture.
    flow: Flow,
    dropped: u64,
}

impl State {
    fn new(flushing: bool) -> Self {
        Self { items: VecDeque::new(), flushing, flow: Ok(gst::FlowSuccess::Ok), dropped: 0 }
    }

    fn pictures(&self) -> usize {
        self.items.iter().filter(|item| matches!(item, Item::Picture(_))).count()
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.items.iter().position(|item| matches!(item, Item::Picture(_))) {
            self.items.remove(oldest);
            self.dropped += 1;
        }
    }
}

pub struct Feed {
    sinkpad: gst::Pad,
    srcpad: gst::Pad,
    state: Mutex<State>,
    changed: Condvar,
    leaky: AtomicBool,
    driver: OnceLock<Box<dyn Driver>>,
}

impl Feed {
    pub(super) fn drive(&self, driver: Box<dyn Driver>) {
        // A second driver is a mistake of this crate alone; the first one stays.
        let _ = self.driver.set(driver);
    }

    pub(super) fn set_leaky(&self, leaky: bool) {
        self.leaky.store(leaky, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn set_flushing(&self, flushing: bool) {
        *self.state() = State::new(flushing);
        self.changed.notify_all();
    }

    fn chain(&self, buffer: gst::Buffer) -> Flow {
        let Some(driver) = self.driver.get() else { return Err(gst::FlowError::NotLinked) };
        let mut state = self.state();
        loop {
            if state.flushing {
                return Err(gst::FlowError::Flushing);
            }
            state.flow?;
            if self.leaky.load(Ordering::Relaxed) || state.pictures() < MOST_PICTURES {
                break;
            }
            state = self.wait(state);
        }
        if !driver.admits(&buffer) {
            return Ok(gst::FlowSuccess::Ok);
        }
        if state.pictures() >= MOST_PICTURES {
            state.drop_oldest();
            gst::debug!(CAT, imp = self, "the encoder is late, {} pictures dropped so far", state.dropped);
        }
        state.items.push_back(Item::Picture(buffer));
        self.changed.notify_all();
        Ok(gst::FlowSuccess::Ok)
    }

    fn sink_event(&self, event: gst::Event) -> bool {
        match event.view() {
            gst::EventView::FlushStart(_) => {
                self.set_flushing(true);
                let passed = self.srcpad.push_event(event);
                // The task sees the flushing flag and pauses by itself; a pause that fails is a task that is gone.
                let _ = self.srcpad.pause_task();
                passed
            }
            gst::EventView::FlushStop(_) => {
                let passed = self.srcpad.push_event(event);
                self.set_flushing(false);
                self.start().is_ok() && passed
            }
            _ if event.is_serialized() => {
                let mut state = self.state();
                if state.flushing {
                    return false;
                }
                state.items.push_back(Item::Event(event));
                self.changed.notify_all();
                true
            }
            _ => self.srcpad.push_event(event),
        }
    }

    fn sink_query(&self, pad: &gst::Pad, query: &mut gst::QueryRef) -> bool {
        // An answer would have to wait for its turn in the queue; sources do without.
        !query.is_serialized() && gst::Pad::query_default(pad, Some(&*self.obj()), query)
    }

    fn start(&self) -> Result<(), glib::BoolError> {
        let feed = self.downgrade();
        self.srcpad.start_task(move || {
            if let Some(feed) = feed.upgrade() {
                feed.turn();
            }
        })
    }

    fn activate(&self, pad: &gst::Pad, active: bool) -> Result<(), gst::LoggableError> {
        self.set_flushing(!active);
        let task = match (pad.direction(), active) {
            (gst::PadDirection::Src, true) => self.start(),
            (gst::PadDirection::Src, false) => pad.stop_task(),
            _ => Ok(()),
        };
        task.map_err(|error| gst::loggable_error!(CAT, "the layer's thread: {error}"))
    }

    /// One turn of the layer's thread: the next thing in the queue goes to the encoder.
    fn turn(&self) {
        let Some(driver) = self.driver.get() else { return };
        let item = {
            let mut state = self.state();
            loop {
                if state.flushing || state.flow.is_err() {
                    // Started again by activation or the end of a flush.
                    let _ = self.srcpad.pause_task();
                    return;
                }
                match state.items.pop_front() {
                    Some(item) => break item,
                    None => state = self.wait(state),
                }
            }
        };
        self.changed.notify_all();
        match item {
            Item::Event(event) => {
                self.srcpad.push_event(driver.event(event));
            }
            Item::Picture(buffer) => {
                driver.before(&buffer);
                let heard = driver.after(self.srcpad.push(buffer));
                if heard.is_err() {
                    self.state().flow = heard;
                    self.changed.notify_all();
                }
            }
        }
    }
}

#[glib::object_subclass]
impl ObjectSubclass for Feed {
    const NAME: &'static str = "ReturnFeedSimulcastFeed";
    type Type = super::Feed;
    type ParentType = gst::Element;

    fn with_class(class: &Self::Class) -> Self {
        let pad = |name| class.pad_template(name).map(|template| gst::Pad::builder_from_template(&template));
        let sinkpad = pad("sink").expect("the template is in pad_templates");
        let srcpad = pad("src").expect("the template is in pad_templates");
        let activate = |pad: &gst::Pad, parent: Option<&gst::Object>, active| {
            let refused = || Err(gst::loggable_error!(CAT, "panic"));
            Feed::catch_panic_pad_function(parent, refused, |feed| feed.activate(pad, active))
        };
        let sinkpad = sinkpad
            .chain_function(|_, parent, buffer| {
                Feed::catch_panic_pad_function(
                    parent,
                    || Err(gst::FlowError::Error),
                    |feed| feed.chain(buffer),
                )
            })
            .event_function(|_, parent, event| {
                Feed::catch_panic_pad_function(parent, || false, |feed| feed.sink_event(event))
            })
            .query_function(|pad, parent, query| {
                Feed::catch_panic_pad_function(parent, || false, |feed| feed.sink_query(pad, query))
            })
            .activatemode_function(move |pad, parent, mode, active| match mode {
                gst::PadMode::Push => activate(pad, parent, active),
                _ => Err(gst::loggable_error!(CAT, "only push")),
            })
            .build();
        let srcpad = srcpad
            .activatemode_function(move |pad, parent, mode, active| match mode {
                gst::PadMode::Push => activate(pad, parent, active),
                _ => Err(gst::loggable_error!(CAT, "only push")),
            })
            .build();
        Self {
            sinkpad,
            srcpad,
            state: Mutex::new(State::new(true)),
            changed: Condvar::new(),
            leaky: AtomicBool::new(true),
            driver: OnceLock::new(),
        }
    }
}

impl ObjectImpl for Feed {
    fn constructed(&self) {
        self.parent_constructed();
        for pad in [&self.sinkpad, &self.srcpad] {
            self.obj().add_pad(pad).expect("the pads of a new element have distinct names");
        }
    }
}

impl GstObjectImpl for Feed {}

impl ElementImpl for Feed {
    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            let caps = gst::Caps::new_any();
            [("sink", gst::PadDirection::Sink), ("src", gst::PadDirection::Src)]
                .map(|(name, direction)| {
                    gst::PadTemplate::new(name, direction, gst::PadPresence::Always, &caps)
                })
                .into_iter()
                .collect::<Result<_, _>>()
                .expect("names and caps of the two templates are constants")
        });
        &TEMPLATES
    }
}
