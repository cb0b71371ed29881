// The director's window: pictures in the middle, what is pressed below them, people at the right, drawers over those.

import { useValue } from "../ui/use";
import { Begin } from "./Begin";
import { Console } from "./Console";
import { Crew } from "./Crew";
import { Cues } from "./Cues";
import { useDesk, useWords, ViewContext } from "./context";
import { DrawerPane } from "./Drawer";
import { Join } from "./Join";
import { Monitor } from "./Monitor";
import { Multiview } from "./Multiview";
import { Pane } from "./Pane";
import { Push } from "./Push";
import { TopBar } from "./TopBar";
import { TroubleLines } from "./TroubleLines";

/** The window. */
export function DirectorPage() {
  const w = useWords();
  const desk = useDesk();
  const view = useValue(desk.view);
  if (view === null) return <p className="opening">{w.opening}</p>;
  const begun = view.sources.length > 0;
  return (
    <ViewContext value={view}>
      <div className="desk" data-air={view.air.state}>
        <TopBar />
        <main className="stage">
          <div className="buses">
            <Pane
              of="preview"
              name={w.preview}
              source={view.preview}
              tally={view.preview === null ? "idle" : "preview"}
            />
            <Pane
              of="programme"
              name={w.programme}
              source={view.programme}
              tally={view.programme === null ? "idle" : "program"}
            />
          </div>
          <Console />
          {begun ? <Multiview /> : <Begin />}
        </main>
        <aside className="people">
          <Crew />
          <Cues />
          <Monitor />
          <Push />
        </aside>
        <DrawerPane />
        <TroubleLines />
        <Join />
      </div>
    </ViewContext>
  );
}
