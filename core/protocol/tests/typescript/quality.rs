//! Samples of what a quality page is told.

use returnfeed_protocol::{
    Bitrate, Layer, LayerCounts, LayerReason, ParticipantId, QualityPush, QualitySecond, QualitySwitch,
    QualityToPage, QualityViewer, Role, Spread, ViewerId,
};

use super::samples::{Sample, problem, sample, session};

fn participant() -> ParticipantId {
    ParticipantId::from_parts(1_763_856_000_001, [1; 10])
}

fn viewer() -> ViewerId {
    ViewerId::from_parts(1_763_856_000_004, [4; 10])
}

fn push(layer: Layer) -> QualityPush {
    let (bitrate, delay_ms) = match layer {
        Layer::High => (1_060_000, Some(41.5)),
        Layer::Low => (118_000, None),
    };
    let bitrate = Bitrate(bitrate);
    QualityPush { layer, bitrate, rtt_ms: 30.2, loss: 0.0125, repeated: 2, dropped: 0, delay_ms }
}

fn second() -> QualitySecond {
    QualitySecond {
        at_ms: 1_763_856_060_000,
        viewers: LayerCounts { high: 11, low: 2, waiting: 1 },
        loss: Some(Spread { median: 0.001, worst: 0.0421 }),
        rtt_ms: Some(Spread { median: 24.5, worst: 180.3 }),
        pushes: vec![push(Layer::High), push(Layer::Low)],
    }
}

fn switch() -> QualitySwitch {
    QualitySwitch {
        at_ms: 1_763_856_059_400,
        viewer: viewer(),
        participant: participant(),
        name: "지수".into(),
        from: Some(Layer::High),
        to: Layer::Low,
        reason: LayerReason::Loss,
    }
}

/// One of each message.
pub(crate) fn quality_to_page() -> Vec<Sample> {
    let before = QualitySecond { loss: None, rtt_ms: None, pushes: Vec::new(), ..second() };
    let messages = [
        QualityToPage::History {
            session: session(),
            seconds: vec![before, second()],
            switches: vec![QualitySwitch { from: None, ..switch() }, switch()],
        },
        QualityToPage::Second {
            second: second(),
            viewers: vec![QualityViewer {
                viewer: viewer(),
                participant: participant(),
                name: "지수".into(),
                role: Role::Viewer,
                layer: Some(Layer::Low),
                reason: LayerReason::Loss,
                for_ms: 600,
                loss: Some(0.0421),
                rtt_ms: Some(180.3),
                bandwidth: Some(Bitrate(640_000)),
            }],
            more: 13,
        },
        QualityToPage::Switched { switch: switch() },
        QualityToPage::Bye { problem: problem() },
    ];
    let name = |message: &QualityToPage| match message {
        QualityToPage::History { .. } => "history",
        QualityToPage::Second { .. } => "second",
        QualityToPage::Switched { .. } => "switched",
        QualityToPage::Bye { .. } => "bye",
    };
    messages.iter().map(|m| sample(&format!("quality_to_page.{}", name(m)), "QualityToPage", m)).collect()
}
