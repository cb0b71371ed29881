import { describe, expect, it } from "vitest";
import { Idle } from "./idle";
import { FakeWorld } from "./testing/world";

describe("the page's hands", () => {
  it("are idle after four seconds without a touch, and not after one", async () => {
    const world = new FakeWorld();
    const hands = new Idle(world);
    await world.advance(3_999);
    hands.touched();
    await world.advance(3_999);
    expect(hands.idle.get()).toBe(false);
    await world.advance(1);
    expect(hands.idle.get()).toBe(true);
    hands.touched();
    expect(hands.idle.get()).toBe(false);
  });
});
