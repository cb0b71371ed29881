import { describe, expect, it } from "vitest";
import { bitrate, ms, percent, span, whole } from "./figures";

describe("figures", () => {
  it("have no more digits than were measured", () => {
    expect([0, 0.0004, 0.0125, 0.03, 0.25, 1].map(percent)).toEqual([
      "0 %",
      "0.0 %",
      "1.3 %",
      "3.0 %",
      "25 %",
      "100 %",
    ]);
    expect([ms(41.5), bitrate(0), bitrate(1_060_000), whole(3), whole(2.5)]).toEqual([
      "42 ms",
      "0",
      "1.1 Mbps",
      "3",
      "",
    ]);
  });

  it("say a span in the largest unit", () => {
    expect([0, 59_999, 60_000, 3_600_000, 5_460_000].map(span)).toEqual([
      "0 s",
      "59 s",
      "1 min",
      "1 h 0 min",
      "1 h 31 min",
    ]);
  });
});
