// What the picture costs and how it arrives, out of two readings of `getStats`. Pure: numbers in, numbers out.

/** One reading, reduced to what is used. Counters only grow. */
export interface Reading {
  readonly at: number;
  readonly frames: number;
  readonly bytes: number;
  readonly received: number;
  readonly lost: number;
  readonly freezes: number;
  readonly width: number;
  readonly height: number;
  readonly roundTripMs: number | null;
  readonly audioBytes: number;
  /** Seconds that all frames together waited in the jitter buffer, and how many they were. */
  readonly buffered: number;
  readonly emitted: number;
  /** RFC 3550 6.4.1. */
  readonly jitterMs: number;
  /** How long before the reading the last packet came, of picture or sound; null where the browser does not say. */
  readonly silentMs: number | null;
}

/** What happened between two readings. */
export interface Stats {
  readonly fps: number;
  readonly bitrate: number;
  /** 0 to 1. */
  readonly loss: number;
  readonly freezes: number;
  readonly width: number;
  readonly height: number;
  readonly roundTripMs: number | null;
  readonly jitterMs: number;
  /** How long a picture was held back so that it plays smoothly; null where none was played. */
  readonly heldMs: number | null;
}

type Report = Iterable<[string, Record<string, unknown>]>;

/** Reduces a report; null while no picture is in it. */
export function readReport(report: Report): Reading | null {
  const entries = [...report].map(([, entry]) => entry);
  const inbound = (kind: string) => entries.find((e) => e["type"] === "inbound-rtp" && e["kind"] === kind);
  const video = inbound("video");
  if (video === undefined) return null;
  const pairs = entries.filter((e) => e["type"] === "candidate-pair");
  const pair = pairs.find((e) => e["nominated"] === true && e["state"] === "succeeded") ?? pairs[0];
  const roundTrip = pair?.["currentRoundTripTime"];
  return {
    at: number(video["timestamp"]),
    frames: number(video["framesDecoded"]),
    bytes: number(video["bytesReceived"]) + number(video["headerBytesReceived"]),
    received: number(video["packetsReceived"]),
    lost: number(video["packetsLost"]),
    freezes: number(video["freezeCount"]),
    width: number(video["frameWidth"]),
    height: number(video["frameHeight"]),
    roundTripMs: typeof roundTrip === "number" ? roundTrip * 1000 : null,
    audioBytes: number(inbound("audio")?.["bytesReceived"]),
    buffered: number(video["jitterBufferDelay"]),
    emitted: number(video["jitterBufferEmittedCount"]),
    jitterMs: number(video["jitter"]) * 1000,
    silentMs: silence(video["timestamp"], [video, inbound("audio")]),
  };
}

/** The rates between two readings; null where no time lies between them, or the counters began anew. */
export function between(earlier: Reading, later: Reading): Stats | null {
  const seconds = (later.at - earlier.at) / 1000;
  if (seconds <= 0 || later.bytes < earlier.bytes) return null;
  const received = later.received - earlier.received;
  const emitted = later.emitted - earlier.emitted;
  const lost = Math.max(0, later.lost - earlier.lost);
  return {
    fps: (later.frames - earlier.frames) / seconds,
    bitrate: ((later.bytes - earlier.bytes) * 8) / seconds,
    loss: received + lost > 0 ? lost / (received + lost) : 0,
    freezes: later.freezes - earlier.freezes,
    width: later.width,
    height: later.height,
    roundTripMs: later.roundTripMs,
    jitterMs: later.jitterMs,
    heldMs: emitted > 0 ? ((later.buffered - earlier.buffered) * 1000) / emitted : null,
  };
}

function silence(readAt: unknown, streams: (Record<string, unknown> | undefined)[]): number | null {
  const last = Math.max(...streams.map((stream) => number(stream?.["lastPacketReceivedTimestamp"])));
  return typeof readAt === "number" && last > 0 ? Math.max(0, readAt - last) : null;
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
