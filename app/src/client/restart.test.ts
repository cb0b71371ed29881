import { beforeEach, describe, expect, it } from "vitest";
import { Restart } from "./restart";
import { FakeWorld } from "./testing/world";

describe("a server that is about to end", () => {
  let world: FakeWorld;
  let moves: number;
  let restart: Restart;
  const draining = (within_ms: number, elsewhere: boolean) =>
    restart.heard({ type: "draining", within_ms, elsewhere });
  const isSaid = () => restart.isSaid.get();

  beforeEach(() => {
    world = new FakeWorld();
    moves = 0;
    restart = new Restart(world, () => {
      moves += 1;
    });
  });

  it("is said where no other takes the page, until it is back", async () => {
    expect(isSaid()).toBe(false);
    draining(20_000, false);
    expect(isSaid()).toBe(true);
    await world.advance(20_000);
    restart.connected(false);
    await world.advance(5_000);
    expect([isSaid(), moves]).toEqual([true, 0]);
    restart.welcomed();
    restart.connected(true);
    await world.advance(500);
    expect(isSaid()).toBe(false);
  });

  it("is left for another one within its time, and nobody need know", async () => {
    draining(20_000, true);
    await world.advance(15_999);
    expect([isSaid(), moves]).toEqual([false, 0]);
    await world.advance(1);
    expect(moves).toBe(1);
    restart.welcomed();
    await world.advance(100_000);
    expect([isSaid(), moves]).toEqual([false, 1]);
  });

  it("is tried to be left again where the same one answered, and not in its last second", async () => {
    draining(20_000, true);
    await world.advance(16_000);
    restart.welcomed();
    draining(4_000, true);
    await world.advance(3_200);
    expect(moves).toBe(2);
    restart.welcomed();
    draining(800, true);
    await world.advance(10_000);
    expect(moves).toBe(2);
  });

  it("is said where it ended before the page had left it", () => {
    draining(800, true);
    expect(isSaid()).toBe(false);
    restart.connected(false);
    expect(isSaid()).toBe(true);
  });

  it("is no restart any more when it has not come back for a minute", async () => {
    draining(20_000, false);
    restart.connected(false);
    await world.advance(80_000);
    expect(isSaid()).toBe(false);
  });
});
