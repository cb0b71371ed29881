//! The whole director without a window: sources, switch, encode, push, uplink.
