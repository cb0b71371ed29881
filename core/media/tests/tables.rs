//! Tables as other senders write them: several programs, long lists, changes in mid-stream.

mod support;

use returnfeed_media::{DemuxEvent, DemuxProblem, TsDemuxer, Unit};
use support::foreign::{AUDIO, Foreign, VIDEO, pat, pes, pmt};
use support::{events_of, picture, units_of};

const H264: u8 = 0x1b;
const H265: u8 = 0x24;
const AAC: u8 = 0x0f;
const TELETEXT: &[u8] = &[0x56, 5, b'k', b'o', b'r', 0x10, 0];

fn open_pes(unit: &Unit) -> Vec<u8> {
    pes(0xe0, unit.pts.0, None, false, &unit.data)
}

/// A unit on `pid`, sent and read.
fn sent(sender: &mut Foreign, demuxer: &mut TsDemuxer, pid: u16, index: u64) -> (Unit, Vec<Unit>) {
    let unit = picture(index, 300, index == 0);
    let events = events_of(demuxer, [sender.pes(pid, &open_pes(&unit))]);
    (unit, units_of(events))
}

#[test]
fn of_several_programs_the_one_with_h264_is_followed() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    let mut packets = sender.table(0, &pat(0, 0, 0, &[(0, 0x10), (4, 0x30), (5, 0x31), (6, 0x32)]));
    packets.extend(sender.table(0x30, &pmt(4, 0, &[(AAC, 0x60, &[])])));
    packets.extend(sender.table(0x31, &pmt(5, 0, &[(H264, VIDEO, &[])])));
    packets.extend(sender.table(0x32, &pmt(6, 0, &[(H264, 0x70, &[])])));
    events_of(&mut demuxer, [packets]);
    let (_, other) = sent(&mut sender, &mut demuxer, 0x70, 0);
    assert_eq!(other, [], "the second one with pictures");
    let (unit, units) = sent(&mut sender, &mut demuxer, VIDEO, 0);
    assert_eq!(units, [unit]);
}

#[test]
fn programs_whose_tables_share_a_pid_are_told_apart() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    let mut packets = sender.table(0, &pat(0, 0, 0, &[(4, 0x30), (5, 0x30)]));
    let both = [pmt(4, 0, &[(H265, 0x60, &[])]), pmt(5, 0, &[(H264, VIDEO, &[])])].concat();
    packets.extend(sender.table(0x30, &both));
    events_of(&mut demuxer, [packets]);
    let (unit, units) = sent(&mut sender, &mut demuxer, VIDEO, 0);
    assert_eq!(units, [unit]);
}

#[test]
fn a_list_of_programs_over_two_sections_is_read_whole_and_nobody_is_dropped_between_them() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    let list = |version| [pat(version, 0, 1, &[(4, 0x30)]), pat(version, 1, 1, &[(5, 0x31)])];
    let [first, second] = list(0);
    let mut packets = [sender.table(0, &first), sender.table(0, &second)].concat();
    packets.extend(sender.table(0x30, &pmt(4, 0, &[(AAC, 0x60, &[])])));
    packets.extend(sender.table(0x31, &pmt(5, 0, &[(H264, VIDEO, &[])])));
    events_of(&mut demuxer, [packets]);
    let [first, second] = list(1);
    for (index, section) in [(0, first), (1, second)] {
        let events = events_of(&mut demuxer, [sender.table(0, &section)]);
        assert_eq!(events, [], "another version of the same list");
        let (unit, units) = sent(&mut sender, &mut demuxer, VIDEO, index);
        assert_eq!(units, [unit]);
    }
}

#[test]
fn who_is_followed_stays_so_when_another_program_comes_before_it_in_the_list() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    let mut packets = sender.table(0, &pat(0, 0, 0, &[(5, 0x31)]));
    packets.extend(sender.table(0x31, &pmt(5, 0, &[(H264, VIDEO, &[])])));
    packets.extend(sender.table(0, &pat(1, 0, 0, &[(4, 0x30), (5, 0x31)])));
    packets.extend(sender.table(0x30, &pmt(4, 0, &[(H264, 0x70, &[])])));
    events_of(&mut demuxer, [packets]);
    let (unit, units) = sent(&mut sender, &mut demuxer, VIDEO, 0);
    assert_eq!(units, [unit]);
    // Until it is gone from the list.
    events_of(&mut demuxer, [sender.table(0, &pat(2, 0, 0, &[(4, 0x30)]))]);
    let (unit, units) = sent(&mut sender, &mut demuxer, 0x70, 1);
    assert_eq!(units, [unit]);
}

#[test]
fn a_table_over_several_packets_is_put_together_though_one_of_them_comes_twice() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    events_of(&mut demuxer, [sender.table(0, &pat(0, 0, 0, &[(9, 0x30)]))]);
    // Forty subtitles before the pictures: some 480 bytes, three packets.
    let mut streams = vec![(0x06, 0x80, TELETEXT); 40];
    streams.push((H264, VIDEO, &[]));
    let packets = sender.table(0x30, &pmt(9, 0, &streams));
    assert_eq!(packets.len(), 188 * 3);
    let doubled: Vec<u8> = packets.chunks(188).flat_map(|packet| packet.repeat(2)).collect();
    let events = events_of(&mut demuxer, [doubled]);
    assert!(matches!(events.as_slice(), [DemuxEvent::Format { video: Some(_), audio: None }]), "{events:?}");
    let (unit, units) = sent(&mut sender, &mut demuxer, VIDEO, 0);
    assert_eq!(units, [unit]);
}

#[test]
fn a_table_that_loses_a_packet_is_not_believed() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    events_of(&mut demuxer, [sender.table(0, &pat(0, 0, 0, &[(9, 0x30)]))]);
    let mut streams = vec![(0x06, 0x80, TELETEXT); 40];
    streams.push((H264, VIDEO, &[]));
    let mut packets = sender.table(0x30, &pmt(9, 0, &streams));
    packets.drain(188..376);
    assert_eq!(events_of(&mut demuxer, [packets]), []);
}

#[test]
fn a_stream_that_changes_its_codec_is_told_and_comes_back() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    let mut told = |version, stream_type| {
        let tables = [sender.table(0, &pat(0, 0, 0, &[(9, 0x30)])), {
            sender.table(0x30, &pmt(9, version, &[(stream_type, VIDEO, &[]), (AAC, AUDIO, &[])]))
        }];
        events_of(&mut demuxer, tables)
    };
    let aac = DemuxEvent::Unusable(DemuxProblem::AudioCodec { found: "AAC" });
    let hevc = DemuxEvent::Unusable(DemuxProblem::VideoCodec { found: "H.265" });
    assert!(matches!(told(0, H264).as_slice(), [DemuxEvent::Format { video: Some(_), .. }, _]));
    assert_eq!(told(1, H265)[1..], [hevc, aac.clone()]);
    assert!(
        matches!(told(2, H264).as_slice(), [DemuxEvent::Format { video: Some(_), .. }, told] if *told == aac)
    );
    assert_eq!(told(2, H264), [], "the same table again says nothing new");
}

#[test]
fn a_list_of_thousands_of_programs_is_cut() {
    let (mut sender, mut demuxer) = (Foreign::default(), TsDemuxer::new());
    for number in 0..=255u8 {
        let programs: Vec<_> = (0..250).map(|n| (u16::from(number) * 250 + n + 1, 0x30)).collect();
        events_of(&mut demuxer, [sender.table(0, &pat(0, number, 255, &programs))]);
    }
    events_of(&mut demuxer, [sender.table(0x30, &pmt(1, 0, &[(H264, VIDEO, &[])]))]);
    let (unit, units) = sent(&mut sender, &mut demuxer, VIDEO, 0);
    assert_eq!(units, [unit], "the first is among those looked at");
}
