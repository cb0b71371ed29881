//! Program tables (ISO/IEC 13818-1 2.4.4): sections out of packets, PAT and PMT out of sections, and back.
//!
//! Refuses to choose between programs: who reads the tables does.
//! Invariant: what fails its CRC is not there.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use bytes::BufMut;

use super::packet::Packet;
use crate::read::Reader;

/// The longest section: 12 bits of length and the three bytes before them.
const MAX_SECTION: usize = 4098;
/// Bytes of the CRC at a section's end.
const CRC: usize = 4;

/// Puts the sections of one PID together.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    /// `None` until a section's start has been seen.
    open: Option<Vec<u8>>,
    /// The last packet, to know one that is sent twice (2.4.3.3).
    last: Option<(u8, Vec<u8>)>,
}

impl Sections {
    /// Takes one packet of the PID, once.
    pub(crate) fn handle_packet(&mut self, packet: &Packet<'_>, on_section: impl FnMut(&[u8])) {
        if packet.damaged {
            self.open = None;
            return;
        }
        let Some(payload) = packet.payload else { return };
        if self.last.as_ref().is_some_and(|(counter, last)| *counter == packet.counter && last == payload) {
            return;
        }
        self.last = Some((packet.counter, payload.to_vec()));
        self.push(payload, packet.starts, on_section);
    }

    /// Takes one packet's payload and hands over each section that it completes and whose CRC holds.
    fn push(&mut self, payload: &[u8], starts: bool, mut on_section: impl FnMut(&[u8])) {
        if !starts {
            self.extend(payload, &mut on_section);
            return;
        }
        let mut reader = Reader::new(payload);
        let Some(tail) = reader.u8().and_then(|pointer| reader.take(usize::from(pointer))) else {
            self.open = None;
            return;
        };
        self.extend(tail, &mut on_section);
        self.open = Some(Vec::new());
        self.extend(reader.rest(), &mut on_section);
    }

    /// Several sections may follow each other; 0xff where a table id should be fills the rest (2.4.4.1).
    fn extend(&mut self, bytes: &[u8], on_section: &mut impl FnMut(&[u8])) {
        let Some(mut open) = self.open.take() else { return };
        open.extend_from_slice(bytes);
        let mut reader = Reader::new(&open);
        while let Some(size) = section_size(reader.rest()) {
            let Some(section) = reader.take(size) else { break };
            if crc32(section) == 0 {
                on_section(section);
            }
        }
        let rest = reader.rest();
        if rest.first() != Some(&0xff) && rest.len() < MAX_SECTION {
            self.open = Some(rest.to_vec());
        }
    }
}

fn section_size(bytes: &[u8]) -> Option<usize> {
    let [table, high, low] = *bytes.first_chunk()?;
    (table != 0xff).then(|| usize::from(u16::from_be_bytes([high & 0x0f, low])).saturating_add(3))
}

/// A program as the PAT names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) number: u16,
    pub(crate) pmt_pid: u16,
}

/// One section of a PAT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PatSection {
    pub(crate) version: u8,
    pub(crate) number: u8,
    pub(crate) last: u8,
    pub(crate) programs: Vec<Program>,
}

/// The programs of a PAT section (2.4.4.3) without program 0, which is the network's own table.
pub(crate) fn parse_pat(section: &[u8]) -> Option<PatSection> {
    let mut entries = body(section, 0x00)?;
    let [.., version, number, last] = *section.first_chunk::<8>()?;
    let mut programs = Vec::new();
    while let (Some(program), Some(pid)) = (entries.u16(), entries.u16()) {
        if program != 0 {
            programs.push(Program { number: program, pmt_pid: pid & 0x1fff });
        }
    }
    Some(PatSection { version: version >> 1 & 0x1f, number, last, programs })
}

/// One elementary stream of a PMT, its descriptors borrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream<'a> {
    pub(crate) stream_type: u8,
    pub(crate) pid: u16,
    pub(crate) descriptors: &'a [u8],
}

/// The streams of the PMT section of `program` (2.4.4.8).
pub(crate) fn parse_pmt(section: &[u8], program: u16) -> Option<Vec<Stream<'_>>> {
    if section.get(3..5)? != program.to_be_bytes() {
        return None;
    }
    let mut reader = body(section, 0x02)?;
    let _pcr_pid = reader.u16()?;
    let info = usize::from(reader.u16()? & 0x0fff);
    reader.take(info)?;
    let mut streams = Vec::new();
    while let Some(stream_type) = reader.u8() {
        let pid = reader.u16()? & 0x1fff;
        let info = usize::from(reader.u16()? & 0x0fff);
        streams.push(Stream { stream_type, pid, descriptors: reader.take(info)? });
    }
    Some(streams)
}

/// What stands between a section's eight header bytes and its CRC, if it is `table` and in force.
fn body(section: &[u8], table: u8) -> Option<Reader<'_>> {
    let (header, rest) = section.split_at_checked(8)?;
    let in_force = header.get(5).is_some_and(|byte| byte & 1 == 1);
    if header.first() != Some(&table) || !in_force {
        return None;
    }
    rest.split_at_checked(rest.len().checked_sub(CRC)?).map(|(body, _)| Reader::new(body))
}

/// Each descriptor's tag and content (2.6.1).
pub(crate) fn descriptors(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut reader = Reader::new(bytes);
    std::iter::from_fn(move || {
        let tag = reader.u8()?;
        let length = usize::from(reader.u8()?);
        Some((tag, reader.take(length)?))
    })
}

/// A PAT with one program.
pub(crate) fn pat(program: Program) -> Vec<u8> {
    let mut entry = program.number.to_be_bytes().to_vec();
    entry.put_u16(0xe000 | program.pmt_pid);
    section(0x00, 1, &entry)
}

/// A PMT of `program`.
pub(crate) fn pmt(program: u16, pcr_pid: u16, streams: &[Stream<'_>]) -> Vec<u8> {
    let mut content = Vec::new();
    content.put_u16(0xe000 | pcr_pid);
    content.put_u16(0xf000);
    for stream in streams {
        content.put_u8(stream.stream_type);
        content.put_u16(0xe000 | stream.pid);
        content.put_u16(0xf000 | short(stream.descriptors.len()));
        content.put_slice(stream.descriptors);
    }
    section(0x02, program, &content)
}

/// Version 0, section 0 of 0, in force. Behind the length: five header bytes, `content`, CRC.
fn section(table: u8, id: u16, content: &[u8]) -> Vec<u8> {
    let mut out = vec![table];
    out.put_u16(0xb000 | short(content.len()).saturating_add(9));
    out.put_u16(id);
    out.put_slice(&[0xc1, 0, 0]);
    out.put_slice(content);
    let crc = crc32(&out);
    out.put_u32(crc);
    out
}

/// Our own tables are a few dozen bytes.
fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(0x0fff) & 0x0fff
}

/// CRC_32 of Annex A; 0 over a section that holds its own.
fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 24), |crc, _| {
            (crc << 1) ^ if crc & 0x8000_0000 == 0 { 0 } else { 0x04c1_1db7 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: Program = Program { number: 7, pmt_pid: 0x1234 };

    fn sections_of(payloads: &[(&[u8], bool)]) -> Vec<Vec<u8>> {
        let (mut sections, mut found) = (Sections::default(), Vec::new());
        for (payload, starts) in payloads {
            sections.push(payload, *starts, |section| found.push(section.to_vec()));
        }
        found
    }

    fn with_pointer(section: &[u8]) -> Vec<u8> {
        [&[0], section, &[0xff, 0xff]].concat()
    }

    #[test]
    fn the_crc_is_the_one_of_annex_a() {
        assert_eq!(crc32(b"123456789"), 0x0376_e6e7);
    }

    #[test]
    fn a_table_survives_writing_and_reading() {
        let read = PatSection { version: 0, number: 0, last: 0, programs: vec![PROGRAM] };
        assert_eq!(parse_pat(&pat(PROGRAM)), Some(read));
        let streams = [Stream { stream_type: 0x1b, pid: 0x100, descriptors: &[0x05, 1, 9] }];
        let section = pmt(7, 0x100, &streams);
        let read = parse_pmt(&section, 7).unwrap();
        assert_eq!((read[0].stream_type, read[0].pid, read[0].descriptors), (0x1b, 0x100, &[0x05, 1, 9][..]));
        assert!(parse_pmt(&section, 8).is_none(), "another program's table");
    }

    #[test]
    fn a_section_over_two_packets_is_put_together() {
        let payload = with_pointer(&pat(PROGRAM));
        let (head, tail) = payload.split_at(6);
        assert_eq!(sections_of(&[(head, true), (tail, false)]), [pat(PROGRAM)]);
    }

    #[test]
    fn a_section_may_end_before_the_pointer_of_the_next_start() {
        let first = pat(PROGRAM);
        let (head, tail) = first.split_at(10);
        let mut second = vec![u8::try_from(tail.len()).unwrap()];
        second.extend_from_slice(tail);
        second.extend_from_slice(&pat(Program { number: 8, pmt_pid: 0x20 }));
        let found = sections_of(&[(&[&[0], head].concat(), true), (&second, true)]);
        assert_eq!(found.len(), 2);
        assert_eq!(parse_pat(&found[1]).map(|pat| pat.programs[0].number), Some(8));
    }

    #[test]
    fn a_flipped_bit_makes_the_table_vanish() {
        for bit in 0..pat(PROGRAM).len() * 8 {
            let mut section = pat(PROGRAM);
            section[bit / 8] ^= 1 << (bit % 8);
            assert!(sections_of(&[(&with_pointer(&section), true)]).is_empty(), "bit {bit}");
        }
    }
}
