// Every plot of the page. Worst and median side by side: one bad phone must not look like a bad server.

import { useMemo } from "react";
import type { Layer, QualitySecond } from "../contract/protocol";
import { useWords } from "../ui/use";
import { bitrate, ms, percent, whole } from "./figures";
import { type Line, Plot } from "./Plot";

const HIGH = "#8ec5ff";
const LOW = "#ffc857";
const GREY = "#8b97a4";

/** All plots. */
export function Plots({ seconds }: { seconds: readonly QualitySecond[] }) {
  const w = useWords();
  const times = useMemo(() => seconds.map(({ at_ms }) => at_ms / 1000), [seconds]);
  const lines = useMemo(() => {
    const of = (name: string, colour: string, value: (second: QualitySecond) => number | null): Line => ({
      name,
      colour,
      values: seconds.map(value),
    });
    const push = (layer: Layer, value: (push: QualitySecond["pushes"][number]) => number | null) =>
      of(layer === "high" ? w.qualityHigh : w.qualityLow, layer === "high" ? HIGH : LOW, (second) => {
        const found = second.pushes.find((one) => one.layer === layer);
        return found === undefined ? null : value(found);
      });
    return {
      viewers: [
        { ...of(w.qualityHigh, HIGH, ({ viewers }) => viewers.high), stepped: true },
        { ...of(w.qualityLow, LOW, ({ viewers }) => viewers.low), stepped: true },
        { ...of(w.netWaiting, GREY, ({ viewers }) => viewers.waiting), stepped: true },
      ],
      loss: [
        of(w.netWorst, LOW, ({ loss }) => loss?.worst ?? null),
        of(w.netMedian, HIGH, ({ loss }) => loss?.median ?? null),
      ],
      rtt: [
        of(w.netWorst, LOW, ({ rtt_ms }) => rtt_ms?.worst ?? null),
        of(w.netMedian, HIGH, ({ rtt_ms }) => rtt_ms?.median ?? null),
      ],
      delay: [push("high", ({ delay_ms }) => delay_ms), push("low", ({ delay_ms }) => delay_ms)],
      ingest: [push("high", (one) => one.bitrate), push("low", (one) => one.bitrate)],
      lost: [push("high", ({ loss }) => loss), push("low", ({ loss }) => loss)],
    };
  }, [seconds, w]);

  return (
    <section className="plots" aria-label={w.netPlots}>
      <Plot title={w.netViewers} times={times} lines={lines.viewers} say={whole} least={4} />
      <Plot title={w.netLoss} times={times} lines={lines.loss} say={percent} least={0.05} />
      <Plot title={w.netRtt} times={times} lines={lines.rtt} say={ms} least={100} />
      <Plot title={w.netDelay} times={times} lines={lines.delay} say={ms} least={100} />
      <Plot title={w.netIngest} times={times} lines={lines.ingest} say={bitrate} least={1_200_000} />
      <Plot title={w.netIngestLoss} times={times} lines={lines.lost} say={percent} least={0.05} />
    </section>
  );
}
