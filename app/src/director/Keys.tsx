// Every key: press its button, then the key that is to do it. Kept in the show.

import { useValue } from "../ui/use";
import { useDesk, useView, useWords } from "./context";
import { clashes, keysOf, printed, USUAL_KEYS } from "./keys";

/** The keys. */
export function Keys() {
  const w = useWords();
  const desk = useDesk();
  const own = useView().show?.show.keys ?? {};
  const learning = useValue(desk.learning);
  const keys = keysOf(own);
  const twice = clashes(keys);
  return (
    <>
      <p className="dim">{w.keysHint}</p>
      <ul className="keys">
        {Object.keys(USUAL_KEYS).map((action) => (
          <li key={action} data-twice={twice.has(action)}>
            <span>{w.action(action)}</span>
            <button type="button" aria-pressed={learning === action} onClick={() => desk.learn(action)}>
              {learning === action ? w.pressTheKey : <kbd>{printed(keys[action] ?? "")}</kbd>}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => desk.edit((show) => ({ ...show, keys: {} }))}>
        {w.usualKeys}
      </button>
    </>
  );
}
