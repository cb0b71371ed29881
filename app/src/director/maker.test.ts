import { describe, expect, it } from "vitest";
import type { Show } from "../contract/protocol";
import { madeBy, withMaker, withoutSource } from "./maker";

const SHOW = {
  programme: { mode: "own" },
  sources: [{ name: "A" }, { name: "B" }, { name: "C" }],
} as unknown as Show;
const names = (show: Show) => show.sources.map(({ name }) => name);

describe("who makes the programme", () => {
  it("is this switcher, until a source that is there is chosen", () => {
    expect(madeBy(SHOW)).toBe(0);
    expect(madeBy(withMaker(SHOW, 2))).toBe(2);
    expect(madeBy(withMaker(withMaker(SHOW, 2), 0))).toBe(0);
    for (const absent of [4, -1, 1.5, Number.NaN]) expect(madeBy(withMaker(SHOW, absent))).toBe(0);
  });

  it("stays the same source when another one goes, and is this switcher when it goes itself", () => {
    const third = withMaker(SHOW, 3);
    expect([madeBy(withoutSource(third, 0)), names(withoutSource(third, 0))]).toEqual([2, ["B", "C"]]);
    expect(madeBy(withoutSource(withMaker(SHOW, 1), 2))).toBe(1);
    expect([madeBy(withoutSource(third, 2)), names(withoutSource(third, 2))]).toEqual([0, ["A", "B"]]);
  });
});
