//! The handshake's cookie: proof that a caller receives what is sent to its address, without remembering it.
//!
//! HMAC-SHA1 over address and minute under a key of this process; it holds for the minute it was made in and the
//! next one. Nobody is given memory or computing time before bringing one back.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::random::Random;

const LIFE: Duration = Duration::from_secs(60);

/// Makes and knows cookies.
pub(crate) struct Cookies {
    key: [u8; 32],
    start: Instant,
}

impl Cookies {
    pub(crate) fn new(random: &mut Random, now: Instant) -> Self {
        Self { key: random.bytes(), start: now }
    }

    /// The cookie for `peer` now.
    pub(crate) fn bake(&self, peer: SocketAddr, now: Instant) -> u32 {
        self.of(peer, self.minute(now))
    }

    /// Whether `cookie` was made for `peer` lately.
    pub(crate) fn knows(&self, cookie: u32, peer: SocketAddr, now: Instant) -> bool {
        let minute = self.minute(now);
        cookie == self.of(peer, minute) || minute > 0 && cookie == self.of(peer, minute - 1)
    }

    fn minute(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.start).as_secs() / LIFE.as_secs()
    }

    fn of(&self, peer: SocketAddr, minute: u64) -> u32 {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.key) else { return 1 };
        match peer.ip() {
            IpAddr::V4(ip) => mac.update(&ip.octets()),
            IpAddr::V6(ip) => mac.update(&ip.octets()),
        }
        mac.update(&peer.port().to_be_bytes());
        mac.update(&minute.to_be_bytes());
        let tag = mac.finalize().into_bytes();
        let cookie = tag.first_chunk().map_or(1, |head| u32::from_be_bytes(*head));
        cookie.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn a_cookie_is_for_one_address_and_goes_stale() {
        let start = Instant::now();
        let cookies = Cookies::new(&mut Random::new(&Seed::from([1; 32])), start);
        let peer = SocketAddr::from(([192, 0, 2, 1], 5000));
        let other = SocketAddr::from(([192, 0, 2, 1], 5001));
        let cookie = cookies.bake(peer, start);
        assert!(cookies.knows(cookie, peer, start + Duration::from_secs(119)));
        assert!(!cookies.knows(cookie, peer, start + Duration::from_secs(120)));
        assert!(!cookies.knows(cookie, other, start));
        let stranger = Cookies::new(&mut Random::new(&Seed::from([2; 32])), start);
        assert!(!stranger.knows(cookie, peer, start));
    }
}
