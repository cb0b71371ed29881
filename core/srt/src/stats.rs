//! What each end counted and measured, as libsrt's statistics have it.

use std::time::Duration;

/// A connection as the receiving end sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionStats {
    /// Packets received, each copy.
    pub received_packets: u64,
    /// Payload bytes in them.
    pub received_bytes: u64,
    /// Packets found missing; most of them came later.
    pub lost_packets: u64,
    /// Missing packets that never came in time: the picture was damaged there.
    pub dropped_packets: u64,
    /// Packets that could not be decrypted.
    pub undecryptable_packets: u64,
    /// Messages handed up.
    pub delivered_packets: u64,
    /// Of the received packets, repetitions.
    pub repeated_packets: u64,
    /// Packets that were there already.
    pub duplicate_packets: u64,
    /// Packets that came by themselves after the stream had gone on without them: a longer hold had saved them.
    pub late_packets: u64,
    /// Requests to send again, each for one packet or many.
    pub requests_sent: u64,
    /// Times that the key in use was followed by the next one.
    pub key_changes: u64,
    /// Packets that wait behind a gap now.
    pub held_packets: u64,
    /// The longest that a packet has waited behind a gap.
    pub longest_hold: Duration,
    /// The longest that a packet may wait behind a gap.
    pub hold: Duration,
    /// How long a packet may be late before it is asked for; above zero on a path that reorders.
    pub reorder_tolerance: Duration,
    /// Round trip, zero until it was measured.
    pub rtt: Duration,
    /// How much the round trip wavers.
    pub rtt_variation: Duration,
    /// What arrives, repetitions and headers included; zero in the first half second.
    pub bits_per_second: u64,
    /// What the path could carry, by the distance of back-to-back packets; zero while unknown.
    pub capacity_bits_per_second: u64,
}

/// A push as the sending end sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallerStats {
    /// Data packets on the wire, repetitions included.
    pub sent_packets: u64,
    /// Payload bytes in them.
    pub sent_bytes: u64,
    /// Of the packets, repetitions.
    pub repeated_packets: u64,
    /// Packets that the listener has.
    pub acknowledged_packets: u64,
    /// Packets taken and not yet acknowledged.
    pub unacknowledged_packets: u64,
    /// Packets that the listener missed.
    pub lost_packets: u64,
    /// Packets that were too old to be repeated any more: the picture was damaged there.
    pub dropped_packets: u64,
    /// Requests to send again, each for one packet or many.
    pub requests_received: u64,
    /// Times that the key in use was followed by the next one.
    pub key_changes: u64,
    /// Times that a frame's last packet was proved to the listener.
    pub probes_sent: u64,
    /// Round trip, zero until it was measured.
    pub rtt: Duration,
    /// How much the round trip wavers.
    pub rtt_variation: Duration,
    /// What the listener says arrives; zero when it does not say.
    pub received_bits_per_second: u64,
    /// What the listener thinks the path could carry; zero when it does not say.
    pub capacity_bits_per_second: u64,
}
