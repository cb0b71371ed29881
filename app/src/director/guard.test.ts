import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ARMED_MS, Guard } from "./guard";

const world = {
  now: () => performance.now(),
  after: (ms: number, run: () => void) => {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
};

describe("a guarded press", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is done by the second press", () => {
    const guard = new Guard(world);
    expect(guard.press()).toBe(false);
    expect(guard.armed.get()).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(guard.press()).toBe(true);
    expect(guard.armed.get()).toBe(false);
  });

  it("is not done by a double click", () => {
    const guard = new Guard(world);
    guard.press();
    vi.advanceTimersByTime(120);
    expect(guard.press()).toBe(false);
    expect(guard.armed.get()).toBe(true);
  });

  it("is forgotten after some seconds", () => {
    const guard = new Guard(world);
    guard.press();
    vi.advanceTimersByTime(ARMED_MS);
    expect(guard.armed.get()).toBe(false);
    expect(guard.press()).toBe(false);
  });
});
