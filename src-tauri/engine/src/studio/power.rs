//! Whether this machine runs on its battery.
//!
//! Refuses to guess: a system that does not say is taken to be on mains, as a desk is.

use std::path::Path;

use crate::sentence::Sentence;

/// Where Linux says so (sysfs-class-power).
const SUPPLIES: &str = "/sys/class/power_supply";

/// A battery that gives, and takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Battery {
    /// Of what it can hold.
    pub(super) percent: u8,
    /// Until it is empty, at this moment's consumption; absent: it does not say.
    pub(super) minutes: Option<u64>,
}

impl Battery {
    /// What a person is told of it.
    pub(super) fn sentence(&self) -> Sentence {
        match self.minutes {
            Some(minutes) => Sentence::battery_runs_down(self.percent, minutes),
            None => Sentence::battery(self.percent),
        }
    }
}

/// The battery that this machine runs on; absent: it does not.
pub(super) fn battery() -> Option<Battery> {
    battery_in(Path::new(SUPPLIES))
}

fn battery_in(supplies: &Path) -> Option<Battery> {
    let supplies = std::fs::read_dir(supplies).ok()?.flatten();
    supplies.filter_map(|supply| discharging(&supply.path())).min_by_key(|battery| battery.percent)
}

fn discharging(supply: &Path) -> Option<Battery> {
    let says =
        |what: &str| std::fs::read_to_string(supply.join(what)).ok().map(|text| text.trim().to_owned());
    let number = |what: &str| says(what)?.parse::<u64>().ok();
    // A mouse has a battery too: its scope is a device.
    let ours = says("type")? == "Battery" && says("scope").is_none_or(|scope| scope == "System");
    if !ours || says("status")? != "Discharging" {
        return None;
    }
    let percent = u8::try_from(number("capacity")?).ok()?;
    // In microwatts, or where the driver counts charge, in microamperes.
    let left = number("energy_now")
        .zip(number("power_now"))
        .or_else(|| number("charge_now").zip(number("current_now")));
    let minutes = left.and_then(|(left, per_hour)| left.checked_mul(60)?.checked_div(per_hour));
    Some(Battery { percent, minutes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(folder: &Path, name: &str, says: &[(&str, &str)]) {
        std::fs::create_dir_all(folder.join(name)).unwrap();
        for (what, text) in says {
            std::fs::write(folder.join(name).join(what), format!("{text}\n")).unwrap();
        }
    }

    #[test]
    fn a_battery_that_gives_is_said_with_its_time_and_neither_a_mouse_nor_one_that_is_charged_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        supply(at, "AC", &[("type", "Mains"), ("online", "0")]);
        supply(
            at,
            "hidpp_battery_0",
            &[("type", "Battery"), ("scope", "Device"), ("status", "Discharging"), ("capacity", "5")],
        );
        supply(at, "BAT0", &[("type", "Battery"), ("status", "Charging"), ("capacity", "41")]);
        assert_eq!(battery_in(at), None);
        let gives = [("status", "Discharging"), ("energy_now", "30000000"), ("power_now", "20000000")];
        supply(at, "BAT0", &gives);
        assert_eq!(battery_in(at), Some(Battery { percent: 41, minutes: Some(90) }));
        supply(at, "BAT0", &[("power_now", "0")]);
        assert_eq!(battery_in(at), Some(Battery { percent: 41, minutes: None }), "it has only just begun to");
        assert_eq!(battery_in(&at.join("nothing")), None);
    }
}
