import { describe, expect, it } from "vitest";
import { pessimisticClock } from "./clock";

describe("the pessimistic clock", () => {
  const make = () => {
    const time = { monotonic: 1_000, wall: 1_763_856_000_000 };
    return {
      time,
      now: pessimisticClock(
        () => time.monotonic,
        () => time.wall,
      ),
    };
  };

  it("counts a sleep in which the monotonic clock stood still", () => {
    const { time, now } = make();
    time.wall += 60_000;
    expect(now()).toBe(60_000);
  });

  it("goes on when the wall clock is set back", () => {
    const { time, now } = make();
    time.wall -= 3_600_000;
    time.monotonic += 500;
    expect(now()).toBe(500);
    time.wall += 500;
    time.monotonic += 500;
    expect(now()).toBe(1_000);
  });

  it("never runs backwards", () => {
    const { time, now } = make();
    time.monotonic += 10;
    const before = now();
    time.monotonic -= 5;
    time.wall -= 5;
    expect(now()).toBe(before);
  });
});
