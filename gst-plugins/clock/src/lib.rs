//! GStreamer elements: time in the picture, flash and tone, to measure glass to glass.
