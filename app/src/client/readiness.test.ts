import { beforeEach, describe, expect, it } from "vitest";
import type { Readiness } from "../contract/protocol";
import { type PhoneFacts, ReadinessReport, readinessOf } from "./readiness";
import { FakeWorld } from "./testing/world";
import { Value } from "./value";

const FACTS: PhoneFacts = {
  armed: { sound: "ready", vibration: "impossible" },
  lock: "held",
  visible: true,
  playback: { kind: "playing", layer: "high" },
  pictureOff: false,
  blocked: false,
  gauges: { stats: null, delay: null, stalledMs: 0, silentMs: 0 },
  roundTripMs: 31.4,
  connection: { kind: "open", way: "websocket" },
  lan: "proven",
  battery: null,
};

describe("the readiness of a phone", () => {
  it("says what cannot be had and what only waits for a tap", () => {
    const problem = { status: 406, code: "h264_missing", title: "", detail: "" };
    const told = readinessOf({ ...FACTS, playback: { kind: "refused", problem }, lock: "insecure" });
    expect([told.picture, told.screen, told.round_trip_ms]).toEqual(["impossible", "impossible", 31]);
    expect(readinessOf({ ...FACTS, blocked: true }).picture).toBe("blocked");
    expect(readinessOf({ ...FACTS, pictureOff: true, playback: { kind: "stopped" } }).picture).toBe("off");
    expect(readinessOf({ ...FACTS, connection: { kind: "open", way: "events" } }).second_way).toBe(true);
  });
});

describe("the report of it", () => {
  let world: FakeWorld;
  let facts: Value<PhoneFacts>;
  let told: Readiness[];

  beforeEach(async () => {
    world = new FakeWorld();
    facts = new Value(FACTS);
    told = [];
    new ReadinessReport(world, [facts], facts.get, (readiness) => told.push(readiness));
    await world.advance(1_000);
  });

  it("tells a change of kind at once and the same thing once", async () => {
    expect(told).toHaveLength(1);
    facts.set({ ...FACTS, visible: false });
    await world.advance(1_000);
    facts.set({ ...FACTS, visible: false });
    await world.advance(1_000);
    expect(told.map(({ visible }) => visible)).toEqual([true, false]);
  });

  it("tells figures at most each ten seconds", async () => {
    for (let trip = 40; trip < 70; trip += 1) {
      facts.set({ ...FACTS, roundTripMs: trip });
      await world.advance(1_000);
    }
    expect(told).toHaveLength(4);
  });

  it("tells everything again on a new connection", async () => {
    facts.set({ ...FACTS, connection: { kind: "waiting", problem: null } });
    await world.advance(1_000);
    facts.set(FACTS);
    await world.advance(1_000);
    expect(told).toHaveLength(2);
  });
});
