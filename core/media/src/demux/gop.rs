//! Whether the pictures can be shown as they come: in order, with places to join, in a form that browsers decode.
//!
//! Judges by what the stream itself says, as soon as a second picture says it. Refuses to judge by a guess: an encoder
//! that may use B-frames and does not is left alone.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use returnfeed_protocol::MediaTime;

use super::DemuxProblem;
use crate::h264::{SliceKind, Sps, Survey};

/// So long other entries may come in place of an IDR picture before nobody is expected to be able to join.
const GRACE: u64 = 2 * MediaTime::HZ;
/// Pictures that must show it before a stream counts as reordered: one may be damaged, and a show is not ended for it.
const PROOF: u8 = 2;

/// What is known about a stream's groups of pictures.
#[derive(Debug, Default)]
pub(crate) struct Gop {
    /// PTS less DTS of the picture before, in ticks.
    delay: Option<u64>,
    /// Pictures that showed another order, up to [`PROOF`].
    reordered: u8,
    /// The last IDR picture, or the first picture of all.
    idr_at: Option<MediaTime>,
    /// An entry that is no IDR picture came since.
    entered_otherwise: bool,
}

/// One picture, as the track sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Picture<'a> {
    pub(crate) survey: &'a Survey,
    /// The parameter set in force.
    pub(crate) sps: Option<&'a Sps>,
    pub(crate) pts: MediaTime,
    /// PTS less DTS, modulo 2^33.
    pub(crate) delay: u64,
}

impl Gop {
    /// What `picture` shows to be wrong.
    pub(crate) fn handle_picture(&mut self, picture: Picture<'_>) -> Option<DemuxProblem> {
        let open = self.is_open(picture);
        if self.shows_reordering(picture) {
            self.reordered = self.reordered.saturating_add(1).min(PROOF);
        }
        let reordered = self.reordered == PROOF;
        match (reordered, open) {
            (true, _) => Some(DemuxProblem::Reordered),
            (false, true) => Some(DemuxProblem::OpenGop),
            (false, false) => None,
        }
    }

    /// B slices; or a decoding time apart from the showing time where the parameter set asks for it, or where that
    /// distance changes, which no constant offset of a muxer does.
    fn shows_reordering(&mut self, picture: Picture<'_>) -> bool {
        let before = self.delay.replace(picture.delay);
        if picture.survey.slice == Some(SliceKind::Bidirectional) {
            return true;
        }
        let stated = picture.sps.is_some_and(|sps| sps.max_num_reorder.is_some_and(|depth| depth > 0));
        let possible = picture.sps.is_none_or(Sps::may_reorder);
        let varies = before.is_some_and(|before| before != picture.delay);
        picture.delay != 0 && (stated || (possible && varies))
    }

    fn is_open(&mut self, picture: Picture<'_>) -> bool {
        if picture.survey.idr {
            (self.idr_at, self.entered_otherwise) = (Some(picture.pts), false);
            return false;
        }
        self.entered_otherwise |= picture.survey.is_entry_without_idr();
        let since = *self.idr_at.get_or_insert(picture.pts);
        self.entered_otherwise && picture.pts.0.saturating_sub(since.0) >= GRACE
    }
}

/// What a parameter set says that no browser, or none well, shows.
pub(crate) fn judge(sps: &Sps) -> Option<DemuxProblem> {
    match (sps.unplayable(), sps.frames_only) {
        (Some(found), _) => Some(DemuxProblem::VideoProfile { found }),
        (None, false) => Some(DemuxProblem::Interlaced),
        (None, true) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: u64 = 3_000;

    fn survey(slice: SliceKind) -> Survey {
        Survey { slice: Some(slice), ..Survey::default() }
    }

    fn idr() -> Survey {
        Survey { idr: true, ..survey(SliceKind::Intra) }
    }

    fn entry() -> Survey {
        Survey { recovery_point: true, ..survey(SliceKind::Intra) }
    }

    /// The number of the first picture at which something is told, and what.
    fn first_told(pictures: impl IntoIterator<Item = (Survey, u64)>) -> Option<(usize, DemuxProblem)> {
        let mut gop = Gop::default();
        (0..).zip(pictures).find_map(|(index, (survey, delay))| {
            let pts = MediaTime(FRAME.saturating_mul(u64::try_from(index).unwrap()));
            let picture = Picture { survey: &survey, sps: None, pts, delay };
            gop.handle_picture(picture).map(|problem| (index, problem))
        })
    }

    #[test]
    fn two_b_slices_are_enough_whatever_the_times_say_and_one_may_be_damage() {
        let kinds = [SliceKind::Predicted, SliceKind::Bidirectional, SliceKind::Predicted];
        let once = || [(idr(), 0)].into_iter().chain(kinds.map(|kind| (survey(kind), 0)));
        assert_eq!(first_told(once()), None);
        assert_eq!(first_told(once().chain(once())), Some((6, DemuxProblem::Reordered)));
    }

    #[test]
    fn a_muxer_s_constant_offset_is_no_reordering_and_a_changing_one_is() {
        let steady = (0..90).map(|index| (if index == 0 { idr() } else { survey(SliceKind::Predicted) }, 9));
        assert_eq!(first_told(steady), None);
        let changing = [6_000, 15_000, 6_000].map(|delay| (survey(SliceKind::Predicted), delay));
        assert_eq!(first_told(changing), Some((2, DemuxProblem::Reordered)));
    }

    #[test]
    fn entries_without_idr_are_told_two_seconds_after_the_last_one() {
        let open = (0..200).map(|index| match index {
            0 => (idr(), 0),
            n if n % 30 == 0 => (entry(), 0),
            _ => (survey(SliceKind::Predicted), 0),
        });
        assert_eq!(first_told(open), Some((60, DemuxProblem::OpenGop)));
        let never =
            (0..200).map(|index| (if index == 7 { entry() } else { survey(SliceKind::Predicted) }, 0));
        assert_eq!(first_told(never), Some((60, DemuxProblem::OpenGop)), "no IDR picture at all");
    }

    #[test]
    fn an_idr_each_two_seconds_with_entries_between_is_a_closed_group() {
        let closed = (0..400).map(|index| match index % 60 {
            0 => (idr(), 0),
            30 => (entry(), 0),
            _ => (survey(SliceKind::Predicted), 0),
        });
        assert_eq!(first_told(closed), None);
        let long = (0..900).map(|index| (if index == 0 { idr() } else { survey(SliceKind::Predicted) }, 0));
        assert_eq!(first_told(long), None, "an encoder that makes keyframes when asked");
    }
}
