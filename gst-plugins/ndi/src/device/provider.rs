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

/// Tells the provider's monitors the difference between what is listed and what is there.
fn update(provider: &super::NdiProxyDeviceProvider, sources: &[Source]) {
    let listed: Vec<NdiProxyDevice> =
        provider.devices().into_iter().filter_map(|device| device.downcast().ok()).collect();
    for device in &listed {
        if device.source().is_none_or(|source| !sources.contains(source)) {
            provider.device_remove(device);
        }
    }
    for source in sources {
        if !listed.iter().any(|device| device.source() == Some(source)) {
            provider.device_add(&NdiProxyDevice::of(source));
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
        let deadline = Instant::now() + PROBE;
        // The list is complete when it has been quiet for a while.
        while Instant::now() < deadline && (finder.wait(PATIENCE * 3) || finder.sources().is_empty()) {}
        finder.sources().iter().map(|source| NdiProxyDevice::of(source).upcast()).collect()
    }

    fn start(&self) -> Result<(), gst::LoggableError> {
        let Some(mut finder) = self.finder() else { return Ok(()) };
        let stop = Arc::new(AtomicBool::new(false));
        let (provider, stopped) = (self.obj().downgrade(), Arc::clone(&stop));
        let watch = move || {
            while !stopped.load(Ordering::Acquire) {
                finder.wait(PATIENCE);
                let sources = finder.sources();
                let Some(provider) = provider.upgrade() else { return };
                if !stopped.load(Ordering::Acquire) {
                    update(&provider, &sources);
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
