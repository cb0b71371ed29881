import { describe, expect, it } from "vitest";
import type { Mapped, SwitcherView } from "../contract/desktop";
import type { Show } from "../contract/protocol";
import { portOf, withCamera, withoutSwitcher } from "./switchers";

const input = (index: number, ...cameras: number[]): Mapped => ({ input: `IN ${index}`, index, cameras });
const heard = (...inputs: Mapped[]): SwitcherView[] => [{ name: "vMix", inputs, on_air: [] }];
const SHOW: Show = {
  returnfeed_show: 1,
  name: "Sunday",
  programme: { kind: "own" },
  sources: [],
  switchers: [{ name: "vMix", host: "10.0.0.9", protocol: { kind: "vmix" } }],
  cameras: [],
  green: "preview",
  outputs: [],
  keys: {},
  quality: {},
} as unknown as Show;
const feeds = (show: Show) =>
  show.cameras.map(({ camera, feeds }) => [
    camera,
    ...feeds.flatMap(({ links }) => links.map((link) => link.input)),
  ]);

describe("a switcher's inputs", () => {
  it("keep the cameras that they had by their numbers when the first is written", () => {
    const shown = heard(input(1, 1), input(2, 2), input(3, 3));
    expect(feeds(withCamera(SHOW, shown, "vMix", input(3, 3), 9))).toEqual([
      [1, "1"],
      [2, "2"],
      [3],
      [9, "3"],
    ]);
  });

  it("feed one camera by themselves, and none where it is emptied", () => {
    const first = withCamera(SHOW, heard(input(1)), "vMix", input(1), 4);
    expect(feeds(first)).toEqual([[4, "1"]]);
    const second = withCamera(first, heard(input(1, 4)), "vMix", input(1, 4), 5);
    expect(feeds(second)).toEqual([[4], [5, "1"]]);
    expect(feeds(withCamera(second, heard(input(1, 5)), "vMix", input(1, 5), 0))).toEqual([[4], [5]]);
  });

  it("go with their switcher", () => {
    const fed = withCamera(SHOW, heard(input(1)), "vMix", input(1), 4);
    const gone = withoutSwitcher(fed, "vMix");
    expect([gone.switchers, feeds(gone)]).toEqual([[], [[4]]]);
  });

  it("are asked for at the usual port where no other is said", () => {
    expect(SHOW.switchers.map(portOf)).toEqual([8099]);
  });
});
