//! The beep: 1 kHz in the first 100 ms of each second of the wall clock.
//!
//! Pure. Invariant: it begins and ends at a zero crossing, so it does not click.

const SECOND: u64 = 1_000_000_000;
const LENGTH: u64 = SECOND / 10;
/// A quarter of full scale, -12 dBFS.
const LEVEL: f64 = 0.25;

/// The sample at this time, in nanoseconds since 1970.
pub(super) fn sample(unix_ns: u64) -> f32 {
    let within = unix_ns % SECOND;
    if within >= LENGTH {
        return 0.0;
    }
    let turns = (within % 1_000_000) as f64 / 1_000_000.0;
    (LEVEL * (turns * std::f64::consts::TAU).sin()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second() -> Vec<f32> {
        (0..48_000u64).map(|index| sample(7 * SECOND + index * SECOND / 48_000)).collect()
    }

    #[test]
    fn it_sounds_a_tenth_of_the_second_and_is_silent_for_the_rest() {
        let second = second();
        assert!(second[..4800].iter().any(|sample| *sample > 0.24));
        assert!(second[4800..].iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn it_is_one_kilohertz() {
        let second = second();
        let rising = second[..4800].windows(2).filter(|pair| pair[0] <= 0.0 && pair[1] > 0.0).count();
        assert!((99..=100).contains(&rising), "{rising}");
    }

    #[test]
    fn it_begins_and_ends_without_a_click() {
        let second = second();
        assert_eq!(second[0], 0.0);
        assert!(second[4799].abs() < 0.04);
    }
}
