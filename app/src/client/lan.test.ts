// The way on the local network, with a director's machine that says what a real one says, in virtual time.

import { beforeEach, describe, expect, it } from "vitest";
import type { CloudToPage, LanAnswer, LanOffer } from "../contract/protocol";
import { samples } from "../contract/samples";
import { LanWay } from "./lan";
import { word } from "./testing/answers";
import type { FakeDirectPeer } from "./testing/peer";
import { FakeWorld } from "./testing/world";

const OPEN = samples["cloud_to_page.lan_answer_open"].answer as Extract<LanAnswer, { state: "open" }>;

describe("the way on the local network", () => {
  let world: FakeWorld;
  let way: LanWay;
  let relayed: boolean;
  let offers: LanOffer[];
  let heard: CloudToPage[];
  const peer = (n = -1): FakeDirectPeer => {
    const one = world.directPeers.at(n);
    if (one === undefined) throw new Error(`there is no peer ${n}`);
    return one;
  };
  const greet = () => {
    relayed = true;
    way.connected();
  };
  const answer = () => way.answered({ ...OPEN, n: offers.at(-1)?.n ?? 0 });
  const connect = async () => {
    greet();
    await world.settle();
    answer();
    await world.settle();
    peer().channel.hear(word(1, "idle"));
  };
  const words = async (seconds: number) => {
    for (let n = 0; n < seconds; n += 1) {
      await world.advance(1_000);
      peer().channel.hear(word(2 + n, "program"));
    }
  };

  beforeEach(async () => {
    world = new FakeWorld();
    relayed = false;
    offers = [];
    heard = [];
    way = start();
    await world.settle();
  });

  const start = () =>
    new LanWay(world, world.lanMemory(), {
      canOffer: () => relayed,
      offer: (offer) => offers.push(offer),
      heard: (message) => heard.push(message),
    });

  it("is offered once the relay greets, and proven by a word and nothing less", async () => {
    greet();
    await world.settle();
    expect(offers).toMatchObject([{ peer: "ab".repeat(16), n: 1, side: { fragment: "Ab/+" } }]);
    expect(peer().channel.options).toEqual({ negotiated: true, id: 0, ordered: false, maxRetransmits: 0 });
    answer();
    await world.settle();
    expect(peer().remote).toContain("192.168.1.5 8444");
    expect(way.path.get()).toBe("trying");
    peer().channel.hear({ type: "pong", n: 1, unix_us: 1, capture_error_us: null });
    peer().channel.hear("no word");
    expect(way.path.get()).toBe("trying");
    peer().channel.hear(word(1, "program"));
    expect([way.path.get(), heard.length]).toEqual(["proven", 1]);
  });

  it("carries what the page shows while the relay is dead, and stays proven by its words alone", async () => {
    await connect();
    relayed = false;
    await words(60);
    way.send({ type: "shown", epoch: 1, seq: 9, camera: 1, tally: "program" });
    expect(peer().channel.said).toEqual([{ type: "shown", epoch: 1, seq: 9, camera: 1, tally: "program" }]);
    expect([way.path.get(), heard.length, world.directPeers.length]).toEqual(["proven", 61, 1]);
  });

  it("is in doubt three seconds after the last word, and tries another connection beside the one it has", async () => {
    await connect();
    await world.advance(2_900);
    expect(way.path.get()).toBe("proven");
    await world.advance(200);
    expect([way.path.get(), world.directPeers.length, peer(0).closed]).toEqual(["trying", 2, false]);
    peer(0).channel.hear(word(2, "program"));
    expect(way.path.get()).toBe("proven");
    answer();
    await world.settle();
    peer(1).channel.hear(word(3, "program"));
    expect([peer(0).closed, peer(1).closed]).toEqual([true, false]);
  });

  it("does not offer into a relay that is not there, and offers at once when it is back", async () => {
    await connect();
    relayed = false;
    peer().fail();
    await world.advance(120_000);
    expect([offers.length, way.path.get()]).toEqual([1, "trying"]);
    greet();
    await world.settle();
    expect(offers.length).toBe(2);
  });

  it("is not reachable where no word comes, and is tried ever more rarely", async () => {
    greet();
    await world.advance(8_000);
    expect([way.path.get(), peer(0).closed]).toEqual(["unreachable", true]);
    await world.advance(600_000);
    const inTenMinutes = world.directPeers.length;
    expect(inTenMinutes).toBeGreaterThan(8);
    expect(inTenMinutes).toBeLessThan(20);
    way.wake(); // the phone has joined a Wi-Fi
    await world.settle();
    expect(world.directPeers.length).toBe(inTenMinutes + 1);
    answer();
    await world.settle();
    peer().channel.hear(word(1, "idle"));
    expect(way.path.get()).toBe("proven");
  });

  it("is closed where the director's machine says so, and open again with its next run", async () => {
    way.heardOfRun(4);
    greet();
    await world.settle();
    way.answered({ state: "closed", n: 1 });
    expect([way.path.get(), peer(0).closed]).toEqual(["closed", true]);
    way.heardOfRun(4);
    await world.settle();
    expect(offers.length).toBe(1);
    way.heardOfRun(5);
    await world.settle();
    expect(offers.length).toBe(2);
  });

  it("passes over an answer to an offer of before", async () => {
    greet();
    await world.settle();
    greet();
    await world.settle();
    way.answered({ ...OPEN, n: 1 });
    await world.settle();
    expect([peer(1).remote, peer(0).closed]).toEqual([null, true]);
    answer();
    await world.settle();
    expect(peer(1).remote).not.toBeNull();
  });

  it("comes again after a reload without the relay, by what the machine told it and with the same certificate", async () => {
    await connect();
    const again = { ...OPEN, n: 0, side: { ...OPEN.side, fragment: "again" } };
    peer().channel.hear({ type: "lan_answer", answer: again });
    await world.settle();
    const { certificate } = peer();
    way.stop();
    relayed = false;
    way = start();
    await world.settle();
    expect(offers.length).toBe(1);
    expect(peer().certificate).toBe(certificate);
    expect(peer().remote).toContain("a=ice-ufrag:again");
    peer().channel.hear(word(7, "program"));
    expect([way.path.get(), heard.length]).toEqual(["proven", 2]);
    greet();
    await world.settle();
    expect(offers.at(-1)?.peer).toBe(offers[0]?.peer);
  });

  it("comes again without the relay on another network too, as often as it takes", async () => {
    await connect();
    peer().channel.hear({ type: "lan_answer", answer: OPEN });
    relayed = false;
    peer().fail();
    await world.settle();
    expect(peer(1).remote).toContain("192.168.1.5 8444");
    await world.advance(9_000);
    await world.settle();
    expect([peer(1).closed, peer(2).remote === null]).toEqual([true, false]);
    peer(2).channel.hear(word(7, "program"));
    expect(way.path.get()).toBe("proven");
  });

  it("leaves nothing behind", async () => {
    await connect();
    greet();
    await world.settle();
    way.stop();
    peer(0).channel.hear(word(9, "program"));
    await world.advance(600_000);
    expect([heard.length, world.directPeers.length]).toEqual([1, 2]);
    expect(world.directPeers.every(({ closed }) => closed)).toBe(true);
  });
});
