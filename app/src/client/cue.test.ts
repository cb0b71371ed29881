import { beforeEach, describe, expect, it } from "vitest";
import type { Answered, Cue, PageToCloud } from "../contract/protocol";
import { CueFollower } from "./cue";

const cue = (n: number, text = "wide"): Cue => ({ id: { epoch: 1, n }, to: null, text });

describe("the cues", () => {
  let said: PageToCloud[];
  let cues: CueFollower;
  const hear = (what: Cue | null, answered: Answered | null = null, silent = false) =>
    cues.heard({ type: "cue", cue: what, answered, silent });
  const shown = () => cues.view.get().cue?.text ?? null;

  beforeEach(() => {
    said = [];
    cues = new CueFollower((message) => said.push(message));
  });

  it("stand until they are answered, once", () => {
    hear(cue(1));
    expect(shown()).toBe("wide");
    cues.answer("ready");
    cues.answer("cannot");
    expect(shown()).toBeNull();
    expect(said).toEqual([{ type: "answer", answered: { cue: { epoch: 1, n: 1 }, answer: "ready" } }]);
  });

  it("give way to a newer one and to none", () => {
    hear(cue(1));
    hear(cue(2, "tight"));
    expect(shown()).toBe("tight");
    hear(null);
    expect(shown()).toBeNull();
  });

  it("are shown again after a lost connection while nobody has answered", () => {
    hear(cue(1));
    cues.connected();
    hear(cue(1));
    expect(shown()).toBe("wide");
  });

  it("are not asked twice: an answer that was lost on the way is said again", () => {
    hear(cue(1));
    cues.answer("cannot");
    said.length = 0;
    hear(cue(1));
    expect(shown()).toBeNull();
    expect(said).toHaveLength(1);
    hear(cue(1), { cue: { epoch: 1, n: 1 }, answer: "cannot" });
    expect(said).toHaveLength(1);
  });

  it("that were answered on another phone of the same operator are not asked here", () => {
    hear(cue(1), { cue: { epoch: 1, n: 1 }, answer: "read" });
    expect(shown()).toBeNull();
  });

  it("keep every phone silent as long as the director says so", () => {
    hear(null, null, true);
    expect(cues.view.get().silent).toBe(true);
    hear(null);
    expect(cues.view.get().silent).toBe(false);
  });

  it("carry a raised hand to each new connection, until it is taken back", () => {
    cues.signal("hand");
    cues.connected();
    cues.signal("hand");
    cues.connected();
    const signals = said.map((message) => message.type === "signal" && message.signal);
    expect(signals).toEqual(["hand", "hand", null]);
    cues.signal("hand");
    cues.signal("problem");
    expect(cues.view.get().signal).toBe("problem");
  });
});
