//! Who is where in a session: names, camera numbers, and the question who gives one up.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use crate::{CameraNumber, ParticipantId, Role, Wish};

/// A camera operator's own place, whole, each time it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Place {
    /// As they, or the director, named them; may be empty.
    pub name: String,
    /// The tally light they follow.
    pub camera: Option<CameraNumber>,
    /// The one that they asked another to give up, until somebody has decided.
    pub asks: Option<CameraNumber>,
    /// Who asks them to give theirs up.
    pub asked_by: Vec<Asker>,
}

/// Somebody who would like a camera number that another has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Asker {
    /// Who.
    pub participant: ParticipantId,
    /// As they named themselves; may be empty.
    pub name: String,
}

/// `POST /api/me/place`: a camera operator's name and number; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, JsonSchema)]
pub struct PlaceRequest {
    /// At most 60 characters.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// The tally light to follow.
    #[serde(default)]
    #[ts(optional)]
    pub camera: Option<CameraNumber>,
    /// What to do where somebody has it; nothing unless said, and the answer says who.
    #[serde(default)]
    #[ts(optional)]
    pub wish: Option<Wish>,
}

/// Answer to `POST /api/me/place`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PlaceAnswer {
    /// As it is now.
    pub place: Place,
    /// Who has the number that was asked for, and nothing was changed about it; their names, which may be empty.
    pub taken_by: Vec<String>,
}

/// A participant as the director sees one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ParticipantSummary {
    /// Who.
    pub participant: ParticipantId,
    /// As what.
    pub role: Role,
    /// May be empty.
    pub name: String,
    /// The tally light they follow.
    pub camera: Option<CameraNumber>,
    /// Whether a page or an uplink of theirs is connected.
    pub connected: bool,
    /// The camera number that they asked another to give up.
    pub asks: Option<CameraNumber>,
    /// Unix time in ms.
    #[ts(type = "number")]
    pub joined_at: u64,
}

/// `PATCH /api/sessions/{id}/participants/{participant}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ParticipantPatch {
    /// New name, at most 60 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// New camera number; null sets theirs free.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    #[ts(optional, type = "number | null")]
    pub camera: Option<Option<CameraNumber>>,
}

/// `POST /api/sessions/{id}/participants/swap`: each gets the other's camera number.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, JsonSchema)]
pub struct SwapRequest {
    /// The one.
    pub one: ParticipantId,
    /// The other.
    pub other: ParticipantId,
}

/// `POST /api/sessions/{id}/participants/{participant}/takeover`: whether who asks gets the number.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, JsonSchema)]
pub struct TakeoverDecision {
    /// By the director, or, to yield, by who has the number.
    pub allow: bool,
}

/// A null that was sent is another thing than a field that was not.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_set_free_is_told_from_one_that_stays() {
        let read = |text| serde_json::from_str::<ParticipantPatch>(text).unwrap().camera;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"camera":null}"#), Some(None));
        assert_eq!(read(r#"{"camera":7}"#), Some(Some(7.try_into().unwrap())));
    }
}
