// The client as a whole, on a cloud that says what a real one says.

import { beforeEach, describe, expect, it } from "vitest";
import type { PageToCloud } from "../contract/protocol";
import type { Inside } from "./inside";
import { ReturnFeed } from "./return-feed";
import { answered, JOINED, json, PONG, problem, WELCOME, word } from "./testing/answers";
import { FakeWorld, memory } from "./testing/world";

const WHEP = `POST /whep/${JOINED.session.id}`;

describe("an operator's page", () => {
  let world: FakeWorld;
  let feed: ReturnFeed;
  const inside = (): Inside => {
    const one = feed.inside.get();
    if (one === null) throw new Error("the page has not joined");
    return one;
  };
  const socket = () => {
    const one = world.sockets.at(-1);
    if (one === undefined) throw new Error("there is no socket");
    return one;
  };
  const said = (type: PageToCloud["type"]) => socket().said.filter((message) => message.type === type);

  beforeEach(async () => {
    world = new FakeWorld();
    world.answer("POST /api/join", () => json(JOINED, 201));
    world.answer("GET /api/me", () => json(JOINED));
    world.answer("POST /api/tickets", () => json({ ticket: "t" }, 201));
    world.answer("POST /api/me/place", ({ body }) => {
      const { camera = null } = JSON.parse(body) as { camera?: number };
      return json({ place: { name: "", camera, asks: null, asked_by: [] }, taken_by: [] });
    });
    world.answer(WHEP, answered());
    world.answer(`DELETE /whep/${JOINED.session.id}/v1`, () => new Response(null));
    feed = new ReturnFeed({ world, code: "K7QM4XTP", tab: memory(), device: memory() });
    await world.settle();
    feed.member.accept();
    await world.settle();
    socket().open();
    socket().hear(WELCOME);
  });

  const follow = async (camera: number) => {
    inside().follow(camera);
    await world.settle();
  };

  it("follows a camera, shows its lamp, and says what it shows", async () => {
    await follow(1);
    socket().hear(word(3, "program"));
    inside().painted(inside().tally.get());
    expect(said("shown")).toEqual([{ type: "shown", epoch: 1, seq: 3, camera: 1, tally: "program" }]);
  });

  it("says unknown of the last word when it has grown stale", async () => {
    await follow(1);
    socket().hear(word(3, "program"));
    await world.advance(2_500);
    inside().painted(inside().tally.get());
    expect(said("shown")).toEqual([{ type: "shown", epoch: 1, seq: 3, camera: 1, tally: "unknown" }]);
  });

  it("shows unknown of a word that stood in a tunnel, however young it was when it was sent", async () => {
    await follow(1);
    const ping = socket().said.find((message) => message.type === "ping");
    socket().hear({ ...PONG, n: ping?.type === "ping" ? ping.n : 0, run_us: 50_000_000 });
    await world.advance(3_000); // the word goes out at once, its director dies, and TCP keeps it
    socket().hear(word(3, "program", { run_us: 50_000_000 }));
    expect(inside().tally.get()).toMatchObject({ tally: "unknown", why: { code: "stale" } });
    socket().hear(word(4, "program", { run_us: 52_900_000 }));
    expect(inside().tally.get().tally).toBe("program");
    await world.advance(2_400);
    expect(inside().tally.get().tally).toBe("unknown");
  });

  it("tells the director at once that nobody looks any more", async () => {
    await follow(1);
    socket().hear(word(3, "program"));
    feed.hidden();
    expect(said("shown").at(-1)).toMatchObject({ tally: "unknown" });
    feed.seen();
    expect(inside().tally.get().tally).toBe("program");
  });

  it("comes back as the camera that the cloud knows it by, and says its own only where the cloud does not", async () => {
    await follow(4);
    socket().fall();
    await world.advance(300);
    socket().open();
    expect(said("hello")).toMatchObject([{ type: "hello", protocol: 1, camera: null }]);
    expect(inside().tally.get().camera).toBe(4);
    socket().hear(WELCOME);
    world.answer("POST /api/me/place", problem(503, "storage_busy"));
    await follow(5);
    expect(said("follow")).toEqual([{ type: "follow", camera: 5 }]);
    socket().fall();
    await world.advance(300);
    socket().open();
    expect(said("hello")).toMatchObject([{ type: "hello", protocol: 1, camera: 5 }]);
  });

  it("is out when the director says so: nothing is tried any more", async () => {
    socket().hear({ type: "bye", problem: { status: 403, code: "removed", title: "Out", detail: "Ask." } });
    await world.advance(60_000);
    expect(feed.member.state.get()).toMatchObject({ kind: "out", problem: { code: "removed" } });
    expect(feed.inside.get()).toBeNull();
    expect(world.called("POST /api/join")).toHaveLength(1);
  });

  it("plays as soon as the picture comes, without waiting for the next try", async () => {
    feed.left();
    world.answer(WHEP, problem(409, "no_publisher", { "Retry-After": "30" }), answered()());
    feed.returned();
    await world.settle();
    expect(inside().playback.state.get().kind).toBe("waiting");
    socket().open();
    socket().hear({ type: "picture", picture: { layers: ["high"] } });
    socket().hear({ ...WELCOME, picture: { layers: [] } });
    socket().hear({ type: "picture", picture: { layers: ["high"] } });
    await world.settle();
    world.peers.at(-1)?.become("connected");
    expect(inside().playback.state.get().kind).toBe("playing");
  });

  it("stops the picture when the session has ended, and says so", () => {
    socket().hear({ type: "session", session: { ...JOINED.session, state: "ended" } });
    expect(inside().playback.state.get().kind).toBe("stopped");
    expect(inside().session.get().state).toBe("ended");
  });

  it("joins again by itself when its token is refused", async () => {
    world.answer("POST /api/tickets", problem(401, "token_expired"), json({ ticket: "t" }, 201));
    socket().fall();
    await world.advance(600);
    expect(world.called("POST /api/join")).toHaveLength(2);
    expect(feed.member.state.get().kind).toBe("joined");
  });

  it("does not hammer a cloud that refuses every token it gives", async () => {
    world.answer("POST /api/tickets", problem(401, "token_invalid"));
    socket().fall();
    await world.advance(60_000);
    expect(world.called("POST /api/join").length).toBeLessThan(20);
  });

  it("joins again when the picture is what tells that the token has expired", async () => {
    world.answer(WHEP, problem(401, "token_expired"), answered()());
    world.peers.at(-1)?.become("failed");
    await world.advance(600);
    expect(world.called("POST /api/join")).toHaveLength(2);
  });

  it("begins ICE anew where the picture stopped although the cloud is heard, and not while the network is silent", async () => {
    const peer = world.peers.at(-1);
    peer?.become("connected");
    peer?.report.set("v", { type: "inbound-rtp", kind: "video", packetsReceived: 9 });
    const answering = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        await world.advance(1_000);
        const ping = socket().said.findLast((message) => message.type === "ping");
        if (ping?.type === "ping") socket().hear({ ...PONG, n: ping.n });
      }
    };
    await answering(1);
    const restarts = () => world.calls.filter(({ method }) => method === "PATCH").length;
    await world.advance(3_500); // nothing is heard of anybody
    expect(restarts()).toBe(0);
    await answering(2);
    expect(restarts()).toBeGreaterThan(0);
  });

  it("asks for the low layer on a device that saves data, also after a reload", async () => {
    const device = memory();
    const enter = async () => {
      world.answer("POST /api/join", () => json({ ...JOINED, role: "viewer" }, 201));
      feed = new ReturnFeed({ world, code: "9HDR2WVN", tab: memory(), device });
      await world.settle();
      feed.member.accept();
      await world.settle();
      world.peers.at(-1)?.become("connected");
    };
    world.answer(`POST /whep/${JOINED.session.id}/v1/layer`, () => new Response(null, { status: 204 }));
    await enter();
    expect(world.calls.at(-1)?.path).not.toContain("layer=low");
    expect(await inside().saveData(true)).toBeNull();
    feed.left();
    await enter();
    expect(world.calls.some(({ path }) => path.endsWith("?layer=low"))).toBe(true);
    expect(inside().saving.get()).toBe(true);
  });

  it("leaves nothing running behind", async () => {
    feed.left();
    const before = world.calls.length;
    await world.advance(60_000);
    expect(world.calls).toHaveLength(before);
    expect(socket().closed).toBe(true);
  });
});
