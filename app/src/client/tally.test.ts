import { beforeEach, describe, expect, it } from "vitest";
import { TALLY_FRESH_MS } from "../contract/protocol";
import { TallyFollower } from "./tally";
import { word } from "./testing/answers";
import { FakeWorld } from "./testing/world";

describe("the tally follower", () => {
  let world: FakeWorld;
  let follower: TallyFollower;
  const shown = () => follower.display.get().tally;
  const why = () => follower.display.get().why.code;

  beforeEach(() => {
    world = new FakeWorld();
    follower = new TallyFollower(world, 1);
  });

  it("is unknown before the first word, and says so", () => {
    expect(shown()).toBe("unknown");
    expect(why()).toBe("no_word_yet");
  });

  it("shows the director's word at once", () => {
    follower.heard(word(1, "program"));
    expect(shown()).toBe("program");
    follower.heard(word(2, "idle"));
    expect(shown()).toBe("idle");
  });

  it("is unknown to the millisecond when the word has grown stale", async () => {
    follower.heard(word(1, "program"));
    await world.advance(TALLY_FRESH_MS - 1);
    expect(shown()).toBe("program");
    await world.advance(1);
    expect(shown()).toBe("unknown");
    expect(why()).toBe("stale");
  });

  it("counts the age that a word had when it arrived", async () => {
    follower.heard(word(1, "program", { age_ms: 2_000 }));
    expect(shown()).toBe("program");
    await world.advance(500);
    expect(shown()).toBe("unknown");
  });

  it("never shows a word that arrives too old", () => {
    follower.heard(word(1, "program", { age_ms: TALLY_FRESH_MS }));
    expect(shown()).toBe("unknown");
  });

  it("stays lit while the director repeats itself, and no longer", async () => {
    for (let seq = 1; seq <= 10; seq += 1) {
      follower.heard(word(seq, "program"));
      await world.advance(1_000);
      expect(shown()).toBe("program");
    }
    await world.advance(1_500);
    expect(shown()).toBe("unknown");
  });

  it("is not refreshed by a word it has heard already", async () => {
    follower.heard(word(1, "program"));
    await world.advance(2_000);
    follower.heard(word(1, "program"));
    await world.advance(500);
    expect(shown()).toBe("unknown");
  });

  it("obeys the greatest word, whatever order they come in", () => {
    follower.heard(word(5, "idle", { epoch: 2 }));
    follower.heard(word(9, "program", { epoch: 1 }));
    follower.heard(word(4, "program", { epoch: 2 }));
    expect(shown()).toBe("idle");
    follower.heard(word(1, "program", { epoch: 3 }));
    expect(shown()).toBe("program");
  });

  it("shows nothing stale after a sleep in which no timer ran", () => {
    follower.heard(word(1, "program"));
    world.freeze(60_000);
    follower.wake();
    expect(shown()).toBe("unknown");
    expect(why()).toBe("stale");
  });

  it("paints no colour while nobody looks, so that the first sight is not an old one", () => {
    follower.heard(word(1, "program"));
    follower.sleep();
    expect(why()).toBe("asleep");
    follower.heard(word(2, "program"));
    expect(shown()).toBe("unknown");
    follower.wake();
    expect(shown()).toBe("program");
  });

  it("says when the chosen camera is in no show", () => {
    follower.follow(7);
    follower.heard(word(1, "program"));
    expect(shown()).toBe("unknown");
    expect(why()).toBe("not_in_show");
  });

  it("turns to another camera without waiting for the next word", () => {
    follower.heard(word(1, "program", { camera: 2 }));
    follower.follow(2);
    expect(shown()).toBe("program");
  });
});
