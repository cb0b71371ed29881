//! What a program may ask for, as JSON: `{"do":"cut","source":2}`. Pure.
//!
//! Refuses what it does not know, by name. Invariant: an order is one press.

use std::time::Duration;

use returnfeed_protocol::{CameraNumber, CueText};
use returnfeed_tally::Lamps;
use serde::Deserialize;

use crate::controller::Command;
use crate::sources::SourceNumber;
use crate::switch::{KeyPicture, Manner, SoundSettings, Transition};

/// An order. See `docs/control.md`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// A source on air.
    Cut {
        /// Which.
        source: SourceNumber,
    },
    /// A source on preview.
    Preview {
        /// Which.
        source: SourceNumber,
    },
    /// What is on preview, on air.
    Swap,
    /// What is on preview, on air in this manner.
    Auto {
        /// Which.
        manner: Manner,
        /// How long.
        duration_ms: u64,
    },
    /// Black, or back.
    Black {
        /// Where to.
        black: bool,
        /// How long from end to end.
        duration_ms: u64,
    },
    /// What the key shows; null empties it.
    KeyPicture {
        /// What.
        picture: Option<KeyPicture>,
    },
    /// The key on or off.
    Key {
        /// Which.
        on: bool,
    },
    /// All of the sound's settings.
    Sound {
        /// These.
        settings: SoundSettings,
    },
    /// Recording or not.
    Record {
        /// Which.
        on: bool,
    },
    /// The newest change of a setting is taken back.
    Undo,
    /// RED for ten seconds.
    Test {
        /// On which camera's lamps; none: on all.
        #[serde(default)]
        camera: Option<CameraNumber>,
    },
    /// A text to operators.
    Cue {
        /// To whom; none: to all.
        #[serde(default)]
        camera: Option<CameraNumber>,
        /// None: what was said is taken back.
        #[serde(default)]
        text: Option<CueText>,
    },
    /// Phones silent or not.
    Silence {
        /// Which.
        silent: bool,
    },
    /// The programme leaves the cloud.
    OffAir,
}

impl From<Order> for Command {
    fn from(order: Order) -> Self {
        match order {
            Order::Cut { source } => Self::Cut(source),
            Order::Preview { source } => Self::Preview(source),
            Order::Swap => Self::Swap,
            Order::Auto { manner, duration_ms } => {
                Self::Auto(Transition { manner, duration: Duration::from_millis(duration_ms) })
            }
            Order::Black { black, duration_ms } => {
                Self::Black { black, duration: Duration::from_millis(duration_ms) }
            }
            Order::KeyPicture { picture } => Self::KeyPicture(picture),
            Order::Key { on } => Self::Key(on),
            Order::Sound { settings } => Self::Sound(settings),
            Order::Record { on } => Self::Record(on),
            Order::Undo => Self::Undo,
            Order::Test { camera } => Self::Test(camera.map_or(Lamps::All, Lamps::Of)),
            Order::Cue { camera, text } => Self::Cue { to: camera, text },
            Order::Silence { silent } => Self::Silence(silent),
            Order::OffAir => Self::GoOffAir,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_and_what_is_none_is_refused_by_its_name() {
        let read = |text: &str| serde_json::from_str::<Order>(text).map(Command::from);
        let two = SourceNumber::new(2).unwrap();
        assert_eq!(read(r#"{"do":"cut","source":2}"#).unwrap(), Command::Cut(two));
        let mix = Transition { manner: Manner::Mix, duration: Duration::from_millis(500) };
        assert_eq!(read(r#"{"do":"auto","manner":"mix","duration_ms":500}"#).unwrap(), Command::Auto(mix));
        assert_eq!(read(r#"{"do":"test"}"#).unwrap(), Command::Test(Lamps::All));
        let third = r#"{"do":"key_picture","picture":{"kind":"lower_third","title":"Ada"}}"#;
        assert!(matches!(read(third).unwrap(), Command::KeyPicture(Some(KeyPicture::LowerThird { .. }))));
        assert!(read(r#"{"do":"explode"}"#).unwrap_err().to_string().contains("explode"));
        for wrong in [r#"{"do":"cut","source":0}"#, r#"{"do":"cut","source":100}"#, r#"{"do":"cut"}"#, "2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
