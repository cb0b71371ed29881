// Whether all is well before a show: one line each, with what to do.

import { useDesk, useView, useWords } from "./context";

/** The check. */
export function Check() {
  const w = useWords();
  const desk = useDesk();
  const { check } = useView();
  return (
    <>
      <button type="button" onClick={() => desk.ask({ do: "check" })}>
        {check === null ? w.checkNow : w.checkAgain}
      </button>
      <ul className="check">
        {(check ?? []).map(({ what, is, says }) => (
          <li key={what} data-is={is}>
            <b>{w.checkOf(what)}</b>
            <em>{w.checkIs(is)}</em>
            <span className="dim">{w.says(says)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
