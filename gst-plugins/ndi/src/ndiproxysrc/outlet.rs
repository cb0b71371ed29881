//! One source pad with the order that GStreamer demands: stream-start, caps, segment, buffers.
//!
//! The invariant: timestamps rise strictly. An outlet whose neighbour refuses or has had enough stays quiet and
//! never stops the other one.

use gst::prelude::*;

/// A gap after which a decoder or sink should know that time went by without data.
const DISCONTINUITY: gst::ClockTime = gst::ClockTime::from_seconds(1);

pub(super) struct Outlet {
    pad: gst::Pad,
    group: gst::GroupId,
    caps: Option<gst::Caps>,
    begun: bool,
    ended: bool,
    last: Option<gst::ClockTime>,
}

impl Outlet {
    pub(super) fn new(pad: &gst::Pad, group: gst::GroupId) -> Self {
        Self { pad: pad.clone(), group, caps: None, begun: false, ended: false, last: None }
    }

    /// Whether there is a point in making a buffer.
    pub(super) fn is_wanted(&self) -> bool {
        !self.ended && self.pad.is_linked()
    }

    /// Sends a buffer that arrived at running time `arrival`, behind whatever events must come first.
    ///
    /// # Errors
    /// When the neighbour cannot take it: once; then this outlet is quiet.
    pub(super) fn push(
        &mut self,
        caps: &gst::Caps,
        mut buffer: gst::Buffer,
        arrival: gst::ClockTime,
    ) -> Result<(), gst::FlowError> {
        self.begin(Some(caps));
        let pts = self.last.map_or(arrival, |last| arrival.max(last + gst::ClockTime::NSECOND));
        let gap = self.last.is_none_or(|last| pts - last > DISCONTINUITY);
        self.last = Some(pts);
        {
            let buffer = buffer.make_mut();
            buffer.set_pts(pts);
            if gap {
                buffer.set_flags(gst::BufferFlags::DISCONT);
            }
        }
        match self.pad.push(buffer) {
            Ok(_) | Err(gst::FlowError::NotLinked | gst::FlowError::Flushing) => Ok(()),
            Err(gst::FlowError::Eos) => {
                self.end();
                Ok(())
            }
            Err(error) => {
                self.ended = true;
                Err(error)
            }
        }
    }

    /// Says that nothing was sent since the last buffer or gap, if that is `least` ago.
    pub(super) fn tell_gap(&mut self, caps: &gst::Caps, now: gst::ClockTime, least: gst::ClockTime) {
        let from = self.last.unwrap_or_else(|| now.saturating_sub(least));
        if now < from + least {
            return;
        }
        self.last = Some(now);
        let known = self.caps.clone();
        self.begin(Some(known.as_ref().unwrap_or(caps)));
        self.pad.push_event(gst::event::Gap::builder(from).duration(now - from).build());
    }

    /// The pad's name.
    pub(super) fn name(&self) -> String {
        self.pad.name().to_string()
    }

    /// Ends the stream, because the application asked for it or the neighbour has had enough. A source that goes
    /// away never ends it.
    pub(super) fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            self.begin(None);
            self.pad.push_event(gst::event::Eos::new());
        }
    }

    fn begin(&mut self, caps: Option<&gst::Caps>) {
        let first = !std::mem::replace(&mut self.begun, true);
        if first {
            let parent = self.pad.parent_element();
            let id = parent.map_or_else(
                || self.pad.name().to_string(),
                |element| self.pad.create_stream_id(&element, Some(&self.pad.name())).to_string(),
            );
            self.pad.push_event(gst::event::StreamStart::builder(&id).group_id(self.group).build());
        }
        if let Some(caps) = caps.filter(|caps| self.caps.as_ref() != Some(caps)) {
            self.pad.push_event(gst::event::Caps::new(caps));
            self.caps = Some(caps.clone());
        }
        if first {
            let segment = gst::FormattedSegment::<gst::ClockTime>::new();
            self.pad.push_event(gst::event::Segment::new(&segment));
        }
    }
}
