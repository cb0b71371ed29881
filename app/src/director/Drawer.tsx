// A drawer over the people at the right: the pictures and what is pressed stay in sight. It refuses to be modal.

import { useValue } from "../ui/use";
import { Check } from "./Check";
import { useDesk, useWords } from "./context";
import { Keys } from "./Keys";
import { Overlay } from "./Overlay";
import { Settings } from "./Settings";
import { Shows } from "./Shows";
import { Sources } from "./Sources";
import { Tally } from "./Tally";

const PANES = {
  shows: Shows,
  sources: Sources,
  tally: Tally,
  keys: Keys,
  settings: Settings,
  check: Check,
  overlay: Overlay,
};

/** The drawer that is open. */
export function DrawerPane() {
  const w = useWords();
  const desk = useDesk();
  const open = useValue(desk.drawer);
  if (open === null) return null;
  const Pane = PANES[open];
  const name = w.drawer(open);
  return (
    <section className="drawer" aria-label={name}>
      <header>
        <h2>{name}</h2>
        <button type="button" aria-label={w.close} onClick={() => desk.open(null)}>
          ×
        </button>
      </header>
      <div className="drawer-body">
        <Pane />
      </div>
    </section>
  );
}
