// The camera operator's page: `/camera/#CODE`. It starts things.

import { attend } from "../client/attention";
import { Phone } from "../client/body";
import { Cues } from "../client/cues";
import { ReturnFeed } from "../client/return-feed";
import { ScreenLock } from "../client/wakelock";
import { draw, entranceOfThisPage } from "../ui/page";
import { CameraPage } from "./CameraPage";
import { Settings } from "./settings";

const entrance = entranceOfThisPage();
const feed = new ReturnFeed(entrance);
const lock = new ScreenLock({ wakeLock: navigator.wakeLock, secure: isSecureContext });
const settings = new Settings(entrance.device);
const phone = new Phone();
const cues = new Cues(phone, settings.wishes.get);

let unwatch = () => {};
feed.inside.watch(() => {
  unwatch();
  const inside = feed.inside.get();
  unwatch = inside?.tally.watch(() => cues.lamp(inside.tally.get())) ?? (() => {});
});

attend(window, {
  hidden: () => feed.hidden(),
  left: () => feed.left(),
  returned: () => feed.returned(),
  seen: () => {
    feed.seen();
    void lock.seen();
  },
});
addEventListener("hashchange", () => location.reload());

draw(<CameraPage feed={feed} lock={lock} phone={phone} settings={settings} />);
