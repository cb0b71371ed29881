//! Whether a source is there and alive, judged from counts and time that are given.
//!
//! The network does not tell when a sender hangs: its connection stays, and its frames stop. So silence is judged
//! here, and on the picture where there is one: a camera that still sends sound and no picture is frozen.

use std::time::{Duration, Instant};

use gst::glib;

/// How a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstNdiProxySrcHealth")]
#[repr(i32)]
pub enum Health {
    /// It has not been found yet.
    #[default]
    #[enum_value(name = "Searching: not found yet", nick = "searching")]
    Searching = 0,
    /// Its frames arrive.
    #[enum_value(name = "Connected: frames arrive", nick = "connected")]
    Connected = 1,
    /// It is connected and sends no frames.
    #[enum_value(name = "Frozen: connected, and no frames arrive", nick = "frozen")]
    Frozen = 2,
    /// It was there and is gone. The receiver goes on trying.
    #[enum_value(name = "Lost: it was there and is gone; still trying", nick = "lost")]
    Lost = 3,
}

/// What is known of a receiver at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign {
    pub(super) connected: bool,
    /// Pictures since the receiver was made.
    pub(super) video: u64,
    /// Blocks of sound since the receiver was made.
    pub(super) audio: u64,
}

/// Judges one source. Knows no clock and no receiver.
#[derive(Debug)]
pub(super) struct Watchdog {
    health: Health,
    /// Whether frames are to be expected at all (not on a connection for messages alone).
    media: bool,
    connection: Option<Connection>,
    last: Sign,
}

#[derive(Debug)]
struct Connection {
    has_video: bool,
    /// The last frame that counts, or the connection's begin.
    alive_at: Instant,
}

impl Watchdog {
    pub(super) fn new(media: bool) -> Self {
        let last = Sign { connected: false, video: 0, audio: 0 };
        Self { health: Health::Searching, media, connection: None, last }
    }

    /// Takes a sign of `now`; a source silent for `freeze` is frozen. Gives the health if it changed.
    pub(super) fn observe(&mut self, now: Instant, sign: Sign, freeze: Duration) -> Option<Health> {
        let health = self.judge(now, sign, freeze);
        self.last = sign;
        (std::mem::replace(&mut self.health, health) != health).then_some(health)
    }

    fn judge(&mut self, now: Instant, sign: Sign, freeze: Duration) -> Health {
        if !sign.connected {
            let was_there = self.connection.take().is_some() || self.health != Health::Searching;
            return if was_there { Health::Lost } else { Health::Searching };
        }
        let connection = self.connection.get_or_insert(Connection { has_video: false, alive_at: now });
        if !self.media {
            return Health::Connected;
        }
        let new_video = sign.video > self.last.video;
        connection.has_video |= new_video;
        if new_video || (!connection.has_video && sign.audio > self.last.audio) {
            connection.alive_at = now;
            return Health::Connected;
        }
        if now.duration_since(connection.alive_at) >= freeze { Health::Frozen } else { self.health }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREEZE: Duration = Duration::from_millis(500);

    /// A described list of steps: at this time, connected or not, with these counts, the health is that.
    fn run(media: bool, steps: &[(u64, bool, u64, u64, Health)]) {
        let begin = Instant::now();
        let mut watchdog = Watchdog::new(media);
        for (index, &(at, connected, video, audio, expected)) in steps.iter().enumerate() {
            watchdog.observe(begin + Duration::from_millis(at), Sign { connected, video, audio }, FREEZE);
            assert_eq!(watchdog.health, expected, "step {index}: {:?}", steps[index]);
        }
    }

    #[test]
    fn a_source_is_searched_until_its_first_frame() {
        run(
            true,
            &[
                (0, false, 0, 0, Health::Searching),
                (60_000, false, 0, 0, Health::Searching),
                (60_050, true, 0, 0, Health::Searching),
                (60_100, true, 1, 0, Health::Connected),
            ],
        );
    }

    #[test]
    fn a_picture_that_stops_is_frozen_even_while_sound_goes_on_and_thaws_with_its_next_frame() {
        run(
            true,
            &[
                (0, true, 1, 1, Health::Connected),
                (450, true, 1, 30, Health::Connected),
                (500, true, 1, 35, Health::Frozen),
                (9_000, true, 1, 500, Health::Frozen),
                (9_020, true, 2, 500, Health::Connected),
            ],
        );
    }

    #[test]
    fn a_source_with_sound_alone_is_connected() {
        run(true, &[(0, true, 0, 1, Health::Connected), (900, true, 0, 40, Health::Connected)]);
    }

    #[test]
    fn a_source_that_connects_and_never_sends_is_frozen() {
        run(true, &[(0, true, 0, 0, Health::Searching), (500, true, 0, 0, Health::Frozen)]);
    }

    #[test]
    fn a_source_that_goes_is_lost_and_its_return_counts_from_its_first_frame() {
        run(
            true,
            &[
                (0, true, 1, 0, Health::Connected),
                (20, false, 1, 0, Health::Lost),
                (90_000, false, 1, 0, Health::Lost),
                (90_050, true, 1, 0, Health::Lost),
                (90_100, true, 2, 0, Health::Connected),
            ],
        );
    }

    #[test]
    fn a_frozen_source_that_goes_is_lost() {
        run(
            true,
            &[
                (0, true, 0, 0, Health::Searching),
                (600, true, 0, 0, Health::Frozen),
                (700, false, 0, 0, Health::Lost),
            ],
        );
    }

    #[test]
    fn a_connection_for_messages_alone_never_freezes() {
        run(false, &[(0, true, 0, 0, Health::Connected), (60_000, true, 0, 0, Health::Connected)]);
    }

    #[test]
    fn only_changes_are_told() {
        let mut watchdog = Watchdog::new(true);
        let sign = Sign { connected: true, video: 1, audio: 0 };
        let now = Instant::now();
        assert_eq!(watchdog.observe(now, sign, FREEZE), Some(Health::Connected));
        assert_eq!(watchdog.observe(now, sign, FREEZE), None);
    }
}
