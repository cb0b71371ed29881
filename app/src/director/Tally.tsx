// Lamps: every camera's, why it is so, from whom it is heard and to whom it is told; and the cameras' names.

import { useDesk, useView, useWords } from "./context";
import { madeBy, withMaker } from "./maker";
import { Outputs } from "./Outputs";
import { Switchers } from "./Switchers";

/** The lamps. */
export function Tally() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const show = view.show?.show;
  const rename = (camera: number, name: string) =>
    desk.edit((present) => {
      const others = present.cameras.filter((one) => one.camera !== camera);
      const known = present.cameras.find((one) => one.camera === camera) ?? { camera, feeds: [], name: "" };
      return { ...present, cameras: [...others, { ...known, name }].sort((a, b) => a.camera - b.camera) };
    });
  return (
    <>
      <ul className="lamps">
        {view.lamps.map(({ camera, name, tally }) => (
          <li key={camera}>
            <span className="lamp" data-tally={tally} role="img" aria-label={w.lampWord(tally)}>
              {camera}
            </span>
            <input
              aria-label={w.cameraName(camera)}
              defaultValue={show?.cameras.find((one) => one.camera === camera)?.name ?? name}
              placeholder={w.camera(camera)}
              onBlur={(event) => event.target.value !== name && rename(camera, event.target.value)}
            />
            <button type="button" onClick={() => desk.ask({ do: "test_lamps", camera })}>
              {w.test}
            </button>
          </li>
        ))}
      </ul>
      {view.lamps.length === 0 && <p className="dim">{w.noLamps}</p>}
      <label className="row">
        <input
          type="checkbox"
          checked={show?.green === "every_other"}
          onChange={(event) =>
            desk.edit((present) => ({ ...present, green: event.target.checked ? "every_other" : "preview" }))
          }
        />
        {w.everyOtherGreen}
      </label>
      {show !== undefined && show.sources.length > 0 && (
        <label className="row">
          {w.programmeBy}
          <select
            value={madeBy(show)}
            onChange={(event) => desk.edit((present) => withMaker(present, Number(event.target.value)))}
          >
            <option value={0}>{w.madeHere}</option>
            {show.sources.map((source, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a source's place is its key
              <option key={place} value={place + 1}>
                {w.madeBeside(place + 1, source.name ?? "")}
              </option>
            ))}
          </select>
        </label>
      )}
      <h3>{w.heardFrom}</h3>
      <Switchers />
      <h3>{w.toldTo}</h3>
      <Outputs />
    </>
  );
}
