// What is pressed: CUT, AUTO, black, key; and at the right the way to the air.

import { useValue } from "../ui/use";
import { useDesk, usePictures, useView, useWords } from "./context";
import type { Fashion } from "./desk";
import { type Action, keysOf, printed } from "./keys";

/** The row below the pictures. */
export function Console() {
  const w = useWords();
  const view = useView();
  return (
    <section className="console" aria-label={w.console}>
      {view.mode.mode === "beside" ? (
        <p className="beside">{w.beside(view.mode.switchers.join(", "))}</p>
      ) : (
        <Switching />
      )}
      <Door />
    </section>
  );
}

function Switching() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const { manner, ms } = useValue(desk.fashion);
  const figures = useValue(usePictures().figures);
  const running = figures?.transition ?? null;
  const set = (change: Partial<Fashion>) => desk.setFashion({ manner, ms, ...change });
  return (
    <>
      <Key action="cut" className="key-cut" label={w.cut} />
      <Key action="auto" className="key-auto" label={w.auto} pressed={running !== null}>
        {running !== null && <i className="progress" style={{ width: `${running.per_mille / 10}%` }} />}
      </Key>
      <fieldset className="fashion" aria-label={w.transition}>
        {(["mix", "wipe"] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={manner === each}
            onClick={() => set({ manner: each })}
          >
            {w.manner(each)}
          </button>
        ))}
        <label>
          <span className="hidden-words">{w.duration}</span>
          <select value={ms} onChange={(event) => set({ ms: Number(event.target.value) })}>
            {[250, 500, 1000, 1500, 2000, 3000, 5000].map((each) => (
              <option key={each} value={each}>
                {w.seconds(each / 1000)}
              </option>
            ))}
          </select>
        </label>
      </fieldset>
      <Key action="black" className="key-black" label={w.black} pressed={view.black} />
      <Key action="key" className="key-key" label={w.key} pressed={view.key.on} />
      <button type="button" className="quiet" onClick={() => desk.open("overlay")}>
        {w.overlayAndSound}
      </button>
    </>
  );
}

interface KeyProps {
  readonly action: Action;
  readonly className: string;
  readonly label: string;
  readonly pressed?: boolean;
  readonly children?: React.ReactNode;
}

function Key({ action, className, label, pressed, children }: KeyProps) {
  const desk = useDesk();
  const keys = keysOf(useView().show?.show.keys ?? {});
  const key = keys[action];
  return (
    <button
      type="button"
      className={`key ${className}`}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={() => desk.act(action)}
    >
      {children}
      <span className="key-label">{label}</span>
      {key !== undefined && <kbd>{printed(key)}</kbd>}
    </button>
  );
}

function Door() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const armed = useValue(desk.stopping.armed);
  const door = view.air.state === "on" || view.air.state === "starting" ? view.air.door : null;
  const off = view.air.state === "off" && !view.going;
  return (
    <div className="door">
      {door !== "everybody" && (
        <button
          type="button"
          className="key key-rehearse"
          aria-pressed={door === "operators"}
          disabled={view.going}
          onClick={() => desk.air("operators")}
        >
          {w.rehearse}
        </button>
      )}
      {door !== "everybody" && (
        <button
          type="button"
          className="key key-live"
          disabled={view.going}
          onClick={() => desk.air("everybody")}
        >
          {view.going ? w.asking : w.goLive}
        </button>
      )}
      {!off && (
        <button type="button" className="key key-stop" data-armed={armed} onClick={() => desk.stop()}>
          {armed ? w.stopAgain : w.stop}
        </button>
      )}
      <button
        type="button"
        className="key key-record"
        aria-pressed={view.recording.state === "running"}
        onClick={() => desk.act("record")}
      >
        <span className="dot" aria-hidden="true" />
        {w.record}
      </button>
    </div>
  );
}
