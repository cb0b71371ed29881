// Every source beside the others: a press puts it on preview, with Shift on air at once.

import { useDesk, useView, useWords } from "./context";
import { Pane } from "./Pane";

/** The sources. */
export function Multiview() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const many = view.sources.length > 4;
  const beside = view.mode.mode === "beside";
  return (
    <section className="multiview" data-many={many} aria-label={w.sources}>
      {view.sources.slice(0, 8).map(({ number, label }) => (
        <Pane
          key={number}
          of={number}
          name={`${number} ${label}`}
          source={number}
          tally={
            number === view.programme || number === view.incoming
              ? "program"
              : number === view.preview
                ? "preview"
                : "idle"
          }
          {...(beside ? {} : { onPress: () => desk.act(`preview_${number}`) })}
        />
      ))}
    </section>
  );
}
