//! A transport stream as other senders write it: a second writer, independent of ours, that can do what ours
//! refuses to.

/// PID of the pictures.
pub(crate) const VIDEO: u16 = 0x41;
/// PID of the sound.
pub(crate) const AUDIO: u16 = 0x42;

/// Writes packets and counts them.
#[derive(Default)]
pub(crate) struct Foreign {
    counters: std::collections::HashMap<u16, u8>,
}

impl Foreign {
    /// PAT and PMT with these (stream type, PID, descriptors).
    pub(crate) fn tables(&mut self, streams: &[(u8, u16, &[u8])]) -> Vec<u8> {
        self.tables_at(0x30, streams)
    }

    /// The same with the PMT on `pmt_pid`.
    pub(crate) fn tables_at(&mut self, pmt_pid: u16, streams: &[(u8, u16, &[u8])]) -> Vec<u8> {
        let pat = pat(0, 0, 0, &[(9, pmt_pid)]);
        [self.table(0, &pat), self.table(pmt_pid, &pmt(9, 0, streams))].concat()
    }

    /// Sections in as many packets as they need.
    pub(crate) fn table(&mut self, pid: u16, sections: &[u8]) -> Vec<u8> {
        let mut payload = [&[0], sections].concat();
        payload.resize(payload.len().next_multiple_of(184), 0xff);
        let mut out = Vec::new();
        for (index, piece) in payload.chunks(184).enumerate() {
            out.extend(self.packet(pid, index == 0, &[], piece));
        }
        out
    }

    /// A PES packet cut into transport packets, the last one stuffed if need be.
    pub(crate) fn pes(&mut self, pid: u16, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for (index, piece) in bytes.chunks(184).enumerate() {
            let field = stuffing(184 - piece.len());
            out.extend(self.packet(pid, index == 0, &field, piece));
        }
        out
    }

    /// One packet: `field` is a whole adaptation field or empty.
    pub(crate) fn packet(&mut self, pid: u16, starts: bool, field: &[u8], payload: &[u8]) -> Vec<u8> {
        assert_eq!(field.len() + payload.len(), 184);
        let next = self.counters.entry(pid).or_default();
        let counter = *next;
        let control = match (field.is_empty(), payload.is_empty()) {
            (true, _) => 0x10,
            (false, true) => 0x20,
            (false, false) => 0x30,
        };
        if !payload.is_empty() {
            *next = (*next + 1) & 15;
        }
        let [high, low] = pid.to_be_bytes();
        let head = [0x47, high | if starts { 0x40 } else { 0 }, low, control | counter];
        [&head, field, payload].concat()
    }
}

/// An adaptation field of `size` bytes that says nothing.
pub(crate) fn stuffing(size: usize) -> Vec<u8> {
    match size {
        0 => Vec::new(),
        1 => vec![0],
        _ => [vec![byte(size - 1), 0], vec![0xff; size - 2]].concat(),
    }
}

/// A PES packet with a PTS, and a DTS if given; open or with its length.
pub(crate) fn pes(stream: u8, pts: u64, dts: Option<u64>, bounded: bool, body: &[u8]) -> Vec<u8> {
    let stamp = |prefix: u8, time: u64| {
        let [.., a, b, c, d, e] =
            ((time & 0x7fff) << 1 | (time >> 15 & 0x7fff) << 17 | (time >> 30 & 7) << 33 | 0x1_0001_0001)
                .to_be_bytes();
        [a | prefix << 4, b, c, d, e]
    };
    let mut optional = stamp(if dts.is_some() { 3 } else { 2 }, pts).to_vec();
    optional.extend(dts.map(|dts| stamp(1, dts)).into_iter().flatten());
    let length = if bounded { 3 + optional.len() + body.len() } else { 0 };
    let mut out = vec![0, 0, 1, stream];
    out.extend(short(length).to_be_bytes());
    out.extend([0x80, if dts.is_some() { 0xc0 } else { 0x80 }, byte(optional.len())]);
    [out, optional, body.to_vec()].concat()
}

/// A section of a PAT with (program number, PMT PID).
pub(crate) fn pat(version: u8, number: u8, last: u8, programs: &[(u16, u16)]) -> Vec<u8> {
    let mut list = Vec::new();
    for (program, pid) in programs {
        list.extend(program.to_be_bytes());
        list.extend((0xe000 | pid).to_be_bytes());
    }
    section(0, 1, [0xc1 | version << 1, number, last], &list)
}

/// A PMT with (stream type, PID, descriptors).
pub(crate) fn pmt(program: u16, version: u8, streams: &[(u8, u16, &[u8])]) -> Vec<u8> {
    let mut map = vec![0xe0, 0x41, 0xf0, 0];
    for (kind, pid, descriptors) in streams {
        map.push(*kind);
        map.extend((0xe000 | pid).to_be_bytes());
        map.extend((0xf000 | short(descriptors.len())).to_be_bytes());
        map.extend(*descriptors);
    }
    section(2, program, [0xc1 | version << 1, 0, 0], &map)
}

fn section(table: u8, id: u16, state: [u8; 3], content: &[u8]) -> Vec<u8> {
    let mut out = vec![table];
    out.extend((0xb000 | short(content.len() + 9)).to_be_bytes());
    out.extend(id.to_be_bytes());
    out.extend(state);
    out.extend(content);
    let crc = out.iter().fold(u32::MAX, |mut crc, byte| {
        for bit in (0..8).rev() {
            let carry = (crc >> 31) ^ u32::from(byte >> bit & 1);
            crc = (crc << 1) ^ (carry * 0x04c1_1db7);
        }
        crc
    });
    out.extend(crc.to_be_bytes());
    out
}

fn short(length: usize) -> u16 {
    u16::try_from(length).expect("tests write what fits in 16 bits")
}

fn byte(length: usize) -> u8 {
    u8::try_from(length).expect("tests write what fits in 8 bits")
}
