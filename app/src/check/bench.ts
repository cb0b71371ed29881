// The browser that this page runs in, as `abilities.ts` tries it.

import { canVibrate, Phone } from "../client/body";
import { wayOut } from "../client/inapp";
import { ScreenLock } from "../client/wakelock";
import { keepShell } from "../ui/keep-shell";
import type { Bench } from "./abilities";

interface WithBattery {
  getBattery?: () => Promise<{ level: number; charging: boolean }>;
}

/** This one. */
export function thisBrowser(): Bench {
  const phone = new Phone();
  return {
    secure: isSecureContext,
    userAgent: navigator.userAgent,
    videoCodecs: () =>
      (RTCRtpReceiver.getCapabilities("video")?.codecs ?? []).map(({ mimeType }) => mimeType),
    vibrate: () => (canVibrate() ? phone.vibrate([180, 80, 180]) : null),
    sound: async () => {
      await phone.unlockSound().catch(() => undefined);
      phone.beep();
      return phone.sounds() ? "running" : "suspended";
    },
    lock: async () => {
      const lock = new ScreenLock({ wakeLock: navigator.wakeLock, secure: isSecureContext });
      await lock.want();
      return lock.state.get();
    },
    fullScreen: document.fullscreenEnabled === true,
    battery: async () => {
      const { getBattery } = navigator as WithBattery;
      const battery = await getBattery?.call(navigator).catch(() => undefined);
      return battery === undefined ? "" : `${Math.round(battery.level * 100)} %`;
    },
    shell: keepShell,
    inApp: wayOut(navigator.userAgent, location.href)?.app ?? null,
  };
}
