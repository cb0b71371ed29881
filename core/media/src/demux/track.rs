//! From PES packets to units: times unwrapped, keyframes known, Opus packets taken apart.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use returnfeed_protocol::MediaTime;

use super::assembler::Piece;
use super::gop::{self, Gop};
use super::program::Output;
use super::{AudioFormat, DemuxEvent, DemuxProblem, DiscontinuityCause, VideoFormat};
use crate::ts::time;
use crate::{Track, Unit, h264, opus};

/// The pictures.
#[derive(Debug, Default)]
pub(crate) struct VideoTrack {
    sps: Option<h264::Sps>,
    gop: Gop,
}

impl VideoTrack {
    pub(crate) const fn format(&self) -> VideoFormat {
        VideoFormat { sps: self.sps }
    }

    pub(crate) fn handle_piece(&mut self, piece: Piece, audio: Option<AudioFormat>, out: &mut Output) {
        match piece {
            Piece::Gap(cause) => out.gap(Track::Video, cause),
            Piece::Pes { pts: None, .. } => refuse_untimed(Track::Video, out),
            Piece::Pes { pts: Some(pts), dts, body } => {
                let delay = time::distance(dts.unwrap_or(pts), pts);
                self.handle_picture(pts, delay, body, audio, out);
            }
        }
    }

    fn handle_picture(
        &mut self,
        pts: u64,
        delay: u64,
        data: Bytes,
        audio: Option<AudioFormat>,
        out: &mut Output,
    ) {
        if h264::nals(&data).next().is_none() {
            return out.gap(Track::Video, DiscontinuityCause::Damaged);
        }
        let survey = h264::Survey::of(&data);
        if let Some(sps) = survey.sps.filter(|sps| self.sps != Some(*sps)) {
            self.sps = Some(sps);
            out.forget_pictures();
            self.gop = Gop::default();
            out.events.push_back(DemuxEvent::Format { video: Some(self.format()), audio });
            gop::judge(&sps).into_iter().for_each(|problem| out.tell(problem));
        }
        let pts = out.timeline.unwrap_stamp(pts);
        let picture = gop::Picture { survey: &survey, sps: self.sps.as_ref(), pts, delay };
        self.gop.handle_picture(picture).into_iter().for_each(|problem| out.tell(problem));
        let keyframe = survey.idr;
        out.events.push_back(DemuxEvent::Unit(Unit { track: Track::Video, pts, data, keyframe }));
    }
}

/// The sound.
#[derive(Debug)]
pub(crate) struct AudioTrack {
    format: AudioFormat,
}

impl AudioTrack {
    pub(crate) const fn new(format: AudioFormat) -> Self {
        Self { format }
    }

    pub(crate) const fn format(&self) -> AudioFormat {
        self.format
    }

    pub(crate) fn handle_piece(&mut self, piece: Piece, out: &mut Output) {
        let (pts, body) = match piece {
            Piece::Gap(cause) => return out.gap(Track::Audio, cause),
            Piece::Pes { pts: None, .. } => return refuse_untimed(Track::Audio, out),
            Piece::Pes { pts: Some(pts), body, .. } => (pts, body),
        };
        let Some(packets) = opus::split(&body) else {
            return out.gap(Track::Audio, DiscontinuityCause::Damaged);
        };
        let mut at = out.timeline.unwrap_stamp(pts).0;
        for (data, ticks) in packets {
            let unit = Unit { track: Track::Audio, pts: MediaTime(at), data, keyframe: false };
            out.events.push_back(DemuxEvent::Unit(unit));
            at = at.saturating_add(ticks);
        }
    }
}

fn refuse_untimed(track: Track, out: &mut Output) {
    out.tell(DemuxProblem::NoTimestamp { track });
    out.gap(track, DiscontinuityCause::Damaged);
}
