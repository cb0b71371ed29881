import { describe, expect, it } from "vitest";
import { Repeated } from "./repeated";
import { FakeWorld } from "./testing/world";

describe("something that is asked again and again", () => {
  it("is asked at once and then each interval, until it is stopped", async () => {
    const world = new FakeWorld();
    let asked = 0;
    const repeated = new Repeated(world, 2_000, async () => {
      asked += 1;
      return asked;
    });
    repeated.start();
    await world.settle();
    expect(repeated.heard.get()).toEqual({ answer: 1, refused: null });
    await world.advance(4_000);
    expect(repeated.heard.get().answer).toBe(3);
    repeated.stop();
    await world.advance(10_000);
    expect(asked).toBe(3);
  });

  it("keeps what it heard last while the server is away, says so, and hears it again", async () => {
    const world = new FakeWorld();
    let away = false;
    const repeated = new Repeated(world, 1_000, async () => {
      if (away) throw new TypeError("network");
      return "here";
    });
    repeated.start();
    await world.settle();
    away = true;
    await world.advance(1_000);
    expect(repeated.heard.get()).toEqual({ answer: "here", refused: "network" });
    away = false;
    await world.advance(1_000);
    expect(repeated.heard.get()).toEqual({ answer: "here", refused: null });
  });
});
