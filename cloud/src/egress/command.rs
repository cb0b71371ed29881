//! What the control plane asks of a shard.

use returnfeed_protocol::{Layer, ParticipantId, SessionId, ViewerId};
use returnfeed_simulcast::Thresholds;
use tokio::sync::oneshot;

use crate::media::board::Seat;
use crate::media::{IceAnswer, IceRefusal, IceUpdate, JoinRefusal, ViewerQuality};

/// An answer and the entity tag of its ICE session.
pub(super) struct Answered {
    pub(super) answer: String,
    pub(super) etag: String,
}

/// What the control plane asks of a shard.
pub(super) enum Command {
    Join {
        viewer: ViewerId,
        seat: Seat,
        wanted: Layer,
        quality: Thresholds,
        offer: String,
        reply: oneshot::Sender<Result<Answered, JoinRefusal>>,
    },
    Select {
        viewer: ViewerId,
        layer: Layer,
    },
    Ice {
        viewer: ViewerId,
        update: IceUpdate,
        reply: oneshot::Sender<Result<IceAnswer, IceRefusal>>,
    },
    Leave {
        viewer: ViewerId,
        done: oneshot::Sender<()>,
    },
    SetBest {
        viewer: ViewerId,
        best: Layer,
    },
    Quality {
        session: SessionId,
        reply: oneshot::Sender<Vec<ViewerQuality>>,
    },
    EndSession {
        session: SessionId,
    },
    EndParticipant {
        participant: ParticipantId,
    },
}
