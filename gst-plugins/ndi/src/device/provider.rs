//! Keeps a finder while someone monitors, and tells each source that comes, goes or moves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use ndi_sdk_sys::{FindOptions, Finder, Runtime, Source};

use super::NdiProxyDevice;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "ndiproxydeviceprovider",
        gst::DebugColorFlags::empty(),
        Some("NDI sources that are there"),
    )
});

/// Names the machines to ask, comma separated.
const EXTRA_IPS: &str = "NDIPROXY_EXTRA_IPS";
/// How long the finder waits for news; bounds how late a stop is noticed.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a single probe listens to a network that it does not know yet.
const PROBE: Duration = Duration::from_millis(1500);
/// How long a monitor's start waits, so that who lists once and goes sees what answers at once.
const START: Duration = Duration::from_millis(500);

struct Monitor {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
pub struct NdiProxyDeviceProvider {
    monitor: Mutex<Option<Monitor>>,
}

impl NdiProxyDeviceProvider {
    fn finder(&self) -> Option<Finder> {
        let extra_ips = std::env::var(EXTRA_IPS).ok().filter(|ips| !ips.is_empty());
        let options = FindOptions { extra_ips, groups: None };
        let finder = Runtime::load()
            .map_err(|error| error.to_string())
            .and_then(|runtime| Finder::new(&runtime, &options).map_err(|error| error.to_string()));
        finder.map_err(|reason| gst::warning!(CAT, imp = self, "no NDI sources can be listed: {reason}")).ok()
    }
}

/// What is there, as far as it answers within `time`. The list is complete when it has been quiet for a while.
fn listen(finder: &mut Finder, time: Duration) -> Vec<Source> {
    let deadline = Instant::now() + time;
    while Instant::now() < deadline && (finder.wait(PATIENCE) || finder.sources().is_empty()) {}
    finder.sources()
}

/// What the monitors were told of. Kept here: the provider's own list is locked while it starts and stops.
#[derive(Default)]
struct Told(Vec<NdiProxyDevice>);

impl Told {
    /// Tells the monitors the difference to what is there now.
    fn update(&mut self, provider: &super::NdiProxyDeviceProvider, sources: &[Source]) {
        self.0.retain(|device| {
            let stays = device.source().is_some_and(|source| sources.contains(source));
            if !stays {
                provider.device_remove(device);
            }
            stays
        });
        for source in sources {
            if !self.0.iter().any(|device| device.source() == Some(source)) {
                let device = NdiProxyDevice::of(source);
                provider.device_add(&device);
                self.0.push(device);
            }
        }
    }
}

#[glib::object_subclass]
impl ObjectSubclass for NdiProxyDeviceProvider {
    const NAME: &'static str = "GstNdiProxyDeviceProvider";
    type Type = super::NdiProxyDeviceProvider;
    type ParentType = gst::DeviceProvider;
}

impl ObjectImpl for NdiProxyDeviceProvider {}
impl GstObjectImpl for NdiProxyDeviceProvider {}

impl DeviceProviderImpl for NdiProxyDeviceProvider {
    fn metadata() -> Option<&'static gst::subclass::DeviceProviderMetadata> {
        static METADATA: LazyLock<gst::subclass::DeviceProviderMetadata> = LazyLock::new(|| {
            gst::subclass::DeviceProviderMetadata::new(
                "NDI proxy device provider",
                "Source/Audio/Video/Network",
                "Lists the NDI sources that are there",
                "The ReturnFeed authors",
            )
        });
        Some(&METADATA)
    }

    fn probe(&self) -> Vec<gst::Device> {
        let Some(mut finder) = self.finder() else { return Vec::new() };
        listen(&mut finder, PROBE).iter().map(|source| NdiProxyDevice::of(source).upcast()).collect()
    }

    fn start(&self) -> Result<(), gst::LoggableError> {
        let Some(mut finder) = self.finder() else { return Ok(()) };
        let mut told = Told::default();
        told.update(&self.obj(), &listen(&mut finder, START));
        let stop = Arc::new(AtomicBool::new(false));
        let (provider, stopped) = (self.obj().downgrade(), Arc::clone(&stop));
        let watch = move || {
            while !stopped.load(Ordering::Acquire) {
                finder.wait(PATIENCE);
                let sources = finder.sources();
                let Some(provider) = provider.upgrade() else { return };
                if !stopped.load(Ordering::Acquire) {
                    told.update(&provider, &sources);
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("ndi-find".into())
            .spawn(watch)
            .map_err(|error| gst::loggable_error!(CAT, "this machine has no thread left: {error}"))?;
        *self.monitor.lock().unwrap_or_else(PoisonError::into_inner) = Some(Monitor { stop, thread });
        Ok(())
    }

    fn stop(&self) {
        let monitor = self.monitor.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(monitor) = monitor else { return };
        monitor.stop.store(true, Ordering::Release);
        if monitor.thread.thread().id() != std::thread::current().id() && monitor.thread.join().is_err() {
            gst::error!(CAT, imp = self, "the finder's thread panicked");
        }
    }
}
