//! Keeps an encoder running: when one fails past its own fallbacks, the next is built in its place.
//!
//! Refuses to touch the mixer: frames go through one slot whose content is exchanged. Invariant: a failing encoder
//! stops nothing but its own frames.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use returnfeed_protocol::Layer;

use super::{Encoder, EncoderFeed, Happening, KeyframeRequests, NoEncoder, OnUnit};
use crate::clock::{EngineClock, EngineTime};
use crate::switch::{AudioFrame, Feed, Picture, Shot};

/// How often an encoder's bus is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long between tries to build one.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What an encoder does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncoderEvent {
    /// It works.
    Chosen {
        /// Its factory name.
        chosen: String,
        /// `name: verdict: reason`, in the order tried.
        candidates: Vec<String>,
    },
    /// It failed; the next is being built.
    Failed(String),
}

/// Hears what the encoder does. Must only pass the word on.
pub type OnEncoder = Box<dyn Fn(EncoderEvent) + Send>;

#[derive(Default)]
struct Slot {
    feed: Option<EncoderFeed>,
    keyframes: Option<KeyframeRequests>,
}

/// Whatever encoder works now; clones share it.
#[derive(Clone, Default)]
pub struct EncoderSlot(Arc<Mutex<Slot>>);

impl EncoderSlot {
    /// The next frame of this layer becomes an IDR.
    pub fn request_keyframe(&self, layer: Layer) {
        let requests = self.with(|slot| slot.keyframes.clone());
        if let Some(requests) = requests {
            requests.request(layer);
        }
    }

    /// The `simulcastenc` that runs, for those who look into it, and try what its failure leads to.
    pub fn element(&self) -> Option<gst::Element> {
        self.with(|slot| slot.keyframes.as_ref().map(|requests| requests.bin.clone()))
    }

    fn hold(&self, encoder: Option<&Encoder>) {
        self.with(|slot| {
            slot.feed = encoder.map(Encoder::feed);
            slot.keyframes = encoder.map(Encoder::keyframes);
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut Slot) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Feed for EncoderSlot {
    fn picture(&mut self, picture: &Picture, at: EngineTime, shot: Shot) {
        self.with(|slot| slot.feed.as_mut().map(|feed| feed.picture(picture, at, shot)));
    }

    fn sound(&mut self, frame: AudioFrame) {
        self.with(|slot| slot.feed.as_mut().map(|feed| feed.sound(frame)));
    }
}

/// Keeps an encoder in a slot until dropped.
pub struct EncoderKeeper {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl EncoderKeeper {
    /// Starts the first encoder and then keeps one in `slot`.
    ///
    /// # Errors
    /// When no encoder of this machine works at all.
    pub fn start(
        clock: EngineClock,
        slot: EncoderSlot,
        on_unit: OnUnit,
        on_encoder: OnEncoder,
    ) -> Result<Self, NoEncoder> {
        let encoder = Encoder::start(&clock, Arc::clone(&on_unit))?;
        let ended = Arc::new(AtomicBool::new(false));
        let ending = Arc::clone(&ended);
        let keep = move || {
            let mut encoder = Some(encoder);
            while !ending.load(Ordering::Relaxed) {
                slot.hold(encoder.as_ref());
                if let Some(running) = &encoder {
                    let failure = until_failure(running, &ending, &on_encoder);
                    slot.hold(None);
                    let Some(failure) = failure else { return };
                    on_encoder(EncoderEvent::Failed(failure));
                }
                // Its sessions on the graphics card must be free before the next one asks for them.
                drop(encoder.take());
                encoder = Encoder::start(&clock, Arc::clone(&on_unit))
                    .inspect_err(|error| {
                        on_encoder(EncoderEvent::Failed(error.to_string()));
                        std::thread::park_timeout(AGAIN_AFTER);
                    })
                    .ok();
            }
        };
        let thread = std::thread::Builder::new()
            .name("encoder keeper".into())
            .spawn(keep)
            .map_err(|error| NoEncoder { cause: error.to_string() })?;
        Ok(Self { ended, thread: Some(thread) })
    }
}

/// Waits, telling each choice; `None` when the keeper is ended first.
fn until_failure(encoder: &Encoder, ended: &AtomicBool, on_encoder: &OnEncoder) -> Option<String> {
    let mut told = None;
    let mut tell = || {
        let choice = encoder.choice();
        if told.as_ref() != Some(&choice) {
            choice.1.iter().for_each(|candidate| tracing::info!(candidate, "encoder"));
            let (chosen, candidates) = choice.clone();
            on_encoder(EncoderEvent::Chosen { chosen, candidates });
            told = Some(choice);
        }
    };
    tell();
    while !ended.load(Ordering::Relaxed) {
        match encoder.happening(LOOK) {
            Some(Happening::Failed(failure)) => return Some(failure),
            Some(Happening::Chosen) => tell(),
            None => {}
        }
    }
    None
}

impl Drop for EncoderKeeper {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the encoder's keeper panicked");
            }
        }
    }
}
