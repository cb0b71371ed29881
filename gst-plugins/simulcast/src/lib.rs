//! GStreamer encoder: two H.264 layers and Opus on whatever encoder the machine has.
