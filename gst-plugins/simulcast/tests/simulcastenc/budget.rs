//! Ten seconds of hard pictures against the budget of the layers, as they travel.
//!
//! Towards the cloud each layer and the sound are MPEG-TS in SRT over UDP and IP (16 + 8 + 20 bytes a message); towards
//! a viewer they are SRTP packets (12 + 16 bytes, and 28 of UDP and IP).

use gst::prelude::*;
use returnfeed_media::{AudioConfig, MuxConfig, Track, TsMuxer, Unit, rtp};
use returnfeed_protocol::MediaTime;

use crate::rig::{Coded, Rig, pull, pull_all, times, video_caps};

const SRT_UDP_IP: usize = 44;
const SRTP_UDP_IP: usize = 56;
const SECONDS: u64 = 10;

fn unit(track: Track, coded: &Coded) -> Unit {
    let keyframe = track == Track::Video && returnfeed_media::h264::is_idr(&coded.data);
    Unit { track, pts: MediaTime(coded.pts * 9 / 100_000), data: coded.data.clone().into(), keyframe }
}

/// Bits per second of these units as SRT messages.
fn over_srt(video: &[Coded], sound: &[Coded], channels: u8) -> usize {
    let audio = (!sound.is_empty()).then_some(AudioConfig { channels });
    let mut muxer = TsMuxer::new(MuxConfig { video: true, audio });
    let mut units: Vec<Unit> = video.iter().map(|coded| unit(Track::Video, coded)).collect();
    units.extend(sound.iter().map(|coded| unit(Track::Audio, coded)));
    units.sort_by_key(|unit| unit.pts.0);
    let messages = units.iter().flat_map(|unit| muxer.write(unit));
    messages.map(|message| (message.len() + SRT_UDP_IP) * 8).sum::<usize>() / SECONDS as usize
}

/// Bits per second of these units as a viewer gets them.
fn over_webrtc(video: &[Coded], sound: &[Coded]) -> usize {
    let packets = video.iter().flat_map(|coded| rtp::packetize_h264(&coded.data, 1200));
    let video: usize = packets.map(|packet| packet.data.len() + SRTP_UDP_IP).sum();
    let sound: usize = sound.iter().map(|coded| coded.data.len() + SRTP_UDP_IP).sum();
    (video + sound) * 8 / SECONDS as usize
}

fn elementary(video: &[Coded]) -> usize {
    video.iter().map(|coded| coded.data.len() * 8).sum::<usize>() / SECONDS as usize
}

fn measure(encoder: &str, fps: u64, told: i32) {
    let rig = Rig::play(&[("encoder", encoder)], Some(1));
    rig.video.set_caps(Some(&video_caps(told)));
    std::thread::scope(|scope| {
        scope.spawn(|| times(0, fps, fps * SECONDS).for_each(|pts| rig.push(pts)));
        scope.spawn(|| times(0, 50, 50 * SECONDS).for_each(|pts| rig.push_sound(pts, 1)));
    });
    rig.end();
    let (high, low, sound) = (pull_all(&rig.high), pull_all(&rig.low), pull_all(&rig.opus));
    assert_eq!(high.len() as u64, fps * SECONDS, "no picture is missing");
    let largest = |units: &[Coded]| units.iter().map(|unit| unit.data.len()).max().unwrap_or(0);
    println!(
        "{encoder} at {fps} (told {told}): high {} bit/s, over SRT {}, to a viewer {}, largest unit {} B; \
         low {} bit/s, over SRT {} (without sound {}), to a viewer {}, largest unit {} B",
        elementary(&high),
        over_srt(&high, &sound, 1),
        over_webrtc(&high, &sound),
        largest(&high),
        elementary(&low),
        over_srt(&low, &sound, 1),
        over_srt(&low, &[], 1),
        over_webrtc(&low, &sound),
        largest(&low),
    );
    let within = |what: &str, bits: usize, least: usize, most: usize| {
        assert!(
            (least..=most).contains(&bits),
            "{encoder} at {fps}: {what}: {bits} bit/s, not {least} to {most}"
        );
    };
    within("high over SRT", over_srt(&high, &sound, 1), 700_000, 1_200_000);
    within("high to a viewer", over_webrtc(&high, &sound), 700_000, 1_200_000);
    within("low over SRT, sound in the high one", over_srt(&low, &[], 1), 60_000, 180_000);
    within("low to a viewer", over_webrtc(&low, &sound), 80_000, 180_000);
}

#[test]
fn x264_keeps_the_budget_at_sixty_at_twenty_five_and_when_nobody_tells_the_rate() {
    measure("x264enc", 60, 60);
    measure("x264enc", 25, 25);
    measure("x264enc", 25, 0);
}

#[test]
fn openh264_keeps_the_budget_at_sixty_and_at_twenty_five() {
    measure("openh264enc", 60, 60);
    measure("openh264enc", 25, 25);
}

#[test]
fn a_new_bit_rate_is_taken_while_it_plays_without_a_key_frame() {
    let rig = Rig::play(&[("encoder", "x264enc"), ("gop-ms", "60000"), ("high-bitrate", "900000")], None);
    let two_seconds = |from: u64| {
        let bytes = times(from * 1_000_000_000, 30, 60).map(|pts| {
            rig.push(pts);
            let _ = pull(&rig.low);
            let unit = pull(&rig.high);
            assert_eq!(returnfeed_media::h264::is_idr(&unit.data), pts == 0);
            unit.data.len()
        });
        bytes.sum::<usize>() * 8 / 2
    };
    let before = two_seconds(0);
    rig.enc.set_property("high-bitrate", 300_000u32);
    let (_, after) = (two_seconds(2), two_seconds(4));
    println!("told 900000: {before} bit/s; told 300000: {after} bit/s");
    assert!((200_000..=330_000).contains(&after) && before > 600_000, "{before}, then {after}");
}
