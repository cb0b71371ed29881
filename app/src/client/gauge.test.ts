import { describe, expect, it } from "vitest";
import { Gauge, median } from "./gauge";
import { between, readReport } from "./stats";
import { FakePeer } from "./testing/peer";
import { FakeWorld } from "./testing/world";

function report(second: number): Map<string, Record<string, unknown>> {
  return new Map([
    [
      "v",
      {
        type: "inbound-rtp",
        kind: "video",
        timestamp: second * 1000,
        framesDecoded: second * 60,
        bytesReceived: second * 120_000,
        headerBytesReceived: second * 5_000,
        packetsReceived: second * 99,
        packetsLost: second,
        freezeCount: 0,
        frameWidth: 640,
        frameHeight: 360,
      },
    ],
    ["dead", { type: "candidate-pair", state: "failed", nominated: false, currentRoundTripTime: 9 }],
    ["live", { type: "candidate-pair", state: "succeeded", nominated: true, currentRoundTripTime: 0.03 }],
  ]);
}

describe("the statistics", () => {
  it("are rates between two readings", () => {
    const [first, second] = [readReport(report(1)), readReport(report(2))];
    if (first === null || second === null) throw new Error("there is a picture in the report");
    expect(between(first, second)).toEqual({
      fps: 60,
      bitrate: 1_000_000,
      loss: 0.01,
      freezes: 0,
      width: 640,
      height: 360,
      roundTripMs: 30,
    });
  });

  it("are none where the counters began anew", () => {
    const [first, second] = [readReport(report(2)), readReport(report(1))];
    if (first === null || second === null) throw new Error("there is a picture in the report");
    expect(between(first, second)).toBeNull();
    expect(readReport(new Map())).toBeNull();
  });
});

describe("the gauge", () => {
  it("reads each second, and says the median delay of the frames that know their capture time", async () => {
    const world = new FakeWorld();
    const peer = new FakePeer();
    const gauge = new Gauge(world, () => peer as unknown as RTCPeerConnection);
    peer.report = report(1);
    for (const delay of [40, 41, 300])
      gauge.framed({ expectedDisplayTime: 1_000 + delay, captureTime: 1_000 });
    gauge.framed({ expectedDisplayTime: 1_000 });
    gauge.framed({ expectedDisplayTime: 1_000, captureTime: 2_000 });
    await world.advance(1_000);
    peer.report = report(2);
    await world.advance(1_000);
    expect(gauge.gauges.get().glassToGlassMs).toBe(41);
    expect(gauge.gauges.get().stats?.fps).toBe(60);
    gauge.stop();
  });

  it("knows no middle of nothing", () => {
    expect(median([])).toBeNull();
  });
});
