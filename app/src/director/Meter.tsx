// The sound of one picture, and where it matters its frames: bars that need no reading, figures for those who look.

import type { Level } from "../contract/desktop";
import { useValue } from "../ui/use";
import { usePictures, useWords } from "./context";

/** The softest that is drawn, in dBFS. */
const FLOOR = -60;

/** A picture's meter. */
export function Meter({ of }: { readonly of: number | "programme" | "preview" }) {
  const w = useWords();
  const figures = useValue(usePictures().figures);
  if (figures === null || of === "preview") return null;
  const own = figures.sources.find((one) => one.source === of);
  const level = of === "programme" ? figures.programme : own?.level;
  return (
    <span className="meter">
      {level !== undefined && <Bar level={level} />}
      {own !== undefined && (
        <span className="meter-frames">
          {w.perSecond(own.frames_per_second)}
          {own.drop_outs > 0 && <em>{w.dropOuts(own.drop_outs)}</em>}
        </span>
      )}
    </span>
  );
}

function Bar({ level }: { readonly level: Level }) {
  const part = (db: number) => `${Math.max(0, Math.min(100, ((db - FLOOR) / -FLOOR) * 100))}%`;
  return (
    <span className="bar" data-hot={level.peak > -3}>
      <i style={{ width: part(level.rms) }} />
      <b style={{ left: part(level.peak) }} />
    </span>
  );
}
