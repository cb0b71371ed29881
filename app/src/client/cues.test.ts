import { beforeEach, describe, expect, it } from "vitest";
import type { Tally } from "../contract/protocol";
import { Cues } from "./cues";

describe("the cues", () => {
  let felt: number;
  let heard: number;
  let wishes: { vibrate: boolean; sound: boolean };
  let cues: Cues;
  const lamp = (tally: Tally, camera = 1) =>
    cues.lamp({ camera, name: "", tally, why: { code: "not_in_use" }, word: null, freshUntil: null });

  beforeEach(() => {
    felt = 0;
    heard = 0;
    wishes = { vibrate: true, sound: true };
    const body = {
      vibrate: () => {
        felt += 1;
        return true;
      },
      beep: () => {
        heard += 1;
      },
    };
    cues = new Cues(body, () => wishes);
  });

  it("come once when the lamp turns RED", () => {
    for (const tally of ["idle", "preview", "program", "program", "program"] as const) lamp(tally);
    expect([felt, heard]).toEqual([1, 1]);
  });

  it("stay quiet on arrival, even when the camera is already RED", () => {
    lamp("unknown");
    lamp("program");
    expect([felt, heard]).toEqual([0, 0]);
  });

  it("stay quiet when a RED returns out of doubt", () => {
    for (const tally of ["idle", "program", "unknown", "program"] as const) lamp(tally);
    expect(felt).toBe(1);
  });

  it("come when doubt hid the edge", () => {
    for (const tally of ["idle", "unknown", "program"] as const) lamp(tally);
    expect(felt).toBe(1);
  });

  it("stay quiet when another camera is chosen that is RED", () => {
    lamp("idle", 1);
    lamp("program", 2);
    expect(felt).toBe(0);
  });

  it("obey what the operator wants", () => {
    wishes = { vibrate: true, sound: false };
    lamp("idle");
    lamp("program");
    expect([felt, heard]).toEqual([1, 0]);
  });
});
