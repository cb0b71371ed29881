//! The door of one layer: takes pictures without ever making the source wait, hands them to the encoder's thread.
//!
//! Not registered: only `simulcastenc` makes it. What it does with a picture is decided by its [`Driver`].

mod imp;

use gst::glib;

gst::glib::wrapper! {
    /// The door; public in name only, its module is not.
    pub struct Feed(ObjectSubclass<imp::Feed>) @extends gst::Element, gst::Object;
}

/// The decisions of one layer; called from the source's thread (`admits`) and from the layer's own (all others).
pub(crate) trait Driver: Send + Sync {
    /// Whether this picture is taken into the queue at all.
    fn admits(&self, picture: &gst::BufferRef) -> bool;
    /// The event that goes to the encoder in place of this one.
    fn event(&self, event: gst::Event) -> gst::Event;
    /// The picture goes to the encoder next.
    fn before(&self, buffer: &gst::BufferRef);
    /// What the push of the picture gave; the answer is what the source shall hear.
    fn after(
        &self,
        flow: Result<gst::FlowSuccess, gst::FlowError>,
    ) -> Result<gst::FlowSuccess, gst::FlowError>;
}

impl Feed {
    /// A door with this name, driven by `driver`.
    pub(crate) fn new(name: &str, driver: Box<dyn Driver>) -> Self {
        use glib::subclass::prelude::ObjectSubclassIsExt;
        let feed: Self = glib::Object::builder().property("name", name).build();
        feed.imp().drive(driver);
        feed
    }

    /// Whether a full queue drops its oldest picture (live) or makes the source wait (files, tests).
    pub(crate) fn set_leaky(&self, leaky: bool) {
        use glib::subclass::prelude::ObjectSubclassIsExt;
        self.imp().set_leaky(leaky);
    }
}
