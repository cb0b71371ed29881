import { beforeEach, describe, expect, it } from "vitest";
import { Glass, median } from "./glass";

const UNIX_MS = 1_763_856_000_000; // of the cloud, when this page's frame times are 0
const PONG = { unix_us: (UNIX_MS + 997) * 1000, capture_error_us: 1_500 };

describe("the delay from glass to glass", () => {
  let glass: Glass;
  /** A frame captured at `at` and seen `late` ms later. */
  const frame = (at: number, late: number) =>
    glass.framed({ rtpTimestamp: (4_294_967_000 + at * 90) % 2 ** 32, expectedDisplayTime: at + late });
  const capture = { rtpTimestamp: 4_294_967_000, unixMs: UNIX_MS };

  beforeEach(() => {
    glass = new Glass();
    glass.answered(PONG, 6, 1_000);
  });

  it("is the median of the last second's frames, over a wrap of their RTP timestamps", () => {
    for (let n = 0; n < 90; n += 1) frame(n * 16, n === 80 ? 300 : 38);
    glass.captured(capture);
    expect(glass.delay(1_500)).toEqual({ ms: 38, error_ms: 5 });
  });

  it("is unknown where nobody knows the director's clock", () => {
    frame(0, 38);
    glass.captured(capture);
    glass.answered({ ...PONG, capture_error_us: null }, 6, 1_000);
    expect(glass.delay(1_500)).toBeNull();
  });

  it("is unknown where the browser hands out no capture times", () => {
    frame(0, 38);
    glass.captured(null);
    expect(glass.delay(1_500)).toBeNull();
  });

  it("is unknown when no picture was presented since the last look", () => {
    frame(0, 38);
    glass.captured(capture);
    expect(glass.delay(1_500)).not.toBeNull();
    glass.captured(capture);
    expect(glass.delay(2_500)).toBeNull();
  });

  it("knows no middle of nothing", () => {
    expect(median([])).toBeNull();
  });
});
