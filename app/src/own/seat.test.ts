import { beforeEach, describe, expect, it } from "vitest";
import { PONG, word } from "../client/testing/answers";
import { FakeWorld, memory } from "../client/testing/world";
import type { PageToCloud } from "../contract/protocol";
import { OwnSeat } from "./seat";

describe("a page of the director's own", () => {
  let world: FakeWorld;
  let seat: OwnSeat;
  const socket = () => {
    const one = world.sockets.at(-1);
    if (one === undefined) throw new Error("there is no socket");
    return one;
  };
  const said = (type: PageToCloud["type"]) => socket().said.filter((message) => message.type === type);
  const pings = () => said("ping").map((message) => (message.type === "ping" ? message.n : 0));
  const shown = () => seat.tally.get().tally;

  beforeEach(() => {
    world = new FakeWorld();
    seat = new OwnSeat(world, "a-pass", memory());
    socket().open();
    seat.follow(1);
  });

  it("says its pass first, follows a camera, and says what it shows of that one", () => {
    expect(socket().url).toBe("wss://feed.test/ws");
    expect(socket().said[0]).toEqual({ type: "hello", protocol: 1, ticket: "a-pass", camera: null });
    expect(said("follow")).toEqual([{ type: "follow", camera: 1 }]);
    socket().hear(word(3, "program", { epoch: 0 }));
    expect(shown()).toBe("program");
    seat.painted(seat.tally.get());
    expect(said("shown")).toEqual([{ type: "shown", epoch: 0, seq: 3, camera: 1, tally: "program" }]);
  });

  it("believes a director that was started without its cloud, whose words begin anew", async () => {
    socket().hear(word(90, "program", { epoch: 7 }));
    socket().fall();
    await world.advance(300);
    socket().open();
    expect(said("hello")).toMatchObject([{ camera: 1 }]);
    socket().hear(word(1, "idle", { epoch: 0 }));
    expect(shown()).toBe("idle");
  });

  it("shows unknown of a word that the network kept until its director was dead", async () => {
    socket().hear({ ...PONG, n: pings()[0], run_us: 50_000_000 });
    await world.advance(3_000);
    socket().hear(word(3, "program", { run_us: 50_000_000 }));
    expect(shown()).toBe("unknown");
    socket().hear(word(4, "program", { run_us: 53_000_000 }));
    expect(shown()).toBe("program");
  });

  it("gives up a socket that nobody answers on, and tries another", async () => {
    await world.advance(4_000);
    expect(socket().closed).toBe(true);
    await world.advance(300);
    expect(world.sockets).toHaveLength(2);
  });

  it("says why it is not let in, shows unknown, and tries again, since the director may mend it", async () => {
    socket().hear(word(3, "program"));
    const problem = { status: 503, code: "keys_unknown", title: "A title.", detail: "Ask." };
    socket().hear({ type: "bye", problem });
    expect(seat.refused.get()).toEqual(problem);
    expect(shown()).toBe("unknown");
    socket().fall();
    await world.advance(300);
    socket().open();
    socket().hear(word(1, "preview"));
    expect(seat.refused.get()).toBeNull();
    expect(shown()).toBe("preview");
  });

  it("tells at once that nobody looks any more, and is right when it is seen again", () => {
    socket().hear(word(3, "program"));
    seat.sleep();
    expect(said("shown").at(-1)).toMatchObject({ tally: "unknown" });
    seat.wake();
    expect(shown()).toBe("program");
  });

  it("finds out on waking whether anybody is there, and is back without waiting", async () => {
    const before = pings().length;
    seat.wake();
    expect(pings().length).toBe(before + 1);
    socket().fall();
    seat.wake();
    expect(world.sockets).toHaveLength(2);
    await world.advance(10_000);
  });

  it("leaves nothing running behind", async () => {
    seat.stop();
    await world.advance(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(socket().closed).toBe(true);
  });
});
