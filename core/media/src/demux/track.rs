//! From PES packets to units: times unwrapped, keyframes known, Opus packets taken apart.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use returnfeed_protocol::MediaTime;

use super::assembler::Piece;
use super::program::Output;
use super::{AudioFormat, DemuxEvent, DemuxProblem, DiscontinuityCause, VideoFormat};
use crate::{Track, Unit, h264, opus};

/// The pictures.
#[derive(Debug, Default)]
pub(crate) struct VideoTrack {
    sps: Option<h264::Sps>,
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
                if dts.is_some_and(|dts| dts != pts) {
                    out.tell(DemuxProblem::Reordered);
                }
                self.handle_picture(pts, body, audio, out);
            }
        }
    }

    fn handle_picture(&mut self, pts: u64, data: Bytes, audio: Option<AudioFormat>, out: &mut Output) {
        if h264::nals(&data).next().is_none() {
            return out.gap(Track::Video, DiscontinuityCause::Damaged);
        }
        let keyframe = h264::is_idr(&data);
        let sps = if keyframe { h264::find_sps(&data) } else { None };
        if sps.is_some() && sps != self.sps {
            self.sps = sps;
            out.events.push_back(DemuxEvent::Format { video: Some(self.format()), audio });
        }
        let pts = out.timeline.unwrap_stamp(pts);
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
