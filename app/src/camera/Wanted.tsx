// A number that somebody has: who, and what may be wished. What was asked for waits here until somebody has decided.

import type { Inside } from "../client/inside";
import { problemWords } from "../ui/sentences";
import { useValue, useWords } from "../ui/use";

/** Below the numbers, where there is something to say of one. */
export function Wanted({ inside }: { inside: Inside }) {
  const w = useWords();
  const { place, taken, problem } = useValue(inside.standing);
  if (taken !== null) {
    const names = taken.by.filter((name) => name !== "").join(", ");
    return (
      <section className="wanted" role="alertdialog" aria-label={w.cameraNumber(taken.camera)}>
        <p>{w.cameraTaken(taken.camera, names || w.somebody)}</p>
        <button
          type="button"
          className="button"
          onClick={() => void inside.place.choose(taken.camera, "beside")}
        >
          {w.joinSecond}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => void inside.place.choose(taken.camera, "take_over")}
        >
          {w.askToTakeOver}
        </button>
        <button type="button" className="button button-quiet" onClick={() => inside.place.seen()}>
          {w.chooseAnother}
        </button>
      </section>
    );
  }
  const { asks } = place;
  if (asks !== null) {
    return (
      <section className="wanted">
        <p role="status">{w.asked(asks)}</p>
        <button type="button" className="button" onClick={() => void inside.place.choose(asks, "beside")}>
          {w.joinSecond}
        </button>
      </section>
    );
  }
  if (problem === null) return null;
  const { title, detail } = problemWords(problem, w);
  return (
    <p className="refused" role="alert">
      {title} {detail}
    </p>
  );
}
