// Everything outside that the client touches, as an argument: time, chance, network, peer connections. The
// client refuses to reach for a global of the browser; tests give it a world whose time they own.

import { type Clock, pessimisticClock } from "./clock";
import { type LanMemory, lanMemoryOfBrowser } from "./lan-memory";
import { TokenEvents } from "./token-events";

/** The part of a WebSocket that is used. */
export type SocketLike = Pick<WebSocket, "send" | "close" | "onopen" | "onmessage" | "onclose">;

/** Server-sent events, as an EventSource tells them. */
export interface EventsLike {
  close(): void;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
}

/** Cancels a timer; harmless after it has run. */
export type Cancel = () => void;

/** The outside. */
export interface World {
  /** Where the pages and the API live, without a trailing slash: `https://host:8443`. */
  readonly origin: string;
  /** Milliseconds; never backwards; counts sleep. */
  readonly now: Clock;
  /** Milliseconds on the line that the times of video frames lie on (`performance.now`). */
  steady(): number;
  /** From 0 up to 1. */
  random(): number;
  /** That nobody can guess. */
  randomBytes(count: number): Uint8Array;
  after(ms: number, run: () => void): Cancel;
  fetch(url: string, init: RequestInit): Promise<Response>;
  openSocket(url: string): SocketLike;
  /** Without a token where the address itself is the secret (WHEP); such a stream is come back to by the browser. */
  openEvents(url: string, token: string | null): EventsLike;
  createPeer(): RTCPeerConnection;
  /** For data alone, to a machine on this network. */
  createDirectPeer(certificate: RTCCertificate): RTCPeerConnection;
  createCertificate(): Promise<RTCCertificate>;
  lanMemory(session: string): LanMemory;
  createStream(): MediaStream;
}

/** The browser this page runs in. */
export function browserWorld(): World {
  return {
    origin: location.origin,
    now: pessimisticClock(
      () => performance.now(),
      () => Date.now(),
    ),
    steady: () => performance.now(),
    random: () => Math.random(),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    after: (ms, run) => {
      const id = setTimeout(run, ms);
      return () => clearTimeout(id);
    },
    fetch: (url, init) => fetch(url, init),
    openSocket: (url) => new WebSocket(url),
    openEvents: (url, token) => (token === null ? new EventSource(url) : new TokenEvents(url, token)),
    createDirectPeer: (certificate) => new RTCPeerConnection({ certificates: [certificate] }),
    createCertificate: () => {
      const algorithm: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
      return RTCPeerConnection.generateCertificate(algorithm);
    },
    lanMemory: lanMemoryOfBrowser,
    createPeer: () => new RTCPeerConnection({ bundlePolicy: "max-bundle" }),
    createStream: () => new MediaStream(),
  };
}
