import { describe, expect, it } from "vitest";
import { Gauge } from "./gauge";
import { between, readReport } from "./stats";
import { FakePeer } from "./testing/peer";
import { FakeWorld } from "./testing/world";

const UNIX_MS = 1_763_856_000_000;
const NTP_MS = UNIX_MS + 2_208_988_800_000;

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
        jitter: 0.004,
        jitterBufferDelay: second * 1.5,
        jitterBufferEmittedCount: second * 60,
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
      jitterMs: 4,
      heldMs: 25,
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
  it("reads each second, and says how late the frames are that know their capture time", async () => {
    const world = new FakeWorld();
    const peer = new FakePeer();
    peer.addTransceiver("video");
    const gauge = new Gauge(world, () => peer as unknown as RTCPeerConnection);
    peer.report = report(1);
    peer.capture = { rtpTimestamp: 9_000, captureTimestamp: NTP_MS };
    gauge.answered({ type: "pong", n: 1, unix_us: UNIX_MS * 1000, capture_error_us: 0 }, 0);
    for (const late of [40, 41, 300]) gauge.framed({ expectedDisplayTime: late, rtpTimestamp: 9_000 });
    await world.advance(1_000);
    peer.report = report(2);
    gauge.framed({ expectedDisplayTime: 1_041, rtpTimestamp: 99_000 });
    await world.advance(1_000);
    expect(gauge.gauges.get()).toMatchObject({
      stalledMs: 0,
      delay: { ms: 41, error_ms: 1 },
      stats: { fps: 60 },
    });
    await world.advance(3_000);
    expect(gauge.gauges.get().stalledMs).toBe(3_000);
    gauge.stop();
  });

  it("knows within a quarter of a second how long no packet has come for a picture that stands still", async () => {
    const world = new FakeWorld();
    const peer = new FakePeer();
    peer.addTransceiver("video");
    const gauge = new Gauge(world, () => peer as unknown as RTCPeerConnection);
    peer.report = report(1);
    await world.advance(1_000);
    await world.advance(900);
    gauge.framed({ expectedDisplayTime: 1_900, rtpTimestamp: 9_000 });
    // The reading each second comes right after the last picture, whose packets it counts.
    peer.report = report(3);
    await world.advance(100);
    // The last packet came 100 ms after it.
    const silent = (ms: number) => {
      const read = report(3);
      read.set("v", { ...read.get("v"), timestamp: 2_000, lastPacketReceivedTimestamp: 2_000 - ms });
      return read;
    };
    peer.report = silent(400);
    await world.advance(500);
    expect(gauge.gauges.get().silentMs).toBe(400);
    peer.report = silent(650);
    await world.advance(250);
    expect(gauge.gauges.get().silentMs).toBe(650);
    gauge.stop();
  });

  it("reads each second alone where packets come and nobody sees the picture", async () => {
    const world = new FakeWorld();
    const peer = new FakePeer();
    peer.addTransceiver("video");
    const gauge = new Gauge(world, () => peer as unknown as RTCPeerConnection);
    let readings = 0;
    let packets = 0;
    peer.getStats = async () => {
      readings += 1;
      const read = report(2);
      packets += 50;
      const counted = { packetsReceived: packets, timestamp: 1, lastPacketReceivedTimestamp: 1 };
      read.set("v", { ...read.get("v"), ...counted });
      return read;
    };
    gauge.framed({ expectedDisplayTime: 0, rtpTimestamp: 9_000 });
    await world.advance(10_000);
    expect(readings).toBeLessThanOrEqual(11);
    gauge.stop();
  });
});
