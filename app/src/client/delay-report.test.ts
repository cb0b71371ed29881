import { describe, expect, it } from "vitest";
import type { Delay } from "../contract/protocol";
import { DelayReport } from "./delay-report";

const LATE = { ms: 38, error_ms: 4 };

describe("the report of the delay", () => {
  it("goes out when it becomes known, each 5 s, and when it becomes unknown", () => {
    const said: [number, Delay | null][] = [];
    let now = 0;
    const report = new DelayReport((delay) => said.push([now, delay]));
    for (; now < 14_000; now += 1_000) report.measured(now < 2_000 ? null : LATE, now);
    for (; now < 30_000; now += 1_000) report.measured(null, now);
    expect(said).toEqual([
      [2_000, LATE],
      [7_000, LATE],
      [12_000, LATE],
      [14_000, null],
    ]);
  });
});
