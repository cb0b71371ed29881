//! Which layers arrive now, and whose sound goes to the viewers.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, SessionId};

/// Without a picture for this long a layer counts as gone, though its connection stands.
const SILENCE: Duration = Duration::from_secs(2);
/// Without a sound for this long the other layer's is taken: five packets.
const SOUND_GONE: Duration = Duration::from_millis(100);

#[derive(Default)]
struct Session {
    pictures: HashMap<Layer, Instant>,
    sound: Option<(Layer, Instant)>,
}

/// The layers of all sessions.
#[derive(Default)]
pub(crate) struct Layers(HashMap<SessionId, Session>);

impl Layers {
    /// A picture came; true if the layer was not there before.
    pub(crate) fn heard(&mut self, session: SessionId, layer: Layer, now: Instant) -> bool {
        self.0.entry(session).or_default().pictures.insert(layer, now).is_none()
    }

    /// Whether the layer's pictures arrive.
    pub(crate) fn is_there(&self, session: SessionId, layer: Layer) -> bool {
        self.0.get(&session).is_some_and(|entry| entry.pictures.contains_key(&layer))
    }

    /// A sound came; true if this layer's sound is the one that goes out. Both layers may carry the same sound:
    /// one of them is heard, the other only once the first falls silent.
    pub(crate) fn sound_goes(&mut self, session: SessionId, layer: Layer, now: Instant) -> bool {
        let sound = &mut self.0.entry(session).or_default().sound;
        let goes = sound.is_none_or(|(of, at)| of == layer || now.saturating_duration_since(at) > SOUND_GONE);
        if goes {
            *sound = Some((layer, now));
        }
        goes
    }

    /// A connection is gone; true if its layer was there.
    pub(crate) fn lost(&mut self, session: SessionId, layer: Layer) -> bool {
        let Some(entry) = self.0.get_mut(&session) else { return false };
        let was = entry.pictures.remove(&layer).is_some();
        if entry.sound.is_some_and(|(of, _)| of == layer) {
            entry.sound = None;
        }
        if entry.pictures.is_empty() && entry.sound.is_none() {
            self.0.remove(&session);
        }
        was
    }

    /// The layers that fell silent since the last time this was asked.
    pub(crate) fn silent(&mut self, now: Instant) -> Vec<(SessionId, Layer)> {
        let mut silent = Vec::new();
        for (session, entry) in &mut self.0 {
            entry.pictures.retain(|layer, at| {
                let goes_on = now.saturating_duration_since(*at) <= SILENCE;
                if !goes_on {
                    silent.push((*session, *layer));
                }
                goes_on
            });
        }
        silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> SessionId {
        SessionId::from_parts(1, [0; 10])
    }

    #[test]
    fn one_layer_s_sound_goes_out_until_it_falls_silent() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut layers = Layers::default();
        assert!(layers.sound_goes(session(), Layer::High, at(0)));
        assert!(!layers.sound_goes(session(), Layer::Low, at(3)));
        assert!(layers.sound_goes(session(), Layer::High, at(20)));
        assert!(!layers.sound_goes(session(), Layer::Low, at(120)));
        assert!(layers.sound_goes(session(), Layer::Low, at(123)));
        assert!(!layers.sound_goes(session(), Layer::High, at(125)));
        layers.lost(session(), Layer::Low);
        assert!(layers.sound_goes(session(), Layer::High, at(126)));
    }

    #[test]
    fn a_frozen_encoder_s_layer_is_lost_once_and_comes_back() {
        let begin = Instant::now();
        let mut layers = Layers::default();
        assert!(layers.heard(session(), Layer::High, begin));
        assert!(!layers.heard(session(), Layer::High, begin + Duration::from_secs(1)));
        assert!(layers.silent(begin + Duration::from_secs(3)).is_empty());
        let later = begin + Duration::from_secs(4);
        assert_eq!(layers.silent(later), [(session(), Layer::High)]);
        assert!(layers.silent(later).is_empty());
        assert!(!layers.lost(session(), Layer::High));
        assert!(layers.heard(session(), Layer::High, later));
    }
}
