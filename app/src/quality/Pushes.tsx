// The director's push, layer by layer, in sentences: what to do about it is the director's own network.

import type { QualityPush } from "../contract/protocol";
import { useWords } from "../ui/use";
import { bitrate, ms, percent } from "./figures";
import { layerWords } from "./reasons";

/** How each layer arrives now. */
export function Pushes({ pushes }: { pushes: readonly QualityPush[] }) {
  const w = useWords();
  return (
    <section className="fare-part" aria-label={w.netPush}>
      <h2>{w.netPush}</h2>
      {pushes.length === 0 && <p className="fare-none">{w.netNoPush}</p>}
      <ul className="pushes">
        {pushes.map((push) => (
          <li key={push.layer}>
            <span className={`layer layer-${push.layer}`}>{layerWords(push.layer, w)}</span>
            {w.netPushNow(bitrate(push.bitrate), ms(push.rtt_ms), percent(push.loss))}
            {push.dropped > 0 && <strong>{w.netPushDamaged(String(push.dropped))}</strong>}
          </li>
        ))}
      </ul>
    </section>
  );
}
