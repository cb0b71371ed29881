//! The sound beside the layers.

use crate::rig::{Rig, pull_all, times};

/// Ticks of 90 kHz in 20 ms.
const TWENTY_MS: u64 = 1800;

#[test]
fn packets_are_twenty_milliseconds_long_and_carry_the_time_of_their_sound() {
    for channels in [1, 2] {
        let rig = Rig::play(&[], Some(channels));
        let pushed: Vec<u64> = times(3_000_000_000, 50, 100).collect();
        pushed.iter().for_each(|pts| rig.push_sound(*pts, channels as usize));
        rig.end();
        let packets = pull_all(&rig.opus);
        assert!(packets.len() >= pushed.len());
        // Opus hands a sound on 6.5 ms late; a packet carries the time of the sound that is really in it.
        assert_eq!(packets[0].pts, pushed[0]);
        for (packet, pts) in packets.iter().zip(&pushed).skip(1) {
            assert_eq!(returnfeed_media::opus::duration(&packet.data), Some(TWENTY_MS));
            assert_eq!(packet.pts + 6_500_000, *pts);
        }
    }
}

#[test]
fn one_channel_takes_thirty_two_kilobits_two_take_forty_eight() {
    for (channels, budget) in [(1, 32_000), (2, 48_000)] {
        let rig = Rig::play(&[], Some(channels));
        times(0, 50, 500).for_each(|pts| rig.push_sound(pts, channels as usize));
        rig.end();
        let bits: usize = pull_all(&rig.opus).iter().map(|packet| packet.data.len() * 8).sum();
        println!("{channels} channels: {} bit/s", bits / 10);
        assert!(
            (budget * 6 / 10..=budget * 105 / 100).contains(&(bits / 10)),
            "{channels} channels: {bits} in 10 s"
        );
    }
}

#[test]
fn packets_can_carry_the_one_before() {
    // Only SILK and hybrid modes (configurations 0 to 15) hold in-band error correction (RFC 6716, 2.1.7).
    let rig = Rig::play(&[], Some(2));
    times(0, 50, 100).for_each(|pts| rig.push_sound(pts, 2));
    rig.end();
    let packets = pull_all(&rig.opus);
    let with = packets.iter().filter(|packet| packet.data[0] >> 3 < 16).count();
    assert!(with * 10 > packets.len() * 9, "{with} of {}", packets.len());
}
