// Where the pictures will be, while there are none: what to do, in the order in which it is done.

import { useDesk, useView, useWords } from "./context";

/** The first ten minutes. */
export function Begin() {
  const w = useWords();
  const desk = useDesk();
  const view = useView();
  const waiting = (view.show?.show.sources.length ?? 0) > 0;
  const steps = [
    { done: waiting, name: w.beginSources, open: () => desk.open("sources") },
    { done: view.account.state === "in", name: w.beginCloud, open: () => desk.open("settings") },
    { done: view.air.state !== "off", name: w.beginAir, open: () => desk.open("check") },
  ];
  return (
    <section className="begin" aria-label={w.begin}>
      <h2>{waiting ? w.openingSources : w.begin}</h2>
      <ol>
        {steps.map(({ done, name, open }) => (
          <li key={name} data-done={done}>
            <button type="button" onClick={open}>
              {name}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
