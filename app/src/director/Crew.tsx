// Every operator: which camera, what their lamp shows and whether they confirmed it, what their phone lacks.

import type { OperatorView } from "../contract/desktop";
import { useDesk, useView, useWords } from "./context";

/** Who is there. */
export function Crew() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const cameras = view.lamps.filter((lamp) => !view.operators.some((one) => one.camera === lamp.camera));
  return (
    <section className="card crew" aria-label={w.operators}>
      <header>
        <h2>{w.operators}</h2>
        <button type="button" className="quiet" onClick={() => desk.ask({ do: "test_lamps", camera: null })}>
          {w.testLamps}
        </button>
        <button
          type="button"
          className="quiet"
          aria-pressed={view.cues.silent}
          onClick={() => desk.act("silence")}
        >
          {w.silence}
        </button>
      </header>
      {view.operators.length === 0 && (
        <p className="dim">{view.session === null ? w.nobodyYet : w.nobodyHere}</p>
      )}
      <ul>
        {view.operators.map((one) => (
          <Operator key={one.participant} one={one} />
        ))}
        {view.operators.length > 0 &&
          cameras.map((lamp) => (
            <li key={lamp.camera} className="absent">
              <span className="lamp" data-tally={lamp.tally}>
                {lamp.camera}
              </span>
              <span className="who">{lamp.name || w.camera(lamp.camera)}</span>
              <span className="dim">{w.noOperator}</span>
            </li>
          ))}
      </ul>
    </section>
  );
}

function Operator({ one }: { readonly one: OperatorView }) {
  const w = useWords();
  const view = useView();
  const lamp = view.lamps.find((each) => each.camera === one.camera)?.tally ?? "unknown";
  const shows = one.shows ?? "unknown";
  const word = w.lampWord(shows);
  return (
    <li data-confirmed={shows === lamp}>
      <span className="lamp" data-tally={shows} role="img" aria-label={word}>
        {one.camera ?? "–"}
      </span>
      <span className="who">
        {one.name || w.operator}
        {one.signal !== null && <em className="signal">{w.signal(one.signal)}</em>}
      </span>
      <span className="dim">
        {shows === lamp ? (one.took_ms === null ? w.shown : w.shownIn(one.took_ms)) : w.notShown}
        {one.delay_ms !== null && ` · ${w.late(one.delay_ms)}`}
        {one.battery !== null && ` · ${one.battery} %`}
        {(one.lan === "proven" || one.lan === "unreachable") && ` · ${w.lan(one.lan)}`}
      </span>
      {one.concerns.length > 0 && (
        <span className="concern">{one.concerns.map((code) => w.concern(code)).join(" · ")}</span>
      )}
    </li>
  );
}
