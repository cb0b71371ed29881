import { beforeEach, describe, expect, it } from "vitest";
import type { CloudToPage, PageToCloud } from "../contract/protocol";
import { Connection } from "./connection";
import { json, PONG, problem, WELCOME, word } from "./testing/answers";
import { FakeWorld } from "./testing/world";

const HELLO: PageToCloud = { type: "hello", protocol: 1, camera: 1 };

describe("the connection", () => {
  let world: FakeWorld;
  let connection: Connection;
  let heard: CloudToPage[];
  let answered: [number, number][];
  const state = () => connection.state.get();
  const socket = (n: number) => {
    const one = world.sockets[n];
    if (one === undefined) throw new Error(`there is no socket ${n}`);
    return one;
  };
  const stream = (n: number) => {
    const one = world.streams[n];
    if (one === undefined) throw new Error(`there are no events ${n}`);
    return one;
  };
  const welcomeSocket = async (n: number) => {
    await world.settle();
    socket(n).open();
    socket(n).hear(WELCOME);
  };
  const fallBackToEvents = async () => {
    await world.settle();
    socket(0).fall();
    await world.settle();
    stream(0).emit("stream", "s1");
    stream(0).emit("message", WELCOME);
    await world.settle();
  };

  beforeEach(() => {
    world = new FakeWorld();
    world.answer("POST /api/tickets", () => json({ ticket: `t${world.calls.length}` }, 201));
    world.answer("POST /api/events/s1", () => new Response(null, { status: 204 }));
    heard = [];
    answered = [];
    connection = new Connection(world, "token", {
      hello: () => HELLO,
      heard: (message) => heard.push(message),
      answered: (pong, tookMs) => answered.push([pong.n, tookMs]),
    });
  });

  it("opens a socket with a ticket, says hello first, and is open once welcomed", async () => {
    await world.settle();
    expect(socket(0).url).toBe("wss://feed.test/ws/page");
    socket(0).open();
    expect(socket(0).said).toEqual([{ ...HELLO, ticket: "t1" }]);
    expect(state().kind).toBe("connecting");
    socket(0).hear(WELCOME);
    expect(state()).toEqual({ kind: "open", way: "websocket" });
    expect(heard).toEqual([WELCOME]);
  });

  it("pings each two seconds and stays while it is answered", async () => {
    await welcomeSocket(0);
    for (let second = 0; second < 20; second += 1) {
      const asked = socket(0).said.findLast((message) => message.type === "ping");
      if (asked?.type === "ping") socket(0).hear({ ...PONG, n: asked.n });
      await world.advance(1_000);
    }
    expect(socket(0).said.filter(({ type }) => type === "ping")).toHaveLength(11);
    expect(state().kind).toBe("open");
    expect(answered[0]).toEqual([1, 0]);
    expect(connection.roundTripMs).toBe(0);
  });

  it("leaves a socket that looks open and has not answered for four seconds", async () => {
    await welcomeSocket(0);
    await world.advance(3_999);
    expect(state().kind).toBe("open");
    await world.advance(1);
    expect(state().kind).toBe("waiting");
    expect(socket(0).closed).toBe(true);
    await world.advance(300);
    expect(world.sockets).toHaveLength(2);
  });

  it("is not kept alive by words alone: a half-dead socket may still deliver", async () => {
    await welcomeSocket(0);
    for (let seq = 1; seq <= 4; seq += 1) {
      socket(0).hear(word(seq, "program"));
      await world.advance(1_000);
    }
    expect(state().kind).toBe("waiting");
  });

  it("finds out at once after a sleep", async () => {
    await welcomeSocket(0);
    world.freeze(30_000);
    connection.wake();
    expect(state().kind).toBe("waiting");
    await world.advance(300);
    expect(world.sockets).toHaveLength(2);
  });

  it("falls back to events and POST where the socket is refused", async () => {
    await fallBackToEvents();
    expect(state()).toEqual({ kind: "open", way: "events" });
    connection.send({ type: "follow", camera: 2 });
    await world.settle();
    expect(world.called("POST /api/events/s1").map(({ body }) => JSON.parse(body).type)).toEqual([
      "hello",
      "ping",
      "follow",
    ]);
    expect(world.called("POST /api/events/s1")[0]?.headers.get("Authorization")).toBe("Bearer token");
    expect(JSON.parse(world.called("POST /api/events/s1")[0]?.body ?? "")).toEqual(HELLO);
    expect([stream(0).url, stream(0).token]).toEqual(["https://feed.test/api/events", "token"]);
  });

  it("keeps trying the socket while on events, and changes over only when it is welcomed", async () => {
    await fallBackToEvents();
    const answering = world.advance.bind(world);
    for (let s = 0; s < 30; s += 1) {
      const ping = world.called("POST /api/events/s1").findLast(({ body }) => body.includes("ping"));
      stream(0).emit("message", { ...PONG, n: JSON.parse(ping?.body ?? "{}").n });
      await answering(1_000);
    }
    expect(world.sockets).toHaveLength(2);
    expect(state()).toEqual({ kind: "open", way: "events" });
    expect(stream(0).closed).toBe(false);
    await welcomeSocket(1);
    expect(state()).toEqual({ kind: "open", way: "websocket" });
    expect(stream(0).closed).toBe(true);
  });

  it("leaves an event stream whose POST is answered with not found", async () => {
    await fallBackToEvents();
    world.answer("POST /api/events/s1", problem(404, "stream_not_found"));
    connection.send({ type: "follow", camera: 2 });
    await world.settle();
    expect(state().kind).toBe("waiting");
    expect(stream(0).closed).toBe(true);
  });

  it("replaces a try that hangs when the network returns, and leaves one alone that has just begun", async () => {
    await world.settle();
    connection.wake();
    await world.settle();
    expect(world.called("POST /api/tickets")).toHaveLength(1);
    await world.advance(1_000);
    connection.wake();
    await world.settle();
    expect(world.called("POST /api/tickets")).toHaveLength(2);
  });

  it("is back within two seconds of a network whose return nobody tells, and does not press for ever", async () => {
    world.answer("POST /api/tickets", new TypeError("Failed to fetch"));
    await welcomeSocket(0);
    socket(0).fall();
    await world.advance(60_000);
    // 0.3 + 0.6 + 1.2 s, then one each 1.6 s: 3 + (60 - 2.1) / 1.6 tries, and the first ticket.
    expect(world.called("POST /api/tickets")).toHaveLength(40);
    await world.advance(120_000); // after 50 tries one each 5 s
    expect(world.called("POST /api/tickets").length).toBeLessThan(73);
    world.answer("POST /api/tickets", () => json({ ticket: "late" }, 201));
    await world.advance(5_000);
    await welcomeSocket(1);
    expect(state().kind).toBe("open");
  });

  it("does not wait for ever for a welcome", async () => {
    await world.settle();
    socket(0).open();
    await world.advance(5_000);
    expect(socket(0).closed).toBe(true);
    expect(world.streams).toHaveLength(1);
  });

  it("does not come back once the session has ended", async () => {
    await welcomeSocket(0);
    socket(0).hear({ type: "bye", problem: { status: 409, code: "session_ended", title: "", detail: "" } });
    expect(state().kind).toBe("over");
    await world.advance(60_000);
    expect(world.sockets).toHaveLength(1);
  });

  it("ends when the token is refused, so that the page can join again", async () => {
    await welcomeSocket(0);
    world.answer("POST /api/tickets", problem(401, "token_expired"));
    socket(0).fall();
    await world.advance(300);
    expect(state()).toMatchObject({ kind: "over", problem: { code: "token_expired" } });
  });

  it("asks for another ticket where one came too late", async () => {
    await world.settle();
    socket(0).open();
    socket(0).hear({ type: "bye", problem: { status: 401, code: "ticket_invalid", title: "", detail: "" } });
    expect(state().kind).toBe("waiting");
    await world.advance(5_000);
    await welcomeSocket(1);
    expect(state().kind).toBe("open");
    expect(world.called("POST /api/tickets")).toHaveLength(2);
  });

  it("passes over what it does not understand", async () => {
    await welcomeSocket(0);
    socket(0).hear("not JSON");
    socket(0).hear({ type: "from_a_later_version" });
    socket(0).hear({ ...word(1, "program"), age_ms: "soon" });
    expect(heard).toEqual([WELCOME]);
  });
});
