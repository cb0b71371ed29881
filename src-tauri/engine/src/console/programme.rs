//! What is said of key, sound, air and recording, in sentences. Pure.

use crate::gui::{AirState, Door, KeyState, LogState, MonitorState, ProgrammeMode, RecordingState};
use crate::switch::{KeyPicture, SoundFrom, SoundSettings};

pub(super) fn key(state: &KeyState) -> String {
    let shows = state.shows.as_ref().map(|picture| match picture {
        KeyPicture::Still { path } => format!("the still {}", path.display()),
        KeyPicture::LowerThird { title, .. } => format!("the lower third \"{title}\""),
    });
    match (&state.trouble, shows) {
        (Some(trouble), _) => format!("The key is as it was: {trouble}."),
        (None, None) => "The key is empty.".to_owned(),
        (None, Some(shows)) if state.on => format!("The key shows {shows}."),
        (None, Some(shows)) => format!("The key is off; it holds {shows}."),
    }
}

pub(super) fn audio(settings: &SoundSettings) -> String {
    let from = match settings.from {
        SoundFrom::Picture => "The sound follows the picture".to_owned(),
        SoundFrom::Source(source) => format!("The sound is that of source {source}"),
    };
    let tenths = settings.gain.tenths_of_decibels();
    match (settings.mute, tenths) {
        (true, _) => "The sound is muted.".to_owned(),
        (false, 0) => format!("{from}."),
        (false, tenths) => format!("{from}, {:+.1} dB.", f32::from(tenths) / 10.0),
    }
}

pub(super) fn mode(mode: &ProgrammeMode) -> String {
    match mode {
        ProgrammeMode::BuiltIn => String::new(),
        ProgrammeMode::Beside { source, switchers } if switchers.is_empty() => {
            format!("Another switcher makes the programme; it comes in as source {source}.")
        }
        ProgrammeMode::Beside { source, switchers } => {
            format!("{} makes the programme; it comes in as source {source}.", switchers.join(" with "))
        }
    }
}

pub(super) fn air(state: &AirState) -> String {
    let whom = |door: &Option<Door>| match door {
        Some(Door::Operators) => " for operators: a rehearsal",
        Some(Door::Everybody) => " for everybody",
        None => "",
    };
    match state {
        AirState::Off { reason } if reason.is_empty() => "Off air.".to_owned(),
        AirState::Off { reason } => format!("Off air: {}.", reason.trim_end_matches('.')),
        AirState::Starting { door } => format!("Going on air{}.", whom(door)),
        AirState::On { door } => format!("On air{}.", whom(door)),
        AirState::Stopping => "Going off air.".to_owned(),
    }
}

pub(super) fn log(state: &LogState) -> String {
    match state {
        LogState::Running { file } => format!("The session is logged in {file}."),
        LogState::Stopped { reason } => {
            format!("The session is not logged: {}.", reason.trim_end_matches('.'))
        }
    }
}

pub(super) fn monitor(state: &MonitorState) -> String {
    match state {
        MonitorState::Off => "Nothing is played back from the cloud.".to_owned(),
        MonitorState::Calling => "The picture is asked back from the cloud.".to_owned(),
        MonitorState::Seen { delay_ms, .. } => match delay_ms {
            Some(ms) => format!("The picture comes back from the cloud {ms} ms late."),
            None => "The picture comes back from the cloud with a delay that is not known.".to_owned(),
        },
        MonitorState::Lost { reason } => {
            format!("The picture does not come back from the cloud: {}.", reason.trim_end_matches('.'))
        }
    }
}

pub(super) fn recording(state: &RecordingState) -> String {
    match state {
        RecordingState::Off => "Nothing is recorded.".to_owned(),
        RecordingState::Running { file, free_bytes, .. } => {
            format!("Recording into {file}; the disk has {} GB left.", free_bytes / 1_000_000_000)
        }
        RecordingState::Stopped { reason } => format!("Not recorded: {}.", reason.trim_end_matches('.')),
    }
}
