//! What both layers share: the element they live in and the encoder that is to run in it.
//!
//! It refuses to let a layer change the element while it is being stopped. Invariant: an encoder is only ever chosen
//! by proof, and every choice is told on the bus as an element message `simulcastenc-encoder` (`chosen`, `report`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gst::glib;
use gst::prelude::*;

use super::CAT;
use super::choice::{Choice, Current, NoEncoder};
use super::plan::LayerPlan;
use super::trial;

/// The element around the layers, and the choice.
pub(crate) struct House {
    element: glib::WeakRef<super::SimulcastEnc>,
    choice: Mutex<Option<(Choice, [LayerPlan; 2])>>,
    /// Of the newest choice; read for every picture, so that a trial in one layer does not hold up the other.
    generation: AtomicU64,
    /// Whether layers may add and remove encoders now.
    open: Mutex<bool>,
    told: Mutex<Told>,
}

/// The choice as the properties show it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// The running encoder's factory, or nothing.
    pub(crate) chosen: Option<&'static str>,
    /// One line for each candidate.
    pub(crate) report: String,
}

impl House {
    /// Of this element.
    pub(crate) fn new(element: &super::SimulcastEnc) -> Self {
        Self {
            element: element.downgrade(),
            choice: Mutex::new(None),
            generation: AtomicU64::new(0),
            open: Mutex::new(false),
            told: Mutex::new(Told::default()),
        }
    }

    /// Tries the candidates, the preferred one first, until one is proven.
    pub(crate) fn choose(&self, preferred: &str, plans: [LayerPlan; 2]) -> Result<Current, NoEncoder> {
        let mut cell = lock(&self.choice);
        let choice = Choice::make(preferred, |candidate| trial::prove(candidate, plans));
        let current = choice.current();
        self.tell(&choice);
        *cell = Some((choice, plans));
        current
    }

    /// The encoder that is to run now.
    pub(crate) fn current(&self) -> Option<Current> {
        lock(&self.choice).as_ref().and_then(|(choice, _)| choice.current().ok())
    }

    /// Grows with every choice.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The encoder of this generation has failed while it ran: the next is tried. With none left the element fails.
    pub(crate) fn failed(&self, generation: u64, reason: &str) {
        let mut cell = lock(&self.choice);
        let Some((choice, plans)) = cell.as_mut() else { return };
        if generation != self.generation() {
            return;
        }
        let plans = *plans;
        choice.fail(generation, reason, |candidate| trial::prove(candidate, plans));
        self.tell(choice);
        let outcome = choice.current();
        drop(cell);
        let Some(element) = self.element.upgrade() else { return };
        match outcome {
            Ok(current) => {
                let next = current.candidate.factory;
                gst::element_warning!(
                    element,
                    gst::StreamError::Encode,
                    ("the encoder failed, {next} goes on: {reason}")
                );
            }
            Err(none) => gst::element_error!(element, gst::StreamError::Encode, ("{none}")),
        }
    }

    /// Lets layers change the element, or no longer; returns when no change is under way.
    pub(crate) fn set_open(&self, open: bool) {
        *lock(&self.open) = open;
    }

    /// Changes the element, unless it is closed.
    pub(crate) fn while_open<R>(&self, change: impl FnOnce(&gst::Bin) -> R) -> Option<R> {
        let open = lock(&self.open);
        let element = self.element.upgrade().filter(|_| *open)?;
        Some(change(element.upcast_ref()))
    }

    /// The choice as the properties show it.
    pub(crate) fn told(&self) -> Told {
        lock(&self.told).clone()
    }

    fn tell(&self, choice: &Choice) {
        let current = choice.current().ok();
        let told = Told { chosen: current.map(|current| current.candidate.factory), report: choice.report() };
        for line in told.report.lines() {
            gst::info!(CAT, "{line}");
        }
        *lock(&self.told) = told.clone();
        self.generation.store(choice.generation(), Ordering::Release);
        let Some(element) = self.element.upgrade() else { return };
        let structure = gst::Structure::builder("simulcastenc-encoder")
            .field("chosen", told.chosen.unwrap_or(""))
            .field("report", &told.report)
            .build();
        // Without a bus nobody listens; the properties tell the same.
        let _ = element.post_message(gst::message::Element::builder(structure).src(&element).build());
        element.notify("chosen-encoder");
        element.notify("candidates");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
