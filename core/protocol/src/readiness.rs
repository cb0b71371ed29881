//! What an operator's phone can do now, so that the director learns of it before the cut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{LanPath, Layer, UnknownWord, word::words};

words!(
    /// How a phone stands to one thing that it should do.
    Ability, "ready, off, unarmed, refused, impossible, unsure" {
        /// It does it.
        Ready = "ready",
        /// The operator does not want it.
        Off = "off",
        /// It would, after a tap on the page.
        Unarmed = "unarmed",
        /// The phone refused: low battery, or another application has it.
        Refused = "refused",
        /// This phone or browser cannot.
        Impossible = "impossible",
        /// It does, as far as a page can tell: a silent switch may mute it.
        Unsure = "unsure",
    }
);

words!(
    /// The programme picture on a phone.
    PictureState, "playing, waiting, blocked, off, impossible" {
        /// It moves.
        Playing = "playing",
        /// None arrives, or it is on its way.
        Waiting = "waiting",
        /// The phone plays it only after a tap: it saves power.
        Blocked = "blocked",
        /// The operator wants none.
        Off = "off",
        /// This browser has no H.264.
        Impossible = "impossible",
    }
);

/// A phone's battery, where its browser gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Battery {
    /// 0 to 100.
    pub percent: u8,
    /// Whether it is on a charger.
    pub charging: bool,
}

/// All that a page can say of its phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Readiness {
    /// A tone on RED.
    pub sound: Ability,
    /// Vibration on RED.
    pub vibration: Ability,
    /// The screen stays lit.
    pub screen: Ability,
    /// The page is in sight.
    pub visible: bool,
    /// The programme picture.
    pub picture: PictureState,
    /// The layer it has.
    pub layer: Option<Layer>,
    /// Packets of the picture lost on the way to this phone, of a thousand in the last seconds.
    pub loss_per_mille: Option<u16>,
    /// The phone's round trip to the server, in ms.
    pub round_trip_ms: Option<u32>,
    /// Its WebSocket is refused: it hears by the second way.
    pub second_way: bool,
    /// Whether it hears the director by the local network too; absent where an older page does not say.
    #[serde(default)]
    pub lan: Option<LanPath>,
    /// Absent where the browser gives none.
    pub battery: Option<Battery>,
}
