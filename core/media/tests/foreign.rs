//! Other senders' streams: when a unit ends, and what is said about streams that cannot be used.

mod support;

use returnfeed_media::{
    AudioFormat, DemuxEvent, DemuxProblem, DiscontinuityCause, Track, TsDemuxer, Unit, VideoFormat,
};
use support::foreign::{AUDIO, Foreign, VIDEO, pes, stuffing};
use support::{events_of, picture, units_of};

/// Stream type, PID, descriptors.
type Entry = (u8, u16, &'static [u8]);

const H264: Entry = (0x1b, VIDEO, &[]);
const OPUS: Entry = (0x06, AUDIO, &[5, 4, b'O', b'p', b'u', b's', 0x7f, 2, 0x80, 1]);

/// Bytes of content that, with a header of 14, fill whole packets.
const EXACT: usize = 184 * 3 - 14;

/// A picture whose PES content is `size` bytes.
fn sized(index: u64, size: usize) -> Unit {
    let mut unit = picture(index, size, index == 0);
    unit.data.truncate(size);
    unit
}

fn open_pes(unit: &Unit) -> Vec<u8> {
    pes(0xe0, unit.pts.0, None, false, &unit.data)
}

/// A demuxer that knows the tables, and the sender.
fn started(streams: &[Entry]) -> (Foreign, TsDemuxer) {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    // Each in a message of full length, so that nothing is learnt from it.
    let mut message = sender.tables(streams);
    message.extend(sender_nulls(5));
    events_of(&mut demuxer, [message]);
    (sender, demuxer)
}

fn sender_nulls(count: usize) -> Vec<u8> {
    let mut packet = [0xff; 188];
    packet[..4].copy_from_slice(&[0x47, 0x1f, 0xff, 0x10]);
    packet.repeat(count)
}

/// The packets, brought to a multiple of seven by null packets: a sender that never sends a short message.
fn padded(mut packets: Vec<u8>) -> Vec<Vec<u8>> {
    let missing = (7 - packets.len() / 188 % 7) % 7;
    packets.extend(sender_nulls(missing));
    packets.chunks(1_316).map(<[u8]>::to_vec).collect()
}

#[test]
fn an_open_unit_ends_with_its_stuffing() {
    let (mut sender, mut demuxer) = started(&[H264]);
    for (index, size) in (0..).zip([12, 200, EXACT - 1, EXACT - 2, EXACT - 3, 5_000]) {
        let unit = sized(index, size);
        let messages = padded(sender.pes(VIDEO, &open_pes(&unit)));
        assert_eq!(units_of(events_of(&mut demuxer, messages)), [unit], "{size}");
    }
}

#[test]
fn an_open_unit_that_fills_its_packets_ends_with_the_next_start() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let (first, second) = (sized(0, EXACT), sized(1, 100));
    assert_eq!(units_of(events_of(&mut demuxer, padded(sender.pes(VIDEO, &open_pes(&first))))), []);
    let next = padded(sender.pes(VIDEO, &open_pes(&second)));
    assert_eq!(units_of(events_of(&mut demuxer, next)), [first, second]);
}

#[test]
fn a_unit_with_its_length_ends_there_even_if_it_fills_its_packets() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let unit = sized(0, EXACT);
    let messages = padded(sender.pes(VIDEO, &pes(0xe0, 0, None, true, &unit.data)));
    assert_eq!(units_of(events_of(&mut demuxer, messages)), [unit]);
}

#[test]
fn a_short_message_ends_a_unit_once_it_has_proved_itself() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let mut waited = 0;
    for index in 0..40 {
        let unit = sized(index, EXACT);
        let units = units_of(events_of(&mut demuxer, [sender.pes(VIDEO, &open_pes(&unit))]));
        if units.last() != Some(&unit) {
            waited = index + 1;
        }
    }
    assert_eq!(waited, 8, "the first eight are the proof");
}

#[test]
fn a_sender_that_cuts_its_messages_anywhere_is_never_believed() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let sent: Vec<_> = (0..40).map(|index| sized(index, EXACT)).collect();
    let bytes: Vec<u8> = sent.iter().flat_map(|unit| sender.pes(VIDEO, &open_pes(unit))).collect();
    let events = events_of(&mut demuxer, bytes.chunks(188));
    assert!(!events.iter().any(|event| matches!(event, DemuxEvent::Discontinuity { .. })));
    assert_eq!(units_of(events), sent[..39], "the last one waits for its successor");
}

#[test]
fn a_clock_in_the_middle_of_a_unit_is_not_its_end() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let unit = sized(0, 900);
    let bytes = open_pes(&unit);
    let clock = [7, 0x10, 0, 0, 0, 0, 0x7e, 0];
    let mut packets = sender.packet(VIDEO, true, &clock, &bytes[..176]);
    packets.extend(sender.packet(VIDEO, false, &stuffing(184), &[]));
    packets.extend(sender.packet(VIDEO, false, &clock, &bytes[176..352]));
    let last = &bytes[352..];
    for piece in last.chunks(184) {
        packets.extend(sender.packet(VIDEO, false, &stuffing(184 - piece.len()), piece));
    }
    assert_eq!(units_of(events_of(&mut demuxer, padded(packets))), [unit]);
}

#[test]
fn stuffing_that_lied_is_reported_and_not_believed_again() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let mut send = |unit: &Unit| {
        let bytes = open_pes(unit);
        let mut packets = sender.packet(VIDEO, true, &stuffing(20), &bytes[..164]);
        packets.extend(sender.packet(VIDEO, false, &[], &bytes[164..348]));
        packets.extend(sender.packet(VIDEO, false, &stuffing(184 - (bytes.len() - 348)), &bytes[348..]));
        events_of(&mut demuxer, padded(packets))
    };
    let units: Vec<_> = (0..4).map(|index| sized(index, 400)).collect();
    let first = send(&units[0]);
    let mistaken = DemuxEvent::Discontinuity { track: Track::Video, cause: DiscontinuityCause::EndMistaken };
    assert_eq!(first.iter().filter(|event| **event == mistaken).count(), 1);
    let rest: Vec<_> = units[1..].iter().flat_map(&mut send).collect();
    assert_eq!(units_of(rest), units[1..3], "whole from here on, each with the start of the next");
}

#[test]
fn a_length_that_lost_its_upper_bits_is_reported_and_not_believed_again() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let mut send = |unit: &Unit| {
        let mut bytes = open_pes(unit);
        let real = bytes.len() - 6;
        bytes[4..6].copy_from_slice(&u16::try_from(real & 0xffff).expect("16 bits").to_be_bytes());
        events_of(&mut demuxer, padded(sender.pes(VIDEO, &bytes)))
    };
    let units: Vec<_> = (0..3).map(|index| sized(index, 70_000)).collect();
    let mistaken = DemuxEvent::Discontinuity { track: Track::Video, cause: DiscontinuityCause::EndMistaken };
    assert!(send(&units[0]).contains(&mistaken));
    assert_eq!(units_of(units[1..].iter().flat_map(&mut send).collect()), units[1..]);
}

#[test]
fn padding_behind_the_end_of_a_unit_is_nothing() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let unit = sized(0, EXACT);
    let mut packets = sender.pes(VIDEO, &pes(0xe0, 0, None, true, &unit.data));
    packets.extend(sender.packet(VIDEO, false, &[], &[0xff; 184]));
    assert_eq!(events_of(&mut demuxer, padded(packets)), [DemuxEvent::Unit(unit)]);
}

#[test]
fn a_unit_cut_off_by_the_next_start_is_dropped() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let (cut, whole) = (sized(0, 500), sized(1, 500));
    let mut packets = sender.packet(VIDEO, true, &[], &pes(0xe0, 0, None, true, &cut.data)[..184]);
    packets.extend(sender.pes(VIDEO, &pes(0xe0, whole.pts.0, None, true, &whole.data)));
    let events = events_of(&mut demuxer, padded(packets));
    assert!(matches!(events[0], DemuxEvent::Discontinuity { cause: DiscontinuityCause::Lost, .. }));
    assert_eq!(units_of(events), [whole]);
}

#[test]
fn several_packets_of_sound_in_one_pes_each_get_their_time() {
    let (mut sender, mut demuxer) = started(&[H264, OPUS]);
    let body: Vec<u8> = [0x7f, 0xe0, 3, 0xf8, 1, 2].repeat(5);
    let packets = sender.pes(AUDIO, &pes(0xbd, 90_000, None, true, &body));
    let times: Vec<_> =
        units_of(events_of(&mut demuxer, padded(packets))).iter().map(|unit| unit.pts.0).collect();
    assert_eq!(times, [90_000, 91_800, 93_600, 95_400, 97_200]);
}

#[test]
fn aac_is_named_and_the_pictures_flow() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    let unit = sized(0, 100);
    let mut packets = sender.tables(&[H264, (0x0f, AUDIO, &[])]);
    packets.extend(sender.pes(VIDEO, &open_pes(&unit)));
    let events = events_of(&mut demuxer, padded(packets));
    let expected = [
        DemuxEvent::Format { video: Some(VideoFormat { sps: None }), audio: None },
        DemuxEvent::Unusable(DemuxProblem::AudioCodec { found: "AAC" }),
        DemuxEvent::Unit(unit),
    ];
    assert_eq!(events, expected);
}

#[test]
fn a_problem_is_told_once_while_the_tables_stay() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    let messages: Vec<_> = (0..10).map(|_| sender.tables(&[(0x24, VIDEO, &[])])).collect();
    let events = events_of(&mut demuxer, messages);
    let expected = [
        DemuxEvent::Format { video: None, audio: None },
        DemuxEvent::Unusable(DemuxProblem::VideoCodec { found: "H.265" }),
    ];
    assert_eq!(events, expected);
}

#[test]
fn each_unusable_stream_gets_its_own_sentence() {
    let surround: &[u8] = &[5, 4, b'O', b'p', b'u', b's', 0x7f, 2, 0x80, 6];
    let cases: [(&[Entry], DemuxProblem); 5] = [
        (&[(0x06, AUDIO, surround)], DemuxProblem::AudioChannels { code: 6 }),
        (&[(0x06, AUDIO, &[0x6a, 0])], DemuxProblem::AudioCodec { found: "AC-3" }),
        (&[(0x06, VIDEO, &[5, 4, b'A', b'V', b'0', b'1'])], DemuxProblem::VideoCodec { found: "AV1" }),
        (&[(0x06, AUDIO, &[0x59, 0])], DemuxProblem::NothingUsable),
        (&[], DemuxProblem::NothingUsable),
    ];
    for (streams, problem) in cases {
        let events = events_of(&mut TsDemuxer::new(), [Foreign::default().tables(streams)]);
        assert_eq!(events.last(), Some(&DemuxEvent::Unusable(problem)), "{streams:?}");
    }
}

#[test]
fn a_foreign_second_sound_beside_opus_is_nobody_s_problem() {
    let events =
        events_of(&mut TsDemuxer::new(), [Foreign::default().tables(&[H264, (0x0f, 0x50, &[]), OPUS])]);
    let format = DemuxEvent::Format {
        video: Some(VideoFormat { sps: None }),
        audio: Some(AudioFormat { channels: 1 }),
    };
    assert_eq!(events, [format]);
}

#[test]
fn b_frames_are_told_once_and_still_flow() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let packets: Vec<u8> = (0..5)
        .flat_map(|index| {
            sender.pes(VIDEO, &pes(0xe0, 9_000 + index, Some(9_000), true, &sized(index, 50).data))
        })
        .collect();
    let events = events_of(&mut demuxer, padded(packets));
    let told = events.iter().filter(|event| **event == DemuxEvent::Unusable(DemuxProblem::Reordered)).count();
    assert_eq!((told, units_of(events).len()), (1, 5));
}

#[test]
fn scrambled_packets_are_told_and_dropped() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let mut packets = sender.pes(VIDEO, &open_pes(&sized(0, 100)));
    packets[3] |= 0x80;
    let events = events_of(&mut demuxer, padded(packets));
    assert_eq!(events, [DemuxEvent::Unusable(DemuxProblem::Scrambled { track: Track::Video })]);
}

#[test]
fn pictures_without_a_time_are_told_and_dropped() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let untimed = [&[0, 0, 1, 0xe0, 0, 13, 0x80, 0, 0][..], &sized(0, 10).data].concat();
    let events = events_of(&mut demuxer, padded(sender.pes(VIDEO, &untimed)));
    assert_eq!(events[0], DemuxEvent::Unusable(DemuxProblem::NoTimestamp { track: Track::Video }));
    assert_eq!(units_of(events), []);
}

#[test]
fn a_new_table_with_other_pids_is_followed() {
    let (mut sender, mut demuxer) = started(&[H264, OPUS]);
    let unit = sized(0, 100);
    let mut packets = sender.tables_at(0x77, &[(0x1b, 0x200, &[])]);
    packets.extend(sender.pes(0x200, &open_pes(&unit)));
    let events = events_of(&mut demuxer, padded(packets));
    let format = DemuxEvent::Format { video: Some(VideoFormat { sps: None }), audio: None };
    assert_eq!(events, [format, DemuxEvent::Unit(unit)]);
}

#[test]
fn a_track_that_stays_in_a_new_table_goes_on_without_a_gap() {
    let (mut sender, mut demuxer) = started(&[H264]);
    let unit = sized(0, 300);
    let packets = sender.pes(VIDEO, &open_pes(&unit));
    let (head, tail) = packets.split_at(188);
    let all = [head.to_vec(), sender.tables(&[H264, OPUS]), tail.to_vec()].concat();
    let events = events_of(&mut demuxer, padded(all));
    assert!(matches!(events.as_slice(), [DemuxEvent::Format { audio: Some(_), .. }, DemuxEvent::Unit(_)]));
    assert_eq!(units_of(events), [unit]);
}

#[test]
fn an_announced_jump_of_the_counter_is_no_loss() {
    let (mut sender, mut demuxer) = started(&[H264]);
    events_of(&mut demuxer, padded(sender.pes(VIDEO, &open_pes(&sized(0, 50)))));
    let unit = sized(1, 60);
    let mut jumped = Foreign::default().pes(VIDEO, &open_pes(&unit));
    jumped[3] = (jumped[3] & 0xf0) | 9;
    jumped[5] |= 0x80;
    let events = events_of(&mut demuxer, padded(jumped));
    assert_eq!(events, [DemuxEvent::Unit(unit)]);
}
