import { describe, expect, it } from "vitest";
import type { LanAnswer } from "../contract/protocol";
import { samples } from "../contract/samples";
import { answerOf, sideOf } from "./lan-sdp";
import { DIRECT_OFFER } from "./testing/peer";

const OPEN = samples["cloud_to_page.lan_answer_open"].answer as Extract<LanAnswer, { state: "open" }>;

describe("a session description of one data channel", () => {
  it("is four short values, whichever browser writes it", () => {
    const side = {
      fragment: "Ab/+",
      password: "abcdefghijklmnopqrstuvwx",
      fingerprint: Array.from({ length: 32 }, () => "0F").join(":"),
    };
    expect(sideOf(DIRECT_OFFER)).toEqual(side);
    expect(sideOf(DIRECT_OFFER.replaceAll("0F", "0f").replaceAll("\r\n", "\n"))).toEqual(side);
  });

  it("is none where something of it is missing, or said in another way", () => {
    for (const [what, instead] of [
      ["a=ice-ufrag", "a=x"],
      ["a=ice-pwd", "a=x"],
      ["sha-256", "sha-512"],
      ["0F:0F:", ""],
    ] as const) {
      expect(sideOf(DIRECT_OFFER.replace(what, instead))).toBeNull();
    }
  });

  it("is made of the director's answer for the section that was offered", () => {
    const lines = answerOf(DIRECT_OFFER.replace("a=mid:0", "a=mid:data"), OPEN).split("\r\n");
    expect(lines).toContain("a=group:BUNDLE data");
    expect(lines).toContain("a=mid:data");
    expect(lines).toContain("a=ice-lite");
    expect(lines).toContain("a=setup:passive");
    expect(lines).toContain(`a=ice-ufrag:${OPEN.side.fragment}`);
    expect(lines).toContain(`a=fingerprint:sha-256 ${OPEN.side.fingerprint}`);
    expect(lines.filter((line) => line.startsWith("a=candidate:"))).toEqual([
      "a=candidate:1 1 udp 2130706431 192.168.1.5 8444 typ host",
      "a=candidate:2 1 udp 2130706175 fd00::5 8444 typ host",
    ]);
    expect(lines.at(-1)).toBe("");
  });
});
