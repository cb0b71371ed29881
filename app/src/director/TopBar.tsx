// Where we are: on air or not, which show, who watches; and the way to everything that is not switching.

import { Icon } from "../ui/Icon";
import { LanguageButton } from "../ui/LanguageButton";
import { useValue } from "../ui/use";
import { useDesk, useView, useWords } from "./context";
import type { Drawer } from "./desk";

/** The bar. */
export function TopBar() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const open = useValue(desk.drawer);
  const joining = useValue(desk.joining);
  const listed = view.shows.find((show) => show.id === view.show?.id);
  const sync =
    listed === undefined
      ? null
      : view.account.state === "in" && view.cloud.trouble === null
        ? listed.sync
        : "offline";
  const drawers: readonly (readonly [Drawer, string])[] = [
    ["sources", w.sources],
    ["tally", w.tally],
    ["shows", w.shows],
    ["keys", w.keys],
    ["check", w.check],
    ["settings", w.settings],
  ];
  return (
    <header className="top">
      <strong className="air" data-air={airOf(view.air)} aria-live="polite">
        {w.air(airOf(view.air))}
      </strong>
      <button type="button" className="show-name" onClick={() => desk.open("shows")}>
        {view.show?.show.name ?? w.noShow}
        {sync !== null && <em data-sync={sync}>{w.sync(sync)}</em>}
      </button>
      {view.air.state !== "off" && (
        <span className="count">
          <Icon name="lit" />
          {w.viewers(view.viewers)}
        </span>
      )}
      <nav aria-label={w.more}>
        {view.session !== null && (
          <button type="button" aria-pressed={joining} onClick={() => desk.join(!joining)}>
            {w.join}
          </button>
        )}
        {drawers.map(([drawer, name]) => (
          <button
            key={drawer}
            type="button"
            aria-expanded={open === drawer}
            onClick={() => desk.open(drawer)}
          >
            {name}
          </button>
        ))}
        <LanguageButton />
      </nav>
    </header>
  );
}

/** On air in one word. */
function airOf(air: {
  state: string;
  door?: string | null;
}): "off" | "starting" | "rehearsal" | "live" | "stopping" {
  if (air.state === "on") return air.door === "everybody" ? "live" : "rehearsal";
  return air.state === "starting" || air.state === "stopping" ? air.state : "off";
}
