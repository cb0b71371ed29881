import { describe, expect, it } from "vitest";
import { ServerClock } from "./server-clock";

const UNIX_MS = 1_763_856_000_000;

describe("the cloud's clock", () => {
  it("is taken from the fastest answer, and the truth is within its error", () => {
    const clock = new ServerClock();
    // The truth: the cloud's clock shows UNIX_MS when this page's shows 0.
    for (const [out, back, at] of [
      [40, 3, 1_000],
      [4, 2, 3_000],
      [1, 90, 5_000],
    ] as const)
      clock.handleAnswer(out + back, at + out + back, (UNIX_MS + at + out) * 1000);
    const offset = clock.offset(6_000);
    expect(offset?.errorMs).toBeCloseTo(3.3, 2);
    expect(Math.abs((offset?.aheadMs ?? 0) - UNIX_MS)).toBeLessThanOrEqual(offset?.errorMs ?? 0);
  });

  it("is known ever less surely while nobody answers", () => {
    const clock = new ServerClock();
    clock.handleAnswer(10, 0, UNIX_MS * 1000);
    expect(clock.offset(60_000)?.errorMs).toBeCloseTo(11);
  });

  it("is believed anew at once when it was set, or this device slept", () => {
    const clock = new ServerClock();
    for (let n = 0; n < 20; n += 1) clock.handleAnswer(1, n * 2_000, (UNIX_MS + n * 2_000) * 1000);
    clock.handleAnswer(80, 40_000, (UNIX_MS + 70_000) * 1000);
    expect(clock.offset(40_000)).toEqual({ aheadMs: UNIX_MS + 30_040, errorMs: 40 });
  });

  it("is unknown before the first answer", () => {
    expect(new ServerClock().offset(0)).toBeNull();
  });
});
