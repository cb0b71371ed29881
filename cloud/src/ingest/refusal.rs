//! Why a push is refused or cannot be used, in the words of each border.

use returnfeed_media::{DemuxProblem, Effect};
use returnfeed_protocol::Problem;
use returnfeed_srt::{CloseReason, Refusal};

use crate::media::AdmissionRefusal;

/// What a refused caller is told on the wire.
pub(super) fn code(refusal: AdmissionRefusal) -> Refusal {
    match refusal {
        AdmissionRefusal::KeyUnknown | AdmissionRefusal::KeyExpired => Refusal::KeyUnknown,
        AdmissionRefusal::SessionUnknown => Refusal::SessionUnknown,
        AdmissionRefusal::SessionEnded => Refusal::SessionEnded,
        AdmissionRefusal::Superseded => Refusal::Superseded,
        AdmissionRefusal::Unavailable | AdmissionRefusal::Edge => Refusal::Unavailable,
    }
}

/// The stable code of why nobody is let in.
pub(super) fn admission_code(refusal: AdmissionRefusal) -> &'static str {
    match refusal {
        AdmissionRefusal::KeyUnknown => "publish_key_unknown",
        AdmissionRefusal::KeyExpired => "publish_key_expired",
        AdmissionRefusal::SessionUnknown => "session_not_found",
        AdmissionRefusal::SessionEnded => "session_ended",
        AdmissionRefusal::Superseded => "stale_director",
        AdmissionRefusal::Unavailable => "storage_unavailable",
        AdmissionRefusal::Edge => "edge_takes_no_push",
    }
}

/// The status and stable code of why one who was asked about never pushed; none where there is no refusal.
pub(super) fn handshake_code(reason: CloseReason) -> Option<(u16, &'static str)> {
    match reason {
        CloseReason::WrongKey => Some((403, "passphrase_wrong")),
        CloseReason::ShortKey { .. } => Some((403, "key_too_short")),
        CloseReason::NotAnswered => Some((503, "admission_timeout")),
        CloseReason::PeerClosed | CloseReason::PeerGone => None,
    }
}

/// What an encoder does wrong, as the director reads it.
pub(super) fn problem(problem: DemuxProblem) -> Problem {
    Problem {
        status: 415,
        code: problem_code(problem).to_owned(),
        title: match problem.effect() {
            Effect::NoPicture | Effect::Withhold => "The push cannot be used as it is".to_owned(),
            Effect::GoesOn => "Some of the push cannot be used".to_owned(),
        },
        detail: problem.to_string(),
    }
}

/// The stable code of what an encoder does wrong.
fn problem_code(problem: DemuxProblem) -> &'static str {
    match problem {
        DemuxProblem::NotTransportStream { .. } => "not_mpeg_ts",
        DemuxProblem::VideoCodec { .. } => "video_codec",
        DemuxProblem::AudioCodec { .. } => "audio_codec",
        DemuxProblem::AudioChannels { .. } => "audio_channels",
        DemuxProblem::NothingUsable => "nothing_usable",
        DemuxProblem::Scrambled { .. } => "scrambled",
        DemuxProblem::NoTimestamp { .. } => "no_timestamps",
        DemuxProblem::Reordered => "b_frames",
        DemuxProblem::OpenGop => "open_gop",
        DemuxProblem::VideoProfile { .. } => "video_profile",
        DemuxProblem::Interlaced => "interlaced",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const PROTOCOL: &str = include_str!("../../../docs/protocol.md");

    /// What stands under the heading SRT.
    fn section() -> &'static str {
        let (_, section) = PROTOCOL.split_once("\n## SRT\n").unwrap();
        section.split_once("\n## ").map_or(section, |(section, _)| section)
    }

    #[test]
    fn the_protocol_names_each_code_that_a_refused_push_may_get_and_no_other() {
        let rows = section().lines().filter_map(|line| line.split('|').nth(2));
        let written: BTreeSet<u32> = rows.filter_map(|code| code.trim().parse().ok()).collect();
        let ours = Refusal::ALL.map(Refusal::code);
        // SRT's own (draft-sharabayko-srt-01, table 7) come from the handshake, where the tests of both ends assert them.
        let of_srt = [1010, 1011];
        assert_eq!(written, ours.into_iter().chain(of_srt).collect());
    }

    #[test]
    fn the_protocol_names_each_stable_code_that_the_director_reads_and_no_other() {
        const ADMISSION: [AdmissionRefusal; 7] = [
            AdmissionRefusal::KeyUnknown,
            AdmissionRefusal::KeyExpired,
            AdmissionRefusal::SessionUnknown,
            AdmissionRefusal::SessionEnded,
            AdmissionRefusal::Superseded,
            AdmissionRefusal::Unavailable,
            AdmissionRefusal::Edge,
        ];
        const HANDSHAKE: [CloseReason; 3] =
            [CloseReason::WrongKey, CloseReason::ShortKey { bytes: 16 }, CloseReason::NotAnswered];
        let (_, told) = section().split_once("get the whole `Problem`:").unwrap();
        let (told, _) = told.split_once(".\n").unwrap();
        let written: BTreeSet<&str> = told.split('`').skip(1).step_by(2).collect();
        let handshake = HANDSHAKE.into_iter().filter_map(handshake_code).map(|(_, code)| code);
        assert_eq!(written, ADMISSION.into_iter().map(admission_code).chain(handshake).collect());
    }
}
