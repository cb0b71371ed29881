import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff";

describe("the wait before the next try", () => {
  it("doubles, and stays below what a person takes for dead", () => {
    const backoff = new Backoff(() => 1);
    const waits = Array.from({ length: 7 }, () => backoff.next(true));
    expect(waits).toEqual([300, 600, 1_200, 2_400, 4_800, 5_000, 5_000]);
  });

  it("stays below two seconds for a minute where nobody is reached, and not for ever", () => {
    const backoff = new Backoff(() => 1);
    const waits = Array.from({ length: 60 }, () => backoff.next(false));
    expect(Math.max(...waits.slice(0, 50))).toBe(1_600);
    expect(waits.slice(0, 50).reduce((a, b) => a + b)).toBeGreaterThan(60_000);
    expect(waits.at(-1)).toBe(5_000);
  });

  it("scatters those who lost the same server over half of the wait", () => {
    const waits = [0, 0.5, 0.999].map((chance) => new Backoff(() => chance).next(false));
    expect(waits.map(Math.round)).toEqual([150, 225, 300]);
  });
});
