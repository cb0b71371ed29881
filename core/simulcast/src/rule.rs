//! Which layer a viewer is given.

use returnfeed_protocol::Layer;

/// Which layers arrive now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Present {
    high: bool,
    low: bool,
}

impl Present {
    /// Says that a layer arrives, or does not.
    pub fn set(&mut self, layer: Layer, arrives: bool) {
        match layer {
            Layer::High => self.high = arrives,
            Layer::Low => self.low = arrives,
        }
    }

    /// Whether a layer arrives.
    pub const fn has(self, layer: Layer) -> bool {
        match layer {
            Layer::High => self.high,
            Layer::Low => self.low,
        }
    }

    /// The layers that arrive, the better one first.
    pub fn layers(self) -> Vec<Layer> {
        Layer::ALL.into_iter().filter(|layer| self.has(*layer)).collect()
    }
}

/// The layer for a viewer who wants `wanted` and may have at most `best`: the wanted one, else the other one if
/// it is allowed, else none.
pub fn choose(wanted: Layer, best: Layer, present: Present) -> Option<Layer> {
    let wanted = wanted.min(best);
    let other = match wanted {
        Layer::High => Layer::Low,
        Layer::Low => Layer::High,
    };
    [wanted, other].into_iter().find(|layer| *layer <= best && present.has(*layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present(layers: &[Layer]) -> Present {
        let mut present = Present::default();
        for layer in layers {
            present.set(*layer, true);
        }
        present
    }

    #[test]
    fn a_missing_layer_is_replaced_only_by_what_is_allowed() {
        use Layer::{High, Low};
        let cases = [
            (High, High, &[High, Low][..], Some(High)),
            (Low, High, &[High, Low], Some(Low)),
            (High, High, &[Low], Some(Low)),
            (Low, High, &[High], Some(High)),
            (High, Low, &[High, Low], Some(Low)),
            (High, Low, &[High], None),
            (Low, Low, &[High], None),
            (High, High, &[], None),
        ];
        for (wanted, best, layers, given) in cases {
            assert_eq!(choose(wanted, best, present(layers)), given, "{wanted} of {best}, {layers:?}");
        }
    }
}
