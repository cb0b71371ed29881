import { beforeEach, describe, expect, it } from "vitest";
import { type LayerNow, readLayers, watchLayers } from "./layer-watch";
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
  const viewer = {
    url: `https://feed.test/whep/${JOINED.session.id}/v1`,
    layerUrl: "",
    eventsUrl: `https://feed.test${EVENTS}`,
    answer: "",
  };
  const watch = (offered: string | null = viewer.eventsUrl) =>
    watchLayers(
      { world, session: JOINED.session.id, token: "token" },
      { ...viewer, eventsUrl: offered },
      (now) => told.push(now),
    );

  beforeEach(() => {
    world = new FakeWorld();
    told = [];
    const answer = () => new Response(null, { status: 201, headers: { Location: `${EVENTS}/secret` } });
    world.answer(`POST ${EVENTS}`, answer);
  });

  it("comes with its reason, each time that it is told", async () => {
    watch();
    await world.settle();
    expect(world.called(`POST ${EVENTS}`)[0]?.body).toBe('["layers"]');
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
