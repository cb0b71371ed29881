//! The two media threads, one for each pad: each takes its kind of frame as it arrives and hands it on at once,
//! stamped with the running time of its arrival. Nothing here waits for a next frame, and nothing is kept. They are
//! two so that a branch that blocks downstream stops only itself.

use std::time::Duration;

use gst::prelude::*;
use ndi_sdk_sys::Frame;

use super::NdiProxySrc;
use super::imp::CAT;
use super::link::Link;
use super::outlet::Outlet;
use super::picture::Pictures;
use super::sound::Sounds;

/// How long a capture waits while frames come; bounds how late a stop is noticed.
const PATIENCE: Duration = Duration::from_millis(100);
/// How often a quiet source is looked at. The runtime spins for the last 0.8 ms of a wait that ends without a frame
/// (measured), so a source that is quiet is not waited for inside of it.
const LOOK: Duration = Duration::from_millis(5);
/// After how much silence of a source that sends pictures its sound is said to be absent for the moment, so that
/// nothing downstream waits for it.
const SILENCE: gst::ClockTime = gst::ClockTime::from_mseconds(200);

/// A frame that makes no sense, or memory is short: the frame is dropped.
pub(super) struct Dropped(pub(super) String);

/// What a frame becomes.
pub(super) type Made = Result<Option<(gst::Caps, gst::Buffer)>, Dropped>;

/// Hands pictures on until the link is stopped.
pub(super) fn run_video(element: &NdiProxySrc, link: &Link, outlet: Outlet, mut pictures: Pictures) {
    let mut post = Post { element, link, outlet, quiet: false, said: None };
    while !link.is_stopped() {
        let frame = link.receiver.capture_video(post.patience());
        post.hand_on(&frame, |frame| match frame {
            Frame::Video(frame) => pictures.make(frame).map(Some),
            _ => Ok(None),
        });
    }
}

/// Hands sound on until the link is stopped.
pub(super) fn run_audio(element: &NdiProxySrc, link: &Link, outlet: Outlet, mut sounds: Sounds) {
    let mut post = Post { element, link, outlet, quiet: false, said: None };
    while !link.is_stopped() {
        let frame = link.receiver.capture_audio(post.patience());
        post.hand_on(&frame, |frame| match frame {
            Frame::Audio(frame) => sounds.make(frame).map(Some),
            _ => Ok(None),
        });
        if post.quiet {
            post.tell_silence(&sounds);
        }
    }
}

/// One thread's way to its pad.
struct Post<'p> {
    element: &'p NdiProxySrc,
    link: &'p Link,
    outlet: Outlet,
    /// Whether the last capture brought nothing.
    quiet: bool,
    said: Option<String>,
}

impl Post<'_> {
    /// How long the next capture may wait; has rested already if the source is quiet.
    fn patience(&self) -> Duration {
        if !self.quiet {
            return PATIENCE;
        }
        self.link.rest(LOOK);
        Duration::ZERO
    }

    fn hand_on<'f, 'r>(&mut self, frame: &'f Frame<'r>, make: impl FnOnce(&'f Frame<'r>) -> Made) {
        self.quiet = matches!(frame, Frame::None | Frame::ConnectionLost);
        if self.link.is_ending() {
            self.outlet.end();
        }
        let Some(arrival) = self.arrival().filter(|_| self.outlet.is_wanted()) else { return };
        match make(frame) {
            Ok(Some((caps, buffer))) => {
                if let Err(error) = self.outlet.push(&caps, buffer, arrival) {
                    self.accuse(&caps, error);
                }
            }
            Ok(None) => {}
            Err(Dropped(reason)) => {
                // Once, until another reason comes: a broken source says the same with every frame.
                if self.said.as_ref() != Some(&reason) {
                    gst::warning!(CAT, obj = self.element, "frame dropped: {reason}");
                    self.said = Some(reason);
                }
            }
        }
    }

    fn tell_silence(&mut self, sounds: &Sounds) {
        let Some(now) = self.arrival().filter(|_| self.outlet.is_wanted()) else { return };
        if self.link.receiver.performance().received.video > 0 {
            self.outlet.tell_gap(sounds.caps(), now, SILENCE);
        }
    }

    /// The running time now; none while frames are to be thrown away.
    fn arrival(&self) -> Option<gst::ClockTime> {
        if self.link.is_playing() { self.element.current_running_time() } else { None }
    }

    fn accuse(&self, caps: &gst::Caps, error: gst::FlowError) {
        let pad = self.outlet.name();
        gst::element_error!(
            self.element,
            gst::StreamError::Failed,
            ("What is linked to {pad} does not take {caps}; put a converter behind it"),
            ["{pad}: {error}"]
        );
    }
}
