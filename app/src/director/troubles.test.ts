import { describe, expect, it } from "vitest";
import type { SourceView, View } from "../contract/desktop";
import { QUIET, spoken } from "./testing";
import { troublesOf } from "./troubles";

const source = (number: number, state: SourceView["state"], reason: string | null = null): SourceView => ({
  number,
  label: `CAM ${number}`,
  camera: number,
  state,
  reason: reason === null ? null : spoken(reason),
  lamp: null,
});
const codes = (view: Partial<View>) => troublesOf({ ...QUIET, ...view }).map((trouble) => trouble.code);

describe("trouble lines", () => {
  it("are none where nothing is wrong", () => {
    expect(codes({ sources: [source(1, "live"), source(2, "starting")], programme: 1 })).toEqual([]);
  });

  it("put what is on air before what is not", () => {
    const sources = [source(1, "lost", "no sender"), source(2, "frozen")];
    expect(codes({ sources, programme: 2 })).toEqual(["programme_frozen", "source_lost"]);
  });

  it("say that a layer does not arrive only where the cloud could have said that it does", () => {
    const push = {
      layer: "high",
      connected: true,
      trouble: null,
      arrives: false,
      path: null,
      paths: 0,
    } as const;
    const air = { state: "on", door: "everybody" } as const;
    expect(codes({ pushes: [push], air, uplink: { state: "connected" } })).toEqual(["layer_missing"]);
    expect(codes({ pushes: [push], air, uplink: { state: "absent", reason: spoken("gone") } })).toEqual([
      "cloud_absent",
    ]);
  });

  it("say that the machine runs on its battery and that its disk is nearly full", () => {
    expect(codes({ battery: spoken("41 %"), disk: spoken("4 GB") })).toEqual(["on_battery", "disk_low"]);
  });

  it("say that nothing comes back from a cloud that is heard, and once where it is not", () => {
    const monitor = { state: "lost", reason: "no picture came back for three seconds" } as const;
    expect(codes({ monitor, uplink: { state: "connected" } })).toEqual(["monitor_lost"]);
    expect(codes({ monitor, uplink: { state: "absent", reason: spoken("gone") } })).toEqual(["cloud_absent"]);
  });
});
