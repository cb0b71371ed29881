// The changes of layer, newest first, each with its reason.

import type { QualitySwitch } from "../contract/protocol";
import { useWords } from "../ui/use";
import type { Words } from "../ui/words/words";
import { clock } from "./Plot";
import { layerWords, nameWords, reasonWords } from "./reasons";

/** The list. */
export function Switches({ switches }: { switches: readonly QualitySwitch[] }) {
  const w = useWords();
  const newestFirst = [...switches].reverse();
  return (
    <section className="fare-part" aria-label={w.netSwitches}>
      <h2>{w.netSwitches}</h2>
      {newestFirst.length === 0 && <p className="fare-none">{w.netNoSwitches}</p>}
      <ul className="switches">
        {newestFirst.map((one) => (
          <li key={`${one.at_ms} ${one.viewer} ${one.to} ${one.reason}`}>
            <time>{clock(one.at_ms / 1000)}</time>
            <span className="switches-who">{nameWords(one.name, one.participant)}</span>
            <span className={`layer layer-${one.to}`}>{moveWords(one, w)}</span>
            <span className="switches-why">{reasonWords(one.reason, w)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** From, to; only where it is where nothing but the reason changed. */
function moveWords({ from, to }: QualitySwitch, w: Words): string {
  return from === null || from === to ? layerWords(to, w) : `${layerWords(from, w)} → ${layerWords(to, w)}`;
}
