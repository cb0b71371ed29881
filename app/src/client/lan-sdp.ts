// What a peer connection of one data channel needs to be told of the other side, out of a session description and back
// into one (RFC 8866, RFC 8841). The relay carries those few values alone.

import type { LanAnswer, LanSide } from "../contract/protocol";

const SHA_256 = /^a=fingerprint:sha-256 ([0-9a-f:]{95})$/im;
const SCTP_PORT = 5_000; // RFC 8841: the default
const MAX_MESSAGE = 65_536; // docs/protocol.md, Sockets: no message is larger

/** Our side, out of our own offer; null where the browser says it in a way that nobody else would understand. */
export function sideOf(offer: string): LanSide | null {
  const value = (pattern: RegExp) => pattern.exec(offer)?.[1]?.trim();
  const fragment = value(/^a=ice-ufrag:(\S+)/m);
  const password = value(/^a=ice-pwd:(\S+)/m);
  const fingerprint = value(SHA_256)?.toUpperCase();
  if (fragment === undefined || password === undefined || fingerprint === undefined) return null;
  return { fragment, password, fingerprint };
}

/** The answer to our offer, of an ICE-lite agent that waits at these addresses as DTLS server. */
export function answerOf(offer: string, answer: Extract<LanAnswer, { state: "open" }>): string {
  const mid = /^a=mid:(\S+)/m.exec(offer)?.[1] ?? "0";
  const { fragment, password, fingerprint } = answer.side;
  const candidates = answer.addresses.map(
    // RFC 8445 5.1.2.1: of host candidates the first is the best.
    ({ ip, port }, n) => `a=candidate:${n + 1} 1 udp ${hostPriority(n)} ${ip} ${port} typ host`,
  );
  return [
    "v=0",
    "o=- 0 0 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    "a=ice-lite",
    `a=group:BUNDLE ${mid}`,
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    `a=ice-ufrag:${fragment}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    "a=setup:passive",
    `a=sctp-port:${SCTP_PORT}`,
    `a=max-message-size:${MAX_MESSAGE}`,
    ...candidates,
    "a=end-of-candidates",
    "",
  ].join("\r\n");
}

function hostPriority(n: number): number {
  return 126 * 2 ** 24 + (65_535 - n) * 2 ** 8 + 255;
}
