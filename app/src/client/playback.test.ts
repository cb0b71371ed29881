import { beforeEach, describe, expect, it } from "vitest";
import type { Layer, LayerReason } from "../contract/protocol";
import { Playback } from "./playback";
import { ANSWER, answered, FRAGMENT, JOINED, problem } from "./testing/answers";
import { OFFER } from "./testing/peer";
import { FakeWorld } from "./testing/world";

const WHEP = `POST /whep/${JOINED.session.id}`;
const VIEWER = `/whep/${JOINED.session.id}/v1`;
const EVENTS = `${VIEWER}/events`;

describe("playback", () => {
  let world: FakeWorld;
  let playback: Playback;
  const state = () => playback.state.get();
  const peer = (n: number) => {
    const one = world.peers[n];
    if (one === undefined) throw new Error(`there is no peer ${n}`);
    return one;
  };
  const play = async () => {
    playback.start();
    await world.settle();
    peer(0).become("connected");
    await world.settle();
  };
  /** The server says which layer goes out, and why. */
  const tells = (layer: Layer, reason: LayerReason) =>
    world.streams.at(-1)?.emit("layers", { "1": [{ rid: layer, selected: true, reason }] });

  beforeEach(() => {
    world = new FakeWorld();
    world.answer(WHEP, answered());
    world.answer(`DELETE ${VIEWER}`, () => new Response(null));
    world.answer(`POST ${VIEWER}/layer`, () => new Response(null, { status: 204 }));
    world.answer(`PATCH ${VIEWER}`, () => new Response(FRAGMENT));
    world.answer(
      `POST ${EVENTS}`,
      () => new Response(null, { status: 201, headers: { Location: `${EVENTS}/s` } }),
    );
    playback = new Playback({ world, session: JOINED.session.id, token: "token" });
  });

  it("offers, takes the answer, plays, and knows no layer before the server tells it", async () => {
    await play();
    expect(world.called(WHEP)[0]).toMatchObject({ body: OFFER });
    expect(world.called(WHEP)[0]?.headers.get("Authorization")).toBe("Bearer token");
    expect(world.called(WHEP)[0]?.headers.get("Content-Type")).toBe("application/sdp");
    expect(peer(0).remote).toBe(ANSWER);
    expect(state()).toEqual({ kind: "playing", layer: null });
    expect(playback.stream.get()).not.toBeNull();
    tells("high", "starting");
    expect(state()).toEqual({ kind: "playing", layer: "high" });
  });

  it("asks for no jitter buffer on the picture and leaves the sound alone", async () => {
    await play();
    expect(peer(0).receivers).toEqual([
      { kind: "video", jitterBufferTarget: 0 },
      { kind: "audio", jitterBufferTarget: null },
    ]);
  });

  it("waits for the director as long as the server says, then asks again", async () => {
    world.answer(WHEP, problem(409, "no_publisher", { "Retry-After": "3" }), answered()());
    playback.start();
    await world.settle();
    expect(state()).toMatchObject({ kind: "waiting", problem: { code: "no_publisher" } });
    expect(peer(0).closed).toBe(true);
    await world.advance(2_999);
    expect(world.called(WHEP)).toHaveLength(1);
    await world.advance(1);
    expect(world.called(WHEP)).toHaveLength(2);
  });

  it("asks at once when the cloud tells that a picture came", async () => {
    world.answer(WHEP, problem(409, "no_publisher", { "Retry-After": "30" }), answered()());
    playback.start();
    await world.settle();
    playback.nudge();
    await world.settle();
    peer(1).become("connected");
    expect(state().kind).toBe("playing");
  });

  it("does not press a server whose show has not begun", async () => {
    world.answer(WHEP, problem(403, "not_receiving"));
    playback.start();
    await world.advance(60_000);
    expect(world.called(WHEP)).toHaveLength(5);
  });

  it("is not disturbed by a nudge while it plays", async () => {
    await play();
    playback.nudge();
    await world.settle();
    expect(world.peers).toHaveLength(1);
  });

  it("restarts ICE on the same viewer session when the network leaves it, and keeps what was seen last", async () => {
    await play();
    tells("high", "starting");
    peer(0).become("disconnected");
    expect(state()).toEqual({ kind: "healing", layer: "high" });
    await world.settle();
    expect(world.called(`PATCH ${VIEWER}`)[0]?.body).toContain("a=ice-ufrag:fresh");
    expect(world.called(`PATCH ${VIEWER}`)[0]?.headers.get("If-Match")).toBe("*");
    expect(peer(0).remote).toContain("a=ice-ufrag:server2");
    expect(playback.stream.get()).not.toBeNull();
    peer(0).become("connected");
    await world.advance(60_000);
    expect(state()).toEqual({ kind: "playing", layer: "high" });
    expect(world.peers).toHaveLength(1);
    expect(world.called(WHEP)).toHaveLength(1);
  });

  it("does not disturb a connection that heals by itself while the cloud cannot be reached", async () => {
    await play();
    world.answer(`PATCH ${VIEWER}`, new TypeError("no network"));
    peer(0).become("disconnected");
    await world.advance(5_000);
    expect(peer(0).remote).toBe(ANSWER);
    peer(0).become("connected");
    const tries = world.called(`PATCH ${VIEWER}`).length;
    await world.advance(60_000);
    expect(world.called(`PATCH ${VIEWER}`)).toHaveLength(tries);
    expect(state().kind).toBe("playing");
  });

  it("tries at once when the network returns, not at the end of a wait", async () => {
    await play();
    world.answer(`PATCH ${VIEWER}`, new TypeError("no network"));
    peer(0).become("disconnected");
    await world.advance(8_000);
    world.answer(`PATCH ${VIEWER}`, () => new Response(FRAGMENT));
    await world.advance(600); // in the middle of a wait of 1.6 s
    playback.nudge();
    await world.settle();
    expect(peer(0).remote).toContain("server2");
  });

  it("begins anew when the server has forgotten the viewer session", async () => {
    await play();
    world.answer(`PATCH ${VIEWER}`, problem(404, "viewer_not_found"));
    peer(0).become("failed");
    await world.settle();
    expect(world.peers).toHaveLength(2);
    expect(world.called(WHEP)).toHaveLength(2);
  });

  it("begins anew without asking when the network was gone longer than the server waits", async () => {
    await play();
    world.answer(`PATCH ${VIEWER}`, new TypeError("no network"));
    world.answer(WHEP, new TypeError("no network"));
    peer(0).become("disconnected");
    await world.advance(30_000);
    expect(state().kind).toBe("broken");
    world.answer(WHEP, answered());
    const before = world.peers.length;
    playback.nudge();
    await world.settle();
    peer(before).become("connected");
    expect(state().kind).toBe("playing");
  });

  it("is back on the air within two seconds of a network whose return nobody tells", async () => {
    await play();
    world.answer(`PATCH ${VIEWER}`, new TypeError("no network"));
    world.answer(WHEP, new TypeError("no network"));
    peer(0).become("failed");
    await world.advance(30_000);
    world.answer(WHEP, answered());
    await world.advance(1_600);
    expect(state().kind).toBe("connecting");
    world.peers.at(-1)?.become("connected");
    expect(state().kind).toBe("playing");
  });

  it("begins anew where an agreed restart leads nowhere", async () => {
    await play();
    peer(0).become("disconnected");
    await world.advance(3_000);
    expect(world.peers).toHaveLength(2);
  });

  it("begins ICE anew where nothing arrives although the cloud is heard, and plays on once it does", async () => {
    await play();
    playback.flows();
    playback.stalled();
    await world.settle();
    expect(world.called(`PATCH ${VIEWER}`)).toHaveLength(1);
    expect(state().kind).toBe("healing");
    playback.flows();
    expect(state().kind).toBe("playing");
    await world.advance(10_000);
    expect(world.peers).toHaveLength(1);
  });

  it("begins the viewer session anew where nothing arrives after that either", async () => {
    await play();
    playback.stalled();
    await world.advance(3_000);
    expect(world.peers).toHaveLength(2);
    expect(world.called(`DELETE ${VIEWER}`)).toHaveLength(1);
  });

  it("replaces a try that hangs on a network that is gone, and leaves one alone that has just begun", async () => {
    world.answer(WHEP, new Promise<Response>(() => {}), answered()());
    playback.start();
    await world.settle();
    playback.nudge();
    expect(world.peers).toHaveLength(1);
    await world.advance(1_000);
    playback.nudge();
    await world.settle();
    expect(world.peers).toHaveLength(2);
    // What the cloud has answered is not thrown away, however long it takes to connect.
    await world.advance(1_000);
    playback.nudge();
    await world.settle();
    expect(world.peers).toHaveLength(2);
  });

  it("does not wait for ever for a connection", async () => {
    playback.start();
    await world.advance(10_000);
    expect(state().kind).toBe("broken");
  });

  it("says once and for all that this browser cannot play it", async () => {
    world.answer(WHEP, problem(406, "h264_missing"));
    playback.start();
    await world.advance(60_000);
    expect(state()).toMatchObject({ kind: "refused", problem: { code: "h264_missing" } });
    expect(world.called(WHEP)).toHaveLength(1);
  });

  it("asks for a layer, and has it when the server says so", async () => {
    await play();
    tells("high", "starting");
    expect(await playback.choose("low")).toBeNull();
    expect(world.called(`POST ${VIEWER}/layer`)[0]?.body).toBe('{"rid":"low"}');
    expect(state()).toEqual({ kind: "playing", layer: "high" });
    tells("low", "chosen");
    expect(state()).toEqual({ kind: "playing", layer: "low" });
  });

  it("keeps the layer it has when another is refused, and hands over the reason", async () => {
    await play();
    tells("high", "starting");
    world.answer(`POST ${VIEWER}/layer`, problem(409, "layer_absent"));
    expect(await playback.choose("high")).toMatchObject({ code: "layer_absent" });
    expect(state()).toEqual({ kind: "playing", layer: "high" });
  });

  it("shows the layer that the server moves it to, and why, until it is left", async () => {
    await play();
    tells("low", "bandwidth");
    expect(state()).toEqual({ kind: "playing", layer: "low" });
    expect(playback.reason.get()).toBe("bandwidth");
    playback.stop();
    expect(world.streams[0]?.closed).toBe(true);
    expect(playback.reason.get()).toBeNull();
  });

  it("asks for the chosen layer again when it comes back", async () => {
    await play();
    await playback.choose("low");
    world.answer(`PATCH ${VIEWER}`, problem(404, "viewer_not_found"));
    peer(0).become("failed");
    await world.advance(300);
    expect(world.calls.some(({ path }) => path === `/whep/${JOINED.session.id}?layer=low`)).toBe(true);
  });

  it("leaves nothing on the server when it stops while an offer is under way", async () => {
    playback.start();
    playback.stop();
    await world.settle();
    expect(world.called(`DELETE ${VIEWER}`)).toHaveLength(world.called(WHEP).length);
    expect(peer(0).closed).toBe(true);
    expect(state().kind).toBe("stopped");
  });

  it("tells the server when it leaves", async () => {
    await play();
    playback.stop();
    expect(world.called(`DELETE ${VIEWER}`)[0]?.headers.get("Authorization")).toBe("Bearer token");
    await world.advance(60_000);
    expect(world.peers).toHaveLength(1);
  });
});
