//! The tables: which programs there are, what each holds, and which of them is followed.
//!
//! A return feed has one program; a broadcaster's multiplex has more. The first with H.264 is followed, else the
//! first with Opus, else the first that there is, so that its problem can be told. Who is followed stays so while its
//! pictures are there.
//! Invariant: at most [`MAX_PROGRAMS`] tables are held, whatever a PAT lists.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use super::streams::{Content, content};
use crate::ts::PAT_PID;
use crate::ts::packet::Packet;
use crate::ts::psi::{self, PatSection, Program, Sections};

/// Programs looked at, in the order of the PAT.
const MAX_PROGRAMS: usize = 16;

/// How far a program can be used; the later the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    None,
    Sound,
    Pictures,
}

#[derive(Debug)]
struct Candidate {
    program: Program,
    sections: Sections,
    /// Its newest table.
    table: Option<(Vec<u8>, Use)>,
}

/// A table to go by from here on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InForce {
    pub(crate) program: u16,
    pub(crate) section: Vec<u8>,
}

/// Follows the tables of one connection.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pat: Sections,
    version: u8,
    /// last_section_number.
    last: u8,
    /// The PAT's sections by number: a long one has several (2.4.4.5).
    listed: BTreeMap<u8, Vec<Program>>,
    candidates: Vec<Candidate>,
    in_force: Option<InForce>,
}

impl Tables {
    /// Takes a packet; gives the table to go by if it is another one from here on.
    pub(crate) fn handle_packet(&mut self, packet: &Packet<'_>) -> Option<InForce> {
        if packet.pid == PAT_PID {
            self.handle_pat(packet);
        } else if !self.handle_pmt(packet) {
            return None;
        }
        let chosen = self.choose()?;
        if self.in_force.as_ref() == Some(&chosen) {
            return None;
        }
        self.in_force = Some(chosen.clone());
        Some(chosen)
    }

    /// Packets are missing here: what was half read is void.
    pub(crate) fn handle_loss(&mut self) {
        self.pat = Sections::default();
        self.candidates.iter_mut().for_each(|candidate| candidate.sections = Sections::default());
    }

    fn handle_pat(&mut self, packet: &Packet<'_>) {
        let (mut found, mut pat) = (Vec::new(), std::mem::take(&mut self.pat));
        pat.handle_packet(packet, |section| found.extend(psi::parse_pat(section)));
        self.pat = pat;
        for PatSection { version, number, last, mut programs } in found {
            if (self.version, self.last) != (version, last) {
                (self.version, self.last) = (version, last);
                self.listed.clear();
            }
            programs.truncate(MAX_PROGRAMS);
            if self.listed.len() < MAX_PROGRAMS {
                self.listed.insert(number, programs);
            }
        }
        // A list that is not whole yet would drop the program that is followed.
        if self.listed.len() <= usize::from(self.last).min(MAX_PROGRAMS.saturating_sub(1)) {
            return;
        }
        let listed: Vec<_> = self.listed.values().flatten().copied().take(MAX_PROGRAMS).collect();
        if !self.candidates.iter().map(|candidate| candidate.program).eq(listed.iter().copied()) {
            self.list(listed);
        }
    }

    /// Another list of programs; what is known about those that stay is kept.
    fn list(&mut self, programs: Vec<Program>) {
        let mut known = std::mem::take(&mut self.candidates);
        self.candidates = programs
            .into_iter()
            .map(|program| match known.iter().position(|candidate| candidate.program == program) {
                Some(at) => known.swap_remove(at),
                None => Candidate { program, sections: Sections::default(), table: None },
            })
            .collect();
    }

    /// True if a table came that was not known.
    fn handle_pmt(&mut self, packet: &Packet<'_>) -> bool {
        let mut news = false;
        // Several programs may have their tables on one PID.
        for Candidate { program, sections, table } in
            self.candidates.iter_mut().filter(|candidate| candidate.program.pmt_pid == packet.pid)
        {
            sections.handle_packet(packet, |section| {
                let known = table.as_ref().is_some_and(|(known, _)| known == section);
                let streams = if known { None } else { psi::parse_pmt(section, program.number) };
                if let Some(streams) = streams {
                    *table = Some((section.to_vec(), use_of(&streams)));
                    news = true;
                }
            });
        }
        news
    }

    fn choose(&self) -> Option<InForce> {
        let followed = self.in_force.as_ref().map(|table| table.program);
        let rank = |candidate: &&Candidate| {
            let (_, usable) = candidate.table.as_ref()?;
            Some((*usable, followed == Some(candidate.program.number)))
        };
        // `max_by_key` gives the last of equals, and the first is wanted.
        let best = self.candidates.iter().rev().max_by_key(rank)?;
        let (section, _) = best.table.as_ref()?;
        Some(InForce { program: best.program.number, section: section.clone() })
    }
}

fn use_of(streams: &[psi::Stream<'_>]) -> Use {
    let of = |stream| match content(stream) {
        Content::H264 => Use::Pictures,
        Content::Opus(_) => Use::Sound,
        Content::ForeignVideo(_) | Content::ForeignAudio(_) | Content::Data => Use::None,
    };
    streams.iter().map(of).max().unwrap_or(Use::None)
}
