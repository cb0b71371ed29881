// One calm line for each thing to see to, and the sentence of what was refused or done last.

import { useValue } from "../ui/use";
import { useDesk, useView, useWords } from "./context";
import { troublesOf } from "./troubles";

/** Lines that fit; the rest is counted. */
const SHOWN = 3;

/** The lines. */
export function TroubleLines() {
  const w = useWords();
  const desk = useDesk();
  const troubles = troublesOf(useView());
  const said = useValue(desk.said);
  const focus = useValue(desk.focus);
  const learning = useValue(desk.learning);
  return (
    <section className="troubles" aria-label={w.troubles} aria-live="polite">
      {focus !== "ours" && learning === null && <p data-grave={focus === "window"}>{w.keysGo(focus)}</p>}
      {learning !== null && <p>{w.pressTheKey}</p>}
      {said !== null && (
        <p data-grave={said.bad} role="status">
          {said.bad ? w.says(said.says) : w.written(said.says.text)}
        </p>
      )}
      {troubles.slice(0, SHOWN).map(({ code, grave, what, reason }) => (
        <p key={`${code} ${what}`} data-grave={grave} data-code={code}>
          {w.trouble(code, what)}
          {reason !== null && <small>{w.says(reason)}</small>}
        </p>
      ))}
      {troubles.length > SHOWN && <p>{w.moreTroubles(troubles.length - SHOWN)}</p>}
    </section>
  );
}
