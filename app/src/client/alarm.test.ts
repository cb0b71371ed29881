import { beforeEach, describe, expect, it } from "vitest";
import type { Tally } from "../contract/protocol";
import { Alarm } from "./alarm";

describe("the alarm", () => {
  let felt: number;
  let heard: number;
  let wishes: { vibrate: boolean; sound: boolean };
  let alarm: Alarm;
  const lamp = (tally: Tally, camera = 1, silent = false) =>
    alarm.lamp(
      { camera, name: "", tally, why: { code: "not_in_use" }, word: null, freshUntil: null },
      silent,
    );

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
    alarm = new Alarm(body, () => wishes);
  });

  it("comes once when the lamp turns RED", () => {
    for (const tally of ["idle", "preview", "program", "program", "program"] as const) lamp(tally);
    expect([felt, heard]).toEqual([1, 1]);
  });

  it("stays quiet on arrival, even when the camera is already RED", () => {
    lamp("unknown");
    lamp("program");
    expect([felt, heard]).toEqual([0, 0]);
  });

  it("stays quiet when a RED returns out of doubt", () => {
    for (const tally of ["idle", "program", "unknown", "program"] as const) lamp(tally);
    expect(felt).toBe(1);
  });

  it("comes when doubt hid the edge", () => {
    for (const tally of ["idle", "unknown", "program"] as const) lamp(tally);
    expect(felt).toBe(1);
  });

  it("stays quiet when another camera is chosen that is RED", () => {
    lamp("idle", 1);
    lamp("program", 2);
    expect(felt).toBe(0);
  });

  it("is felt and not heard while the director keeps every phone silent", () => {
    lamp("idle", 1, true);
    lamp("program", 1, true);
    expect([felt, heard]).toEqual([1, 0]);
  });

  it("never comes on GREEN", () => {
    for (const tally of ["idle", "preview", "idle", "preview"] as const) lamp(tally);
    expect([felt, heard]).toEqual([0, 0]);
  });

  it("obeys what the operator wants", () => {
    wishes = { vibrate: true, sound: false };
    lamp("idle");
    lamp("program");
    expect([felt, heard]).toEqual([1, 0]);
  });
});
