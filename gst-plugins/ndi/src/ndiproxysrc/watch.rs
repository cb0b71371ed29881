//! The watch thread: reads the source's messages, judges its health, and follows it to a new address. It is apart
//! from the media threads so that a pipeline that blocks downstream is never taken for a frozen camera, nor hides one.

use std::time::{Duration, Instant};

use gst::subclass::prelude::*;
use ndi_sdk_sys::{FindOptions, Finder, Frame, Receiver, Runtime, Tally};

use super::health::{Sign, Watchdog};
use super::imp::CAT;
use super::link::Link;
use super::settings::Settings;
use super::{Bandwidth, Health, NdiProxySrc, echo};

/// How often the source is looked at.
const PERIOD: Duration = Duration::from_millis(25);
/// Over how long the frame rate is measured.
const RATE_WINDOW: Duration = Duration::from_secs(1);

pub(super) fn run(element: &NdiProxySrc, link: &Link, settings: &Settings) {
    let imp = element.imp();
    let mut follower = Follower::new(element, settings);
    let mut watchdog = Watchdog::new(settings.bandwidth != Bandwidth::MetadataOnly);
    let mut health = Health::Searching;
    let mut rate = (Instant::now(), 0);
    while !link.is_stopped() {
        link.rest(PERIOD);
        // Never waits inside of the runtime, which spins at the end of a wait.
        while let Frame::Metadata(message) = link.receiver.capture_metadata(Duration::ZERO) {
            if let Some(lamps) = echo::read(&message) {
                imp.learn_echo(lamps);
            }
        }
        let now = Instant::now();
        let received = link.receiver.performance().received;
        let sign =
            Sign { connected: link.receiver.connections() > 0, video: received.video, audio: received.audio };
        if let Some(changed) = watchdog.observe(now, sign, imp.freeze()) {
            health = changed;
            imp.learn_health(health);
            match health {
                // The runtime tells a returning source the tally by itself; saying it again costs nothing.
                Health::Connected => imp.tell_tally(),
                // Nobody can confirm the lamps of a source that is gone.
                Health::Searching | Health::Lost => imp.learn_echo(Tally::default()),
                Health::Frozen => {}
            }
        }
        let window = now.duration_since(rate.0);
        if window >= RATE_WINDOW {
            let frames = u32::try_from(received.video.saturating_sub(rate.1)).unwrap_or(u32::MAX);
            imp.learn_rate(f64::from(frames) / window.as_secs_f64());
            rate = (now, received.video);
        }
        if let Some(follower) = follower.as_mut().filter(|_| health != Health::Connected) {
            follower.look(element, &link.receiver);
        }
    }
}

/// Looks for a named source on machines outside this network segment, which the receiver itself cannot search.
struct Follower {
    finder: Finder,
    name: String,
    url: Option<String>,
}

impl Follower {
    fn new(element: &NdiProxySrc, settings: &Settings) -> Option<Self> {
        let (name, extra_ips) = (settings.ndi_name.clone()?, settings.extra_ips.clone()?);
        let options = FindOptions { extra_ips: Some(extra_ips), groups: None };
        let finder = Runtime::load()
            .map_err(|error| error.to_string())
            .and_then(|runtime| Finder::new(&runtime, &options).map_err(|error| error.to_string()));
        match finder {
            Ok(finder) => Some(Self { finder, name, url: settings.url_address.clone() }),
            Err(reason) => {
                gst::warning!(CAT, obj = element, "extra-ips cannot be searched: {reason}");
                None
            }
        }
    }

    fn look(&mut self, element: &NdiProxySrc, receiver: &Receiver) {
        let sources = self.finder.sources();
        let found = sources.into_iter().find(|source| source.name == self.name && !source.url.is_empty());
        let Some(found) = found.filter(|found| self.url.as_ref() != Some(&found.url)) else { return };
        gst::info!(CAT, obj = element, "{} is at {}", found.name, found.url);
        match receiver.connect(Some(&found.name), Some(&found.url)) {
            Ok(()) => self.url = Some(found.url),
            Err(reason) => gst::warning!(CAT, obj = element, "{} cannot be called: {reason}", found.name),
        }
    }
}
