// The last minutes of the push's figures, for small plots. Pure.

import type { Push, Way } from "../contract/desktop";

/** Figures that are kept: ten minutes, one each ten seconds. */
const KEPT = 60;

/** One layer's figures, the newest last. */
export interface Past {
  /** Of the newest figures. */
  readonly paths: number;
  readonly ways: readonly Way[];
}

/** What was known, with what is new. A push that begins anew begins a new past. */
export function grown(past: ReadonlyMap<string, Past>, pushes: readonly Push[]): ReadonlyMap<string, Past> {
  return new Map(
    pushes.map((push) => {
      const known = past.get(push.layer) ?? { paths: 0, ways: [] };
      const begun = push.paths < known.paths ? { paths: 0, ways: [] } : known;
      if (push.path === null || push.paths === begun.paths) return [push.layer, begun];
      return [push.layer, { paths: push.paths, ways: [...begun.ways, push.path].slice(-KEPT) }];
    }),
  );
}

/** Points of a line in a box, the newest at its right; the value at its top. */
export function line(values: readonly number[], least: number, width: number, height: number): string {
  const top = Math.max(least, ...values);
  return values
    .map((value, i) => {
      const x = width - ((values.length - 1 - i) * width) / (KEPT - 1);
      return `${x.toFixed(1)},${(height - (value / top) * height).toFixed(1)}`;
    })
    .join(" ");
}
