//! Which layer a viewer is given.

use returnfeed_protocol::{Layer, LayerReason};

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

/// What a viewer's network allows, as the quality rule judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// At most.
    pub best: Layer,
    /// Why no more, or since what event so much.
    pub reason: LayerReason,
}

impl Network {
    /// Nothing is known yet: begin high.
    pub const UNKNOWN: Self = Self { best: Layer::High, reason: LayerReason::Starting };
}

/// The layer that a viewer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Which.
    pub layer: Layer,
    /// Why this one and not the other.
    pub reason: LayerReason,
}

/// The layer for a viewer who wants at most `wanted`, may have at most `best`, and whose network allows
/// `network`: the best of all three, else the other one if its right allows it, else none.
pub fn choose(wanted: Layer, best: Layer, network: Network, present: Present) -> Option<Given> {
    let ceilings = [(best, LayerReason::Role), (wanted, LayerReason::Chosen), (network.best, network.reason)];
    let low = ceilings.into_iter().find(|(at_most, _)| *at_most == Layer::Low);
    let (layer, reason) = low.unwrap_or((Layer::High, network.reason));
    if present.has(layer) {
        return Some(Given { layer, reason });
    }
    let other = match layer {
        Layer::High => Layer::Low,
        Layer::Low => Layer::High,
    };
    (other <= best && present.has(other)).then_some(Given { layer: other, reason: LayerReason::Absent })
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
        use LayerReason::{Absent, Chosen, Loss, Role, Starting};
        let lossy = Network { best: Low, reason: Loss };
        let cases = [
            (High, High, Network::UNKNOWN, &[High, Low][..], Some((High, Starting))),
            (High, High, lossy, &[High, Low], Some((Low, Loss))),
            (High, High, lossy, &[High], Some((High, Absent))),
            (Low, High, lossy, &[High, Low], Some((Low, Chosen))),
            (Low, Low, lossy, &[High, Low], Some((Low, Role))),
            (Low, High, Network::UNKNOWN, &[High, Low], Some((Low, Chosen))),
            (High, High, Network::UNKNOWN, &[Low], Some((Low, Absent))),
            (Low, High, Network::UNKNOWN, &[High], Some((High, Absent))),
            (High, Low, Network::UNKNOWN, &[High, Low], Some((Low, Role))),
            (High, Low, Network::UNKNOWN, &[High], None),
            (Low, Low, Network::UNKNOWN, &[High], None),
            (High, High, Network::UNKNOWN, &[], None),
        ];
        for (wanted, best, network, layers, given) in cases {
            let given = given.map(|(layer, reason)| Given { layer, reason });
            assert_eq!(
                choose(wanted, best, network, present(layers)),
                given,
                "{wanted} of {best}, {network:?}, {layers:?}"
            );
        }
    }
}
