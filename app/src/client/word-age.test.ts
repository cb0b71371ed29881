import { beforeEach, describe, expect, it } from "vitest";
import { TALLY_FRESH_MS } from "../contract/protocol";
import { PONG, word } from "./testing/answers";
import { WordAge } from "./word-age";

/** The sender's count when this page's clock shows 0, in ms. */
const AHEAD_MS = 7_000_000;

describe("the age of a word", () => {
  let age: WordAge;
  /** A ping answered half way between its going and its return. */
  const ping = (heardMs: number, tookMs: number) =>
    age.answered({ ...PONG, run_us: (AHEAD_MS + heardMs - tookMs / 2) * 1000 }, tookMs, heardMs);
  const heard = (saidMs: number, heardMs: number, age_ms = 0) =>
    age.dated(word(1, "program", { age_ms, run_us: (AHEAD_MS + saidMs) * 1000 }), heardMs).age_ms;

  beforeEach(() => {
    age = new WordAge();
  });

  it("is what its sender said while the sender's count is not known", () => {
    expect(heard(0, 3_000, 120)).toBe(120);
    age.answered({ type: "pong", n: 1, unix_us: 5, capture_error_us: null }, 10, 0);
    expect(heard(0, 3_000, 120)).toBe(120);
  });

  it("counts the way that it stood on, and is never less than the truth", () => {
    ping(0, 40);
    expect(heard(100, 110, 5)).toBeGreaterThanOrEqual(15);
    expect(heard(100, 110, 5)).toBeLessThan(15 + 41);
    expect(heard(100, 3_100)).toBeGreaterThanOrEqual(3_000);
    expect(heard(100, 3_100)).toBeLessThan(3_041);
  });

  it("is what is certain where the count is known within a second only, so that no lamp goes out for a slow ping", () => {
    ping(2_000, 2_000);
    expect(heard(2_500, 2_600)).toBe(0);
    expect(heard(2_500, 6_500)).toBeGreaterThanOrEqual(TALLY_FRESH_MS);
    ping(8_000, 20);
    expect(heard(8_500, 8_600)).toBeGreaterThanOrEqual(100);
  });

  it("is its sender's where the word seems to come from later: a clock was set anew", () => {
    ping(0, 40);
    expect(heard(60_000, 100, 30)).toBe(30);
  });

  it("is its sender's where the sender does not date its words", () => {
    ping(0, 40);
    expect(age.dated(word(1, "program", { age_ms: 9 }), 3_000).age_ms).toBe(9);
  });
});
