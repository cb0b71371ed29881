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
