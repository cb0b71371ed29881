// How the picture travels, for whoever asks: measured here, not promised.

import type { Inside } from "../client/inside";
import { bitrateWords, connectionWords, layerWords } from "../ui/sentences";
import { useValue, useWords } from "../ui/use";
import "./network.css";

/** A small panel over the picture's edge. */
export function Network({ inside }: { inside: Inside }) {
  const w = useWords();
  const { stats, delay } = useValue(inside.gauge.gauges);
  const connection = useValue(inside.connection.state);
  const scene = useValue(inside.scene);
  const quality = useQuality(inside);
  const shown = scene.kind === "live" ? stats : null;
  const ms = (value: number | null | undefined) => (value == null ? "–" : `${Math.round(value)} ms`);
  const late = delay === null ? w.factDelayUnknown : `${delay.ms} ms ± ${delay.error_ms}`;
  const facts: [string, string][] = [
    [w.factDelay, shown === null ? "–" : late],
    [w.factQuality, quality],
    [
      w.factPicture,
      shown === null ? "–" : w.qualityNow(shown.height, Math.round(shown.fps), bitrateWords(shown.bitrate)),
    ],
    [w.factRoundTrip, ms(inside.connection.roundTripMs ?? shown?.roundTripMs)],
    [w.factLoss, shown === null ? "–" : `${(shown.loss * 100).toFixed(1)} %`],
    [w.factJitter, ms(shown?.jitterMs)],
    [w.factHeld, ms(shown?.heldMs)],
    [w.factWay, connectionWords(connection, true, w)],
  ];
  return (
    <section className="network" aria-label={w.network}>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function useQuality(inside: Inside): string {
  const w = useWords();
  const playback = useValue(inside.playback.state);
  const reason = useValue(inside.playback.reason);
  const layer = playback.kind === "playing" ? playback.layer : null;
  if (layer === null) return "–";
  const because = reason === null ? "" : layerWords(layer, reason, w);
  return `${layer === "high" ? w.qualityHigh : w.qualityLow}${because === "" ? "" : ` (${because})`}`;
}
