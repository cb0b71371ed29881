// The page that the director's machine serves itself: `http://ADDRESS:8447/#PASS`. It starts things.

import { Alarm } from "../client/alarm";
import { attend } from "../client/attention";
import { Phone } from "../client/body";
import { safeKeeper } from "../client/storage";
import { browserWorld } from "../client/world";
import { draw } from "../ui/page";
import { OwnPage } from "./OwnPage";
import { OwnSeat } from "./seat";

const PASS = "returnfeed.own.pass";

const keeper = safeKeeper(() => localStorage);
// A pass is a secret: it does not stay in the address, which is shown and shared.
const brought = location.hash.slice(1);
if (brought !== "") keeper.setItem(PASS, brought);
history.replaceState(null, "", "/");
addEventListener("hashchange", () => location.reload());

const seat = new OwnSeat(browserWorld(), brought || (keeper.getItem(PASS) ?? ""), keeper);
const phone = new Phone();
let armed = false;
// By hand alone: a beep beside a live camera goes on air, and this page asks nobody who wears an earphone.
const alarm = new Alarm(phone, () => ({ vibrate: armed, sound: false }));
seat.tally.watch(() => alarm.lamp(seat.tally.get()));
if (document.visibilityState === "hidden") seat.sleep();
attend(window, {
  hidden: () => seat.sleep(),
  seen: () => seat.wake(),
  reachable: () => seat.reconnect(),
  left: () => seat.sleep(),
  returned: () => seat.wake(),
});

const arm = (): boolean => {
  armed = !armed && phone.vibrate([50]);
  return armed;
};
draw(<OwnPage seat={seat} arm={arm} />);
