//! Foreign switchers as they are heard: their inputs, what is on air, and which cameras they feed.

use serde::Serialize;

use crate::inputs::Mapped;

/// What a foreign switcher says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SwitcherView {
    /// As the show calls it.
    pub name: String,
    /// Every input, with the cameras that it feeds.
    pub inputs: Vec<Mapped>,
    /// Those on air, as it calls them.
    pub on_air: Vec<String>,
}
