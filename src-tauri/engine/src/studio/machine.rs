//! This machine, while the programme is on air: its battery and its disk, in a line each.

use std::path::Path;

use super::power;
use super::room::Room;
use crate::record::free_bytes;
use crate::sentence::Sentence;
use crate::view::Spoken;

/// Below this many GB a person should see to the disk: ten hours of the high layer.
const DISK_LOW: u64 = 5;

impl Room {
    /// Looks at battery and disk; while the programme is off air there is nothing to say.
    pub(super) fn look_at_machine(&self) {
        let on_air = self.is_on_air();
        let battery = on_air.then(power::battery).flatten().map(|battery| Spoken::from(battery.sentence()));
        let free = on_air.then(|| gigabytes_free(&self.folders.documents)).flatten();
        let disk = free.filter(|free| *free < DISK_LOW).map(|free| Sentence::disk_nearly_full(free).into());
        self.view.send_if_modified(|view| {
            let news = view.battery != battery || view.disk != disk;
            (view.battery, view.disk) = (battery, disk);
            news
        });
    }
}

/// What the disk of this folder has left; the folder itself may be made later.
pub(super) fn gigabytes_free(folder: &Path) -> Option<u64> {
    folder.ancestors().find_map(|folder| free_bytes(folder).ok()).map(|free| free / 1_000_000_000)
}
