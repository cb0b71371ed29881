//! The cameras of a show, and by what they go on air.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Rest;
use crate::CameraNumber;

/// A camera.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowCamera {
    /// As painted on it; each number once.
    pub camera: CameraNumber,
    /// As its operator reads it; empty: *Camera n*.
    #[serde(default)]
    pub name: String,
    /// Any of these puts it on air, beside the source that carries it; at most 16.
    #[serde(default)]
    pub feeds: Vec<ShowFeed>,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

/// One way of a camera's picture to the air: on air only while every link is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowFeed {
    /// The input that carries the camera, then the inputs of switchers further on; 1 to 8.
    pub links: Vec<ShowLink>,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

/// An input of a switcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowLink {
    /// A name of `switchers`, or `ReturnFeed` for our own.
    pub switcher: String,
    /// Its number, or its name.
    pub input: String,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

/// What GREEN means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShowGreen {
    /// The camera is on the preview bus.
    #[default]
    Preview,
    /// The show has no preview: every camera that is not RED.
    EveryOther,
}
