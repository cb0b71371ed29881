import { describe, expect, it } from "vitest";
import type { HostNow } from "../contract/protocol";
import { load } from "./figures";

const at = (at: number, cpu_ms: number): HostNow => ({
  at,
  viewers: 0,
  connected: 0,
  audit_days: 365,
  sessions: [],
  process: { cpu_ms, resident_bytes: 1, open_files: 1, max_files: 1 },
});

describe("the load of the server", () => {
  it("is the share of one core between two answers", () => {
    expect(load(at(1_000, 50), at(3_000, 550))).toBe(25);
    expect(load(at(1_000, 50), at(3_000, 4_050))).toBe(200);
  });

  it("is not told by one answer, of a server that started anew, or where the system does not tell", () => {
    expect(load(at(1_000, 50), at(1_000, 50))).toBeNull();
    expect(load(at(1_000, 5_000), at(3_000, 50))).toBeNull();
    expect(load({ ...at(1, 0), process: null }, at(3_000, 50))).toBeNull();
  });
});
