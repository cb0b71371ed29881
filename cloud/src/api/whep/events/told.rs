//! What a stream has told already, and what is left to tell. Pure: what is true now goes in, one event comes out.
//!
//! Invariant: nothing is told twice in a row, and what is told was true when it was asked for.

use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, LayerReason};
use serde_json::{Value, json};

/// The viewer count is told at most this often; the draft lets it lag.
const COUNTED_EVERY: Duration = Duration::from_secs(1);

/// The events of the draft, but for SCTE 35.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api::whep) enum EventKind {
    Active,
    Inactive,
    Layers,
    Reconnect,
    ViewerCount,
}

impl EventKind {
    pub(in crate::api::whep) const ALL: [Self; 5] =
        [Self::Active, Self::Inactive, Self::Layers, Self::Reconnect, Self::ViewerCount];

    /// Its name on the wire.
    pub(in crate::api::whep) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Layers => "layers",
            Self::Reconnect => "reconnect",
            Self::ViewerCount => "viewercount",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A layer as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LayerNow {
    pub(super) layer: Layer,
    pub(super) arrives: bool,
    /// In bit/s; `None` when it does not arrive or is not measured yet.
    pub(super) bitrate: Option<u64>,
    /// Why this viewer has it, if it has it.
    pub(super) selected: Option<LayerReason>,
}

/// How things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Now {
    /// Index of the video section in the SDP.
    pub(super) video_line: usize,
    pub(super) layers: Vec<LayerNow>,
    /// Viewer sessions of this session.
    pub(super) viewers: u32,
}

/// One event on its way out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Telling {
    pub(super) kind: EventKind,
    pub(super) data: Value,
}

/// What a stream was told.
#[derive(Default)]
pub(super) struct Told {
    active: Option<bool>,
    layers: Vec<(Layer, bool, Option<LayerReason>)>,
    viewers: Option<(u32, Instant)>,
}

impl Told {
    /// The next thing to tell, if there is one.
    pub(super) fn next(&mut self, now: &Now, kinds: &[EventKind], at: Instant) -> Option<Telling> {
        let telling =
            self.publication(now).or_else(|| self.layers(now)).or_else(|| self.viewer_count(now, at))?;
        // What is not wanted is passed over, and counts as told.
        if kinds.contains(&telling.kind) { Some(telling) } else { self.next(now, kinds, at) }
    }

    fn publication(&mut self, now: &Now) -> Option<Telling> {
        let active = now.layers.iter().any(|layer| layer.arrives);
        // No word of "inactive" before there was one of "active" (4.9.1.2).
        let changed = self.active.is_some_and(|told| told != active) || (self.active.is_none() && active);
        if !changed {
            return None;
        }
        self.active = Some(active);
        let kind = if active { EventKind::Active } else { EventKind::Inactive };
        Some(Telling { kind, data: json!({}) })
    }

    fn layers(&mut self, now: &Now) -> Option<Telling> {
        let keys: Vec<_> = now.layers.iter().map(|of| (of.layer, of.arrives, of.selected)).collect();
        // A layer without a rate would be read as an inactive one; it has one within a quarter of a second.
        let unmeasured = now.layers.iter().any(|of| of.arrives && of.bitrate.is_none());
        if unmeasured || keys == self.layers {
            return None;
        }
        self.layers = keys;
        let of_line = json!({ now.video_line.to_string(): now.layers.iter().map(layer).collect::<Vec<_>>() });
        Some(Telling { kind: EventKind::Layers, data: of_line })
    }

    fn viewer_count(&mut self, now: &Now, at: Instant) -> Option<Telling> {
        let due = match self.viewers {
            None => true,
            Some((told, when)) => told != now.viewers && at.saturating_duration_since(when) >= COUNTED_EVERY,
        };
        if !due {
            return None;
        }
        self.viewers = Some((now.viewers, at));
        Some(Telling { kind: EventKind::ViewerCount, data: json!({ "viewercount": now.viewers }) })
    }
}

/// `encodingId` is what `rid` was called up to draft 02; a layer without `bitrate` is inactive.
fn layer(of: &LayerNow) -> Value {
    let mut value = json!({ "rid": of.layer, "encodingId": of.layer });
    if let Some(members) = value.as_object_mut() {
        if let Some(bitrate) = of.bitrate {
            members.insert("bitrate".to_owned(), bitrate.into());
        }
        if let Some(reason) = of.selected {
            members.insert("selected".to_owned(), true.into());
            members.insert("reason".to_owned(), json!(reason));
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(high: Option<u64>, viewers: u32) -> Now {
        let layer = |layer, bitrate: Option<u64>| LayerNow {
            layer,
            arrives: bitrate.is_some(),
            bitrate,
            selected: None,
        };
        Now { video_line: 1, layers: vec![layer(Layer::High, high), layer(Layer::Low, None)], viewers }
    }

    fn all(told: &mut Told, now: &Now, at: Instant) -> Vec<(&'static str, Value)> {
        let next = || told.next(now, &EventKind::ALL, at);
        std::iter::from_fn(next).map(|telling| (telling.kind.as_str(), telling.data)).collect()
    }

    #[test]
    fn a_stream_begins_with_how_things_are_and_tells_each_change_once() {
        let (mut told, at) = (Told::default(), Instant::now());
        let first = all(&mut told, &now(Some(990_000), 1), at);
        let layers = json!({ "1": [
            { "rid": "high", "encodingId": "high", "bitrate": 990_000 }, { "rid": "low", "encodingId": "low" }
        ]});
        let expected =
            [("active", json!({})), ("layers", layers), ("viewercount", json!({ "viewercount": 1 }))];
        assert_eq!(first, expected);
        assert_eq!(all(&mut told, &now(Some(1_010_000), 1), at), [], "a rate alone is no news");
        let mut names =
            |now: &Now| all(&mut told, now, at).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&now(None, 1)), ["inactive", "layers"]);
        assert_eq!(names(&now(Some(1), 1)), ["active", "layers"]);
    }

    #[test]
    fn the_layer_that_this_viewer_has_says_why() {
        let mut now = now(Some(1_000), 1);
        let mut told = Told::default();
        all(&mut told, &now, Instant::now());
        now.layers[0].selected = Some(LayerReason::Starting);
        let (name, data) = all(&mut told, &now, Instant::now()).remove(0);
        assert_eq!((name, &data["1"][0]["selected"]), ("layers", &json!(true)));
        assert_eq!(data["1"][0]["reason"], "starting");
        assert!(data["1"][1].get("selected").is_none());
    }

    #[test]
    fn a_layer_that_is_not_measured_yet_is_not_told_as_inactive() {
        let (mut told, at) = (Told::default(), Instant::now());
        let mut soon = now(Some(1_000), 1);
        soon.layers[0].bitrate = None;
        let names: Vec<_> = all(&mut told, &soon, at).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["active", "viewercount"]);
        let (name, data) = all(&mut told, &now(Some(1_000), 1), at).remove(0);
        assert_eq!((name, data["1"][0]["bitrate"].as_u64()), ("layers", Some(1_000)));
    }

    #[test]
    fn there_is_no_inactive_before_the_first_active() {
        let told = all(&mut Told::default(), &now(None, 1), Instant::now());
        assert!(told.iter().all(|(name, _)| *name != "inactive"), "{told:?}");
    }

    #[test]
    fn a_crowd_that_comes_and_goes_is_counted_once_a_second() {
        let (mut told, begin) = (Told::default(), Instant::now());
        all(&mut told, &now(None, 1), begin);
        assert_eq!(all(&mut told, &now(None, 40), begin + Duration::from_millis(900)), []);
        let later = all(&mut told, &now(None, 50), begin + Duration::from_secs(1));
        assert_eq!(later, [("viewercount", json!({ "viewercount": 50 }))]);
    }

    #[test]
    fn what_was_not_asked_for_is_not_told() {
        let (mut told, at) = (Told::default(), Instant::now());
        let only = |told: &mut Told| told.next(&now(Some(1), 3), &[EventKind::ViewerCount], at);
        assert_eq!(only(&mut told).map(|telling| telling.kind), Some(EventKind::ViewerCount));
        assert_eq!(only(&mut told), None);
    }
}
