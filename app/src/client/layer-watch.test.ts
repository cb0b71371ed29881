import { beforeEach, describe, expect, it } from "vitest";
import { type LayerNow, readLayers, watchEvents } from "./layer-watch";
import { JOINED } from "./testing/answers";
import { FakeWorld } from "./testing/world";

const EVENTS = `/whep/${JOINED.session.id}/v1/events`;
const said = (reason: string, rid = "low") => ({
  "0": [
    { rid: "high", bitrate: 991_000 },
    { rid, bitrate: 99_000, selected: true, reason },
  ],
});

describe("the layer that this screen has", () => {
  let world: FakeWorld;
  let told: LayerNow[];
  let asked: string[];
  const viewer = {
    url: `https://feed.test/whep/${JOINED.session.id}/v1`,
    layerUrl: "",
    eventsUrl: `https://feed.test${EVENTS}`,
    answer: "",
  };
  const watch = (offered: string | null = viewer.eventsUrl) =>
    watchEvents(
      { world, session: JOINED.session.id, token: "token" },
      { ...viewer, eventsUrl: offered },
      { layer: (now) => told.push(now), reconnect: () => asked.push("again") },
    );

  beforeEach(() => {
    world = new FakeWorld();
    told = [];
    asked = [];
    const answer = () => new Response(null, { status: 201, headers: { Location: `${EVENTS}/secret` } });
    world.answer(`POST ${EVENTS}`, answer);
  });

  it("comes with its reason, each time that it is told", async () => {
    watch();
    await world.settle();
    expect(world.called(`POST ${EVENTS}`)[0]?.body).toBe('["layers","reconnect"]');
    expect(world.streams[0]?.url).toBe(`https://feed.test${EVENTS}/secret`);
    world.streams[0]?.emit("layers", said("loss"));
    world.streams[0]?.emit("layers", said("recovered", "high"));
    expect(told).toEqual([
      { layer: "low", reason: "loss" },
      { layer: "high", reason: "recovered" },
    ]);
  });

  it("is not told after the picture was left, also where the stream was still being opened", async () => {
    const stop = watch();
    stop();
    await world.settle();
    expect(world.streams).toHaveLength(0);
    const again = watch();
    await world.settle();
    again();
    world.streams[0]?.emit("layers", said("loss"));
    expect(world.streams[0]?.closed).toBe(true);
    expect(told).toEqual([]);
  });

  it("is not told any more once the server said to ask again, which it says once", async () => {
    watch();
    await world.settle();
    world.streams[0]?.emit("reconnect", {});
    expect(world.streams[0]?.closed).toBe(true);
    world.streams[0]?.emit("reconnect", {});
    world.streams[0]?.emit("layers", said("loss"));
    expect([asked, told]).toEqual([["again"], []]);
  });

  it("is not asked for where the server offers no events", async () => {
    watch(null);
    await world.settle();
    expect(world.calls).toEqual([]);
  });

  it("is unknown where nothing is selected, or what is said cannot be read", () => {
    for (const text of ["", "null", "3", "{}", '{"0": 7}', '{"0": [{"rid": "high"}]}', '{"0": [null]}'])
      expect(readLayers(text), text).toBeNull();
    expect(readLayers(JSON.stringify(said("loss", "ultra")))).toBeNull();
  });
});
