import { describe, expect, it } from "vitest";
import { fragmentOf, restarted } from "./ice";

const sdp = (...lines: string[]) => `${lines.join("\r\n")}\r\n`;

const OFFER = sdp(
  "v=0",
  "a=group:BUNDLE 0 1",
  "a=extmap-allow-mixed",
  "m=video 9 UDP/TLS/RTP/SAVPF 108",
  "a=mid:0",
  "a=ice-ufrag:newu",
  "a=ice-pwd:newnewnewnewnewnewnewnew",
  "a=recvonly",
  "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=mid:1",
  "a=ice-ufrag:newu",
);

describe("an ICE restart", () => {
  it("says the new credentials of the bundle and nothing of the media", () => {
    expect(fragmentOf(OFFER)).toBe(
      sdp(
        "a=group:BUNDLE 0 1",
        "m=video 9 UDP/TLS/RTP/SAVPF 108",
        "a=mid:0",
        "a=ice-ufrag:newu",
        "a=ice-pwd:newnewnewnewnewnewnewnew",
        "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host",
      ),
    );
  });

  it("puts the server's new credentials into every section of its answer", () => {
    const answer = sdp(
      "v=0",
      "m=video 9",
      "a=ice-ufrag:old",
      "a=ice-pwd:oldold",
      "m=audio 9",
      "a=ice-ufrag:old",
    );
    expect(restarted(answer, sdp("a=ice-ufrag:srv", "a=ice-pwd:srvsrv"))).toBe(
      sdp("v=0", "m=video 9", "a=ice-ufrag:srv", "a=ice-pwd:srvsrv", "m=audio 9", "a=ice-ufrag:srv"),
    );
  });

  it("is refused where the server names no credentials", () => {
    expect(() => restarted("v=0", "a=mid:0")).toThrow("without credentials");
  });
});
