// The viewer's page: `/viewer/#CODE`. It starts things.

import { attend } from "../client/attention";
import { ReturnFeed } from "../client/return-feed";
import { ScreenLock } from "../client/wakelock";
import { draw, entranceOfThisPage } from "../ui/page";
import { ViewerPage } from "./ViewerPage";

const feed = new ReturnFeed(entranceOfThisPage());
const lock = new ScreenLock({ wakeLock: navigator.wakeLock, secure: isSecureContext });

attend(window, {
  hidden: () => feed.hidden(),
  left: () => feed.left(),
  returned: () => feed.returned(),
  reachable: () => feed.reachable(),
  seen: () => {
    feed.seen();
    void lock.seen();
  },
});
addEventListener("hashchange", () => location.reload());

draw(<ViewerPage feed={feed} lock={lock} />);
