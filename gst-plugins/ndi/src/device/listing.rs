//! One source as a device: what it is called, and how to make an element for it.

use std::sync::OnceLock;

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use ndi_sdk_sys::Source;

#[derive(Default)]
pub struct NdiProxyDevice {
    source: OnceLock<Source>,
}

impl super::NdiProxyDevice {
    /// The device of a source.
    pub(super) fn of(source: &Source) -> Self {
        let video = gst_video::VideoCapsBuilder::new().format(gst_video::VideoFormat::Uyvy).build();
        let mut caps = video;
        caps.merge(
            gst_audio::AudioCapsBuilder::new_interleaved().format(gst_audio::AudioFormat::F32le).build(),
        );
        let properties = gst::Structure::builder("ndiproxy-source")
            .field("ndi-name", &source.name)
            .field("url-address", &source.url)
            .build();
        let device: Self = glib::Object::builder()
            .property("display-name", &source.name)
            .property("device-class", "Source/Audio/Video/Network")
            .property("caps", &caps)
            .property("properties", &properties)
            .build();
        // A new device knows no source yet, so the first word is kept.
        drop(device.imp().source.set(source.clone()));
        device
    }

    /// The source that it stands for.
    pub(super) fn source(&self) -> Option<&Source> {
        self.imp().source.get()
    }
}

#[glib::object_subclass]
impl ObjectSubclass for NdiProxyDevice {
    const NAME: &'static str = "GstNdiProxyDevice";
    type Type = super::NdiProxyDevice;
    type ParentType = gst::Device;
}

impl ObjectImpl for NdiProxyDevice {}
impl GstObjectImpl for NdiProxyDevice {}

impl DeviceImpl for NdiProxyDevice {
    fn create_element(&self, name: Option<&str>) -> Result<gst::Element, gst::LoggableError> {
        let mut element = glib::Object::builder::<crate::NdiProxySrc>();
        if let Some(name) = name {
            element = element.property("name", name);
        }
        let element = element.build().upcast::<gst::Element>();
        if let Some(source) = self.source.get() {
            element.set_property("ndi-name", &source.name);
            element.set_property("url-address", &source.url);
        }
        Ok(element)
    }
}
