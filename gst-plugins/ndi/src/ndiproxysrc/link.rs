//! A receiver with its three threads, from their start to their end.
//!
//! The invariant: when [`Running::end`] returns, no thread uses the element any more, and the receiver, with its say
//! in the source's lamps, is gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ndi_sdk_sys::{Receiver, Tally};

use super::capture::{run_audio, run_video};
use super::outlet::Outlet;
use super::picture::Pictures;
use super::settings::Settings;
use super::sound::Sounds;
use super::{Bandwidth, NdiProxySrc, watch};

/// A receiver and what its threads are told.
pub(super) struct Link {
    pub(super) receiver: Receiver,
    stopped: Mutex<bool>,
    stop: Condvar,
    playing: AtomicBool,
    ending: AtomicBool,
}

impl Link {
    pub(super) fn is_stopped(&self) -> bool {
        *locked(&self.stopped)
    }

    pub(super) fn is_playing(&self) -> bool {
        self.playing.load(Ordering::Acquire)
    }

    /// Whether the application asked for the end of the stream.
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    /// Waits for the stop, at most `time`.
    pub(super) fn rest(&self, time: Duration) {
        drop(self.stop.wait_timeout_while(locked(&self.stopped), time, |stopped| !*stopped));
    }

    /// Whether frames are handed on from now on, or thrown away.
    pub(super) fn play(&self, playing: bool) {
        self.playing.store(playing, Ordering::Release);
    }

    /// The application wants the stream to end.
    pub(super) fn end_stream(&self) {
        self.ending.store(true, Ordering::Release);
    }

    fn stop(&self) {
        *locked(&self.stopped) = true;
        self.stop.notify_all();
    }
}

/// What a thread does.
type Work = Box<dyn FnOnce(&NdiProxySrc, &Link) + Send>;

/// A link whose threads run.
pub(super) struct Running {
    link: Arc<Link>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts the threads. If the system refuses one, the others end again.
    pub(super) fn start(
        element: &NdiProxySrc,
        receiver: Receiver,
        video: &gst::Pad,
        audio: &gst::Pad,
        settings: Settings,
    ) -> std::io::Result<Self> {
        let link = Link {
            receiver,
            stopped: Mutex::new(false),
            stop: Condvar::new(),
            playing: AtomicBool::new(false),
            ending: AtomicBool::new(false),
        };
        let mut running = Self { link: Arc::new(link), threads: Vec::new() };
        let group = gst::GroupId::next();
        let (video, audio) = (Outlet::new(video, group), Outlet::new(audio, group));
        let pictures = Pictures::new(settings.bandwidth == Bandwidth::Lowest);
        let works: [(&str, Work); 3] = [
            ("ndi-video", Box::new(move |element, link| run_video(element, link, video, pictures))),
            ("ndi-audio", Box::new(move |element, link| run_audio(element, link, audio, Sounds::default()))),
            ("ndi-watch", Box::new(move |element, link| watch::run(element, link, &settings))),
        ];
        for (name, work) in works {
            let (element, link) = (element.clone(), running.link());
            match std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&element, &link)) {
                Ok(thread) => running.threads.push(thread),
                Err(error) => {
                    running.end();
                    return Err(error);
                }
            }
        }
        Ok(running)
    }

    pub(super) fn link(&self) -> Arc<Link> {
        Arc::clone(&self.link)
    }

    /// Ends the threads and the receiver. Whether no thread panicked.
    pub(super) fn end(self) -> bool {
        // Dark at once, whatever the threads are at.
        self.link.receiver.set_tally(Tally::default());
        self.link.stop();
        let here = std::thread::current().id();
        // A thread that changes the element's state from a notification cannot be waited for by itself.
        let others = self.threads.into_iter().filter(|thread| thread.thread().id() != here);
        others.map(JoinHandle::join).filter(Result::is_err).count() == 0
    }
}

/// A lock that a panic elsewhere does not break: what it holds is whole between any two statements.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
