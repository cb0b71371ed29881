// The battery, where the browser gives it (Chromium does, Safari and Firefox do not).

import { Value, type Watchable } from "../client/value";
import type { Battery } from "../contract/protocol";

interface BatteryManager extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

/** Watches it; null where there is none to watch. */
export function watchBattery(): Watchable<Battery | null> {
  const battery = new Value<Battery | null>(null);
  const { getBattery } = navigator as { getBattery?: () => Promise<BatteryManager> };
  if (getBattery === undefined) return battery;
  getBattery.call(navigator).then(
    (manager) => {
      const read = () =>
        battery.set({ percent: Math.round(manager.level * 100), charging: manager.charging });
      manager.addEventListener("levelchange", read);
      manager.addEventListener("chargingchange", read);
      read();
    },
    () => undefined, // forbidden here: as good as none
  );
  return battery;
}
