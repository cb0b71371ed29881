//! The program that is followed: its two tracks, and which packet belongs to which.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use std::collections::VecDeque;
use std::mem;

use super::assembler::{Assembler, Piece};
use super::streams::{Content, content};
use super::tables::{InForce, Tables};
use super::track::{AudioTrack, VideoTrack};
use super::{AudioFormat, DemuxEvent, DemuxProblem, DiscontinuityCause};
use crate::Track;
use crate::ts::packet::Packet;
use crate::ts::psi;
use crate::ts::time::Timeline;

/// The demuxer without the framing.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    tables: Tables,
    video: Option<Elementary<VideoTrack>>,
    audio: Option<Elementary<AudioTrack>>,
    out: Output,
}

/// What tracks share: the timeline, and where events go.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) timeline: Timeline,
    pub(crate) events: VecDeque<DemuxEvent>,
    /// Problems told since the table changed: at most one of each kind.
    told: Vec<DemuxProblem>,
}

impl Output {
    pub(crate) fn tell(&mut self, problem: DemuxProblem) {
        if self.told.iter().all(|told| mem::discriminant(told) != mem::discriminant(&problem)) {
            self.told.push(problem);
            self.events.push_back(DemuxEvent::Unusable(problem));
        }
    }

    /// The pictures are others from here on: what is wrong with them is told again.
    pub(crate) fn forget_pictures(&mut self) {
        self.told.retain(|problem| !problem.ends_with_parameter_set());
    }

    pub(crate) fn gap(&mut self, track: Track, cause: DiscontinuityCause) {
        self.events.push_back(DemuxEvent::Discontinuity { track, cause });
    }
}

/// A PID, its assembler and what is made of its PES packets.
#[derive(Debug)]
struct Elementary<T> {
    pid: u16,
    assembler: Assembler,
    track: T,
}

impl<T> Elementary<T> {
    fn new(pid: u16, track: T) -> Self {
        Self { pid, assembler: Assembler::default(), track }
    }
}

impl Followed {
    pub(crate) fn new(timeline: Timeline) -> Self {
        Self { out: Output { timeline, ..Output::default() }, ..Self::default() }
    }

    pub(crate) fn poll_event(&mut self) -> Option<DemuxEvent> {
        self.out.events.pop_front()
    }

    pub(crate) fn tell(&mut self, problem: DemuxProblem) {
        self.out.tell(problem);
    }

    pub(crate) fn handle_packet(&mut self, bytes: &[u8]) {
        let Some(packet) = Packet::parse(bytes) else { return };
        let is_of = |pid: Option<u16>| pid == Some(packet.pid);
        if is_of(self.video.as_ref().map(|video| video.pid)) {
            self.feed_video(|assembler, pieces| assembler.push(&packet, pieces), packet.scrambled);
        } else if is_of(self.audio.as_ref().map(|audio| audio.pid)) {
            self.feed_audio(|assembler, pieces| assembler.push(&packet, pieces), packet.scrambled);
        } else if let Some(table) = self.tables.handle_packet(&packet) {
            self.adopt(&table);
        }
    }

    pub(crate) fn handle_short_message(&mut self) {
        self.feed_video(Assembler::handle_short_message, false);
        self.feed_audio(Assembler::handle_short_message, false);
    }

    pub(crate) fn handle_loss(&mut self) {
        self.feed_video(|assembler, pieces| assembler.lose(DiscontinuityCause::Lost, pieces), false);
        self.feed_audio(|assembler, pieces| assembler.lose(DiscontinuityCause::Lost, pieces), false);
        self.tables.handle_loss();
    }

    fn feed_video(&mut self, feed: impl FnOnce(&mut Assembler, &mut Vec<Piece>), scrambled: bool) {
        let Some(video) = &mut self.video else { return };
        if scrambled {
            return self.out.tell(DemuxProblem::Scrambled { track: Track::Video });
        }
        let mut pieces = Vec::new();
        feed(&mut video.assembler, &mut pieces);
        let audio = self.audio.as_ref().map(|audio| audio.track.format());
        pieces.into_iter().for_each(|piece| video.track.handle_piece(piece, audio, &mut self.out));
    }

    fn feed_audio(&mut self, feed: impl FnOnce(&mut Assembler, &mut Vec<Piece>), scrambled: bool) {
        let Some(audio) = &mut self.audio else { return };
        if scrambled {
            return self.out.tell(DemuxProblem::Scrambled { track: Track::Audio });
        }
        let mut pieces = Vec::new();
        feed(&mut audio.assembler, &mut pieces);
        pieces.into_iter().for_each(|piece| audio.track.handle_piece(piece, &mut self.out));
    }

    /// Takes over a new table. A track whose stream stays what it was goes on without a gap.
    fn adopt(&mut self, table: &InForce) {
        self.out.told.clear();
        let (mut video, mut audio, mut foreign) = (None, None, Vec::new());
        for stream in psi::parse_pmt(&table.section, table.program).unwrap_or_default() {
            match content(&stream) {
                Content::H264 => video = video.or(Some(stream.pid)),
                Content::Opus(code) => match channels(code) {
                    Some(channels) => audio = audio.or(Some((stream.pid, AudioFormat { channels }))),
                    None => foreign.push(DemuxProblem::AudioChannels { code }),
                },
                Content::ForeignVideo(found) => foreign.push(DemuxProblem::VideoCodec { found }),
                Content::ForeignAudio(found) => foreign.push(DemuxProblem::AudioCodec { found }),
                Content::Data => {}
            }
        }
        self.adopt_video(video);
        self.adopt_audio(audio);
        self.out.events.push_back(DemuxEvent::Format {
            video: self.video.as_ref().map(|video| video.track.format()),
            audio: self.audio.as_ref().map(|audio| audio.track.format()),
        });
        self.tell_missing(foreign);
    }

    /// A foreign stream beside one that can be used is nobody's problem.
    fn tell_missing(&mut self, foreign: Vec<DemuxProblem>) {
        if foreign.is_empty() && self.video.is_none() && self.audio.is_none() {
            self.out.tell(DemuxProblem::NothingUsable);
        }
        for problem in foreign {
            let replaced = match problem {
                DemuxProblem::VideoCodec { .. } => self.video.is_some(),
                _ => self.audio.is_some(),
            };
            if !replaced {
                self.out.tell(problem);
            }
        }
    }

    fn adopt_video(&mut self, pid: Option<u16>) {
        if self.video.as_ref().map(|video| video.pid) != pid {
            self.video = pid.map(|pid| Elementary::new(pid, VideoTrack::default()));
        }
    }

    fn adopt_audio(&mut self, found: Option<(u16, AudioFormat)>) {
        if self.audio.as_ref().map(|audio| (audio.pid, audio.track.format())) != found {
            self.audio = found.map(|(pid, format)| Elementary::new(pid, AudioTrack::new(format)));
        }
    }
}

/// channel_config_code: 1 and 2 count channels, 0 is two of them unrelated; the rest are layouts of more.
const fn channels(code: u8) -> Option<u8> {
    match code {
        0 | 2 => Some(2),
        1 => Some(1),
        _ => None,
    }
}
