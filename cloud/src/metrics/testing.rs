//! Viewers for the tests of this room.

use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, LayerReason, ParticipantId, Role, ViewerId};

use crate::media::ViewerQuality;

/// Viewer `n`, on this layer, with this loss.
pub(super) fn viewer(n: u64, layer: Option<Layer>, loss: Option<f32>) -> ViewerQuality {
    ViewerQuality {
        viewer: ViewerId::from_parts(n, [0; 10]),
        participant: ParticipantId::from_parts(n, [1; 10]),
        role: Role::Viewer,
        layer,
        wanted: Layer::High,
        best: Layer::High,
        reason: LayerReason::Starting,
        since: Instant::now(),
        loss,
        rtt: loss.map(Duration::from_secs_f32),
        bandwidth: None,
        jitter: None,
        playout_delay: Duration::ZERO,
    }
}
