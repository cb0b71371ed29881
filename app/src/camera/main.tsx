// The camera operator's page: `/camera/#CODE`. It starts things.

import { Alarm } from "../client/alarm";
import { Arms } from "../client/arms";
import { attend } from "../client/attention";
import { Phone } from "../client/body";
import { ReturnFeed } from "../client/return-feed";
import { Value } from "../client/value";
import { ScreenLock } from "../client/wakelock";
import { keepShell } from "../ui/keep-shell";
import { draw, entranceOfThisPage } from "../ui/page";
import { watchBattery } from "./battery";
import { CameraPage, type Device } from "./CameraPage";
import { Settings } from "./settings";
import { wireUp } from "./wire-up";

const entrance = entranceOfThisPage();
const feed = new ReturnFeed(entrance);
const settings = new Settings(entrance.device);
const phone = new Phone(() => device.arms.look());
const device: Device = {
  lock: new ScreenLock({ wakeLock: navigator.wakeLock, secure: isSecureContext }),
  phone,
  settings,
  arms: new Arms(phone, settings.wishes),
  visible: new Value(document.visibilityState === "visible"),
  blocked: new Value(false),
};
const alarm = new Alarm(phone, settings.wishes.get);
const battery = watchBattery();

let unwire = () => {};
feed.inside.watch(() => {
  unwire();
  const inside = feed.inside.get();
  unwire = inside === null ? () => {} : wireUp(entrance.world, inside, device, alarm, battery);
});

attend(window, {
  hidden: () => {
    device.visible.set(false);
    feed.hidden();
  },
  left: () => feed.left(),
  returned: () => feed.returned(),
  reachable: () => feed.reachable(),
  seen: () => {
    device.visible.set(true);
    feed.seen();
    void device.lock.seen();
    void device.arms.seen();
  },
});
addEventListener("hashchange", () => location.reload());
void keepShell();

draw(<CameraPage feed={feed} {...device} />);
