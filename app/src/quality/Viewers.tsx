// The viewers one by one, those that fare worst first.

import type { QualityViewer } from "../contract/protocol";
import { useWords } from "../ui/use";
import { bitrate, ms, percent, span } from "./figures";
import { layerWords, nameWords, reasonWords, roleWords } from "./reasons";

/** The table; `more` of them are not in it. */
export function Viewers({ viewers, more }: { viewers: readonly QualityViewer[]; more: number }) {
  const w = useWords();
  const measured = <T,>(value: T | null, say: (value: T) => string) => (value === null ? "–" : say(value));
  return (
    <section className="fare-part" aria-label={w.netViewersNow}>
      <h2>{w.netViewersNow}</h2>
      {viewers.length === 0 && <p className="fare-none">{w.netNoViewers}</p>}
      {viewers.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls what it can reach (WCAG 2.1.1)
        <div className="fare-scroll" tabIndex={0}>
          <table className="viewers">
            <thead>
              <tr>
                {[w.netWho, w.netLayer, w.netWhy, w.netFor, w.netLost, w.netRoundTrip, w.netBandwidth].map(
                  (head) => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {viewers.map((one) => (
                <tr key={one.viewer}>
                  <th scope="row">
                    {nameWords(one.name, one.participant)} <small>{roleWords(one.role, w)}</small>
                  </th>
                  <td>
                    <span className={`layer layer-${one.layer ?? "none"}`}>{layerWords(one.layer, w)}</span>
                  </td>
                  <td>{reasonWords(one.reason, w)}</td>
                  <td className="figure">{span(one.for_ms)}</td>
                  <td className="figure">{measured(one.loss, percent)}</td>
                  <td className="figure">{measured(one.rtt_ms, ms)}</td>
                  <td className="figure">{measured(one.bandwidth, bitrate)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more > 0 && <p className="fare-none">{w.netMore(String(more))}</p>}
    </section>
  );
}
