//! The last group of pictures of a layer, for whoever joins between two keyframes.

/// Units held, at most: five seconds of 60 frames.
const MAX_UNITS: usize = 300;
/// Bytes held, at most: five times what the high layer sends in that time.
const MAX_BYTES: usize = 3 * 1024 * 1024;

/// A layer's units since its last IDR. `T` is whatever the shell keeps of a unit.
#[derive(Debug, Clone)]
pub struct GopCache<T> {
    units: Vec<T>,
    bytes: usize,
    complete: bool,
}

impl<T> Default for GopCache<T> {
    fn default() -> Self {
        Self { units: Vec::new(), bytes: 0, complete: false }
    }
}

impl<T> GopCache<T> {
    /// Takes note of a unit of `bytes`. An IDR begins anew; what comes before the first one is passed over.
    /// A group that grows too large, or has a hole, keeps its IDR alone.
    pub fn push(&mut self, unit: T, keyframe: bool, after_gap: bool, bytes: usize) {
        if keyframe {
            self.units.clear();
            self.bytes = 0;
            self.complete = true;
        } else if self.units.is_empty() || !self.complete {
            return;
        } else if after_gap || self.units.len() >= MAX_UNITS || self.bytes + bytes > MAX_BYTES {
            self.units.truncate(1);
            self.complete = false;
            return;
        }
        self.bytes += bytes;
        self.units.push(unit);
    }

    /// What a joiner is sent at once, and whether the units that follow can be decoded after it.
    ///
    /// Where a keyframe can be asked for, that is the last IDR, a picture to look at until the fresh one comes.
    /// Where it cannot, it is everything since, so that the joiner catches up.
    pub fn replay(&self, keyframes_on_request: bool) -> (&[T], bool) {
        if (keyframes_on_request || !self.complete) && self.units.len() > 1 {
            (&self.units[..1], false)
        } else {
            (&self.units, self.complete)
        }
    }

    /// Forgets everything: the publisher changed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(units: u32) -> GopCache<u32> {
        let mut cache = GopCache::default();
        cache.push(99, false, false, 10);
        for n in 0..units {
            cache.push(n, n == 0, false, 10);
        }
        cache
    }

    #[test]
    fn who_can_ask_gets_the_keyframe_alone_and_who_cannot_gets_everything_since() {
        let cache = filled(4);
        assert_eq!(cache.replay(true), (&[0][..], false));
        assert_eq!(cache.replay(false), (&[0, 1, 2, 3][..], true));
        // Right after an IDR nothing is missing: no need to ask.
        assert_eq!(filled(1).replay(true), (&[0][..], true));
        assert_eq!(filled(0).replay(true), (&[][..], false));
    }

    #[test]
    fn a_hole_or_an_endless_group_leaves_the_keyframe_alone() {
        let mut cache = filled(4);
        cache.push(4, false, true, 10);
        cache.push(5, false, false, 10);
        assert_eq!(cache.replay(false), (&[0][..], false));

        let endless = filled(10_000);
        assert_eq!(endless.replay(false), (&[0][..], false));

        let mut fat = filled(2);
        fat.push(2, false, false, MAX_BYTES);
        assert_eq!(fat.replay(false), (&[0][..], false));
    }
}
