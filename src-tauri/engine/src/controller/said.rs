//! Which notice replaces which.

use crate::gui::Notice;

/// What the newest notice replaces; `None`: it is an event and replaces nothing. Orders the status, too.
pub(crate) fn kind(notice: &Notice) -> Option<(u8, String)> {
    let whole = String::new;
    match notice {
        Notice::Encoder { .. } => Some((0, whole())),
        Notice::Source { source, .. } => Some((1, format!("{:03}", source.get()))),
        Notice::Buses { .. } => Some((2, whole())),
        Notice::Switcher { switcher, .. } => Some((3, switcher.clone())),
        Notice::Mapping { switcher, .. } => Some((4, switcher.clone())),
        Notice::Lamps { .. } => Some((5, whole())),
        Notice::Cloud { .. } => Some((6, whole())),
        Notice::Push { layer, .. } => Some((7, layer.to_string())),
        Notice::Ingest { layer, .. } => Some((8, layer.to_string())),
        Notice::Path { layer, .. } => Some((9, layer.to_string())),
        Notice::Presence { .. } => Some((10, whole())),
        Notice::Output { output, .. } => Some((11, output.clone())),
        Notice::Cues { .. } => Some((12, whole())),
        Notice::Transition { .. } => Some((13, whole())),
        Notice::Black { .. } => Some((14, whole())),
        Notice::Key { .. } => Some((15, whole())),
        Notice::Audio { .. } => Some((16, whole())),
        Notice::Mode { .. } => Some((17, whole())),
        Notice::Air { .. } => Some((18, whole())),
        Notice::Recording { .. } => Some((19, whole())),
        Notice::Undo { .. } => Some((20, whole())),
        Notice::OnAir { switcher, .. } => Some((21, switcher.clone())),
        Notice::Log { .. } => Some((22, whole())),
        Notice::Monitor { .. } => Some((23, whole())),
        Notice::Lan { .. } => Some((24, whole())),
        Notice::SourceLamp { source, .. } => Some((25, format!("{:03}", source.get()))),
        Notice::EncoderFailed { .. }
        | Notice::Lamp { .. }
        | Notice::Confirmations { .. }
        | Notice::Answered { .. }
        | Notice::Signal { .. }
        | Notice::Attention { .. }
        | Notice::Readiness { .. }
        | Notice::Delay { .. }
        | Notice::Status
        | Notice::Refused { .. }
        | Notice::Ended { .. } => None,
    }
}
