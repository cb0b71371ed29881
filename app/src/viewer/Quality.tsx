// High or low, and what the server really gives: its height, rate and cost are measured here, not promised.

import { useState } from "react";
import type { Inside } from "../client/inside";
import type { Layer, Problem } from "../contract/protocol";
import { bitrateWords, problemWords } from "../ui/sentences";
import { useValue, useWords } from "../ui/use";

const LAYERS: readonly Layer[] = ["high", "low"];

/** The choice of layer. */
export function Quality({ inside }: { inside: Inside }) {
  const w = useWords();
  const playback = useValue(inside.playback.state);
  const picture = useValue(inside.picture);
  const { stats } = useValue(inside.gauge.gauges);
  const [refused, setRefused] = useState<Problem | null>(null);
  const given = playback.kind === "playing" ? playback.layer : null;
  const forbidden = (layer: Layer) => layer === "high" && inside.me.max_layer === "low";
  const absent = (layer: Layer) => picture !== null && !picture.layers.includes(layer);
  const choose = async (layer: Layer) => setRefused(await inside.playback.choose(layer));

  return (
    <div className="quality">
      <div className="choice" role="radiogroup" aria-label={w.quality}>
        {LAYERS.map((layer) => (
          // biome-ignore lint/a11y/useSemanticElements: a segmented control, drawn as one
          <button
            key={layer}
            type="button"
            role="radio"
            aria-checked={given === layer}
            className="button"
            disabled={given === null || forbidden(layer) || absent(layer)}
            onClick={() => void choose(layer)}
          >
            {layer === "high" ? w.qualityHigh : w.qualityLow}
          </button>
        ))}
      </div>
      <p className="quality-now">
        {refused !== null && `${problemWords(refused, w).title} `}
        {refused === null && forbidden("high") && `${w.qualityForbidden} `}
        {stats !== null &&
          stats.height > 0 &&
          w.qualityNow(stats.height, Math.round(stats.fps), bitrateWords(stats.bitrate))}
      </p>
    </div>
  );
}
