import { describe, expect, it } from "vitest";
import type { PlaybackState } from "./playback";
import { type Facts, type Scene, SceneFollower, sceneOf } from "./scene";
import { FakeWorld } from "./testing/world";
import { Value } from "./value";

const OPEN = { kind: "open", way: "websocket" } as const;
const PLAYING = { kind: "playing", layer: "high" } as const;
const HERE = { layers: ["high", "low"] } as const;
const LIVE = {
  session: "live",
  role: "viewer",
  playback: PLAYING,
  picture: { layers: [...HERE.layers] },
  connection: OPEN,
  everOpen: true,
  restarting: false,
  stalledMs: 0,
} satisfies Facts;

const waiting = (code: string): PlaybackState => ({
  kind: "waiting",
  problem: { status: 409, code, title: "", detail: "" },
});
const LOST = { kind: "waiting", problem: null } as const;

describe("what a viewer's screen shows", () => {
  const cases: [string, Partial<Facts>, Scene["kind"]][] = [
    ["the programme while it plays", {}, "live"],
    ["that it has not begun", { session: "open", playback: waiting("not_receiving") }, "before"],
    ["that it starts soon", { session: "rehearsal", playback: waiting("not_receiving") }, "rehearsal"],
    ["the rehearsal itself to who rehearses", { session: "rehearsal", role: "camera" }, "live"],
    ["that it is over, whatever else is true", { session: "ended", connection: LOST }, "ended"],
    ["that the server is full", { playback: waiting("server_full") }, "full"],
    [
      "that the director is gone, although the last frame stays",
      { picture: { layers: [] } },
      "director_lost",
    ],
    ["that the director has not come yet", { playback: waiting("no_publisher") }, "director_lost"],
    ["the programme while only the words are lost", { connection: LOST }, "live"],
    ["that the network is lost", { connection: LOST, stalledMs: 2_500 }, "network_lost"],
    [
      "that the network is lost while it is brought back",
      { connection: LOST, playback: { kind: "broken" } },
      "network_lost",
    ],
    [
      "that the network is lost even before the show",
      { connection: LOST, session: "open", playback: { kind: "broken" } },
      "network_lost",
    ],
    ["the programme until the server ends, as it said", { restarting: true }, "live"],
    [
      "that the server is being restarted, where it said so",
      { restarting: true, connection: LOST, stalledMs: 2_500 },
      "restarting",
    ],
    [
      "that the server is being restarted while the picture comes back",
      { restarting: true, playback: { kind: "broken" } },
      "restarting",
    ],
    ["that the picture alone is lost", { stalledMs: 2_500 }, "picture_lost"],
    ["that the picture is brought back", { playback: { kind: "healing", layer: "high" } }, "picture_lost"],
    [
      "that it opens, and no loss before anything stood",
      {
        connection: { kind: "connecting" },
        everOpen: false,
        picture: null,
        playback: { kind: "connecting" },
      },
      "opening",
    ],
  ];
  it.each(cases)("is %s", (_name, facts, kind) => {
    expect(sceneOf({ ...LIVE, ...facts }).kind).toBe(kind);
  });

  const follow = () => {
    const world = new FakeWorld();
    const facts = new Value<Facts>(LIVE);
    const follower = new SceneFollower(world, [facts], facts.get);
    return { world, facts, kind: () => follower.scene.get().kind };
  };

  it("does not blink while the picture is taken up again within a second", async () => {
    const { world, facts, kind } = follow();
    facts.set({ ...LIVE, playback: { kind: "connecting" } });
    await world.advance(999);
    expect(kind()).toBe("live");
    facts.set(LIVE);
    await world.advance(10_000);
    expect(kind()).toBe("live");
  });

  it("says it after a second, and the newest reason then", async () => {
    const { world, facts, kind } = follow();
    facts.set({ ...LIVE, playback: { kind: "healing", layer: "high" } });
    await world.advance(500);
    facts.set({ ...LIVE, playback: { kind: "healing", layer: "high" }, connection: LOST });
    await world.advance(500);
    expect(kind()).toBe("network_lost");
  });

  it("says at once what cannot pass by itself, and what is live again", () => {
    const { facts, kind } = follow();
    facts.set({ ...LIVE, picture: { layers: [] } });
    expect(kind()).toBe("director_lost");
    facts.set(LIVE);
    expect(kind()).toBe("live");
    facts.set({ ...LIVE, session: "ended" });
    expect(kind()).toBe("ended");
  });
});
