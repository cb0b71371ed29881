// What two answers of the server tell together. Pure.

import type { HostNow } from "../contract/protocol";

/** How busy one core was with the server between two answers, in percent; null where that cannot be told. */
export function load(before: HostNow, now: HostNow): number | null {
  const passed = now.at - before.at;
  if (passed <= 0 || before.process === null || now.process === null) return null;
  const worked = now.process.cpu_ms - before.process.cpu_ms;
  return worked < 0 ? null : (100 * worked) / passed; // less than before: it has started anew
}

/** Bytes as people read them. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}
