//! GStreamer source: one NDI receiver with picture, sound and truthful tally.
