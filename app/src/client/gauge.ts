// Watches a picture: reads its statistics once a second, and its true delay where frames carry capture times.
// The delay is a median, so that one late frame does not make the number jump. It changes nothing.

import { between, type Reading, readReport, type Stats } from "./stats";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

const READ_EACH_MS = 1_000;
const FRAMES_KEPT = 60; // one second of the high layer
const NOT_A_DELAY_MS = 10_000; // beyond it the two clocks do not agree, and no number is better than a wrong one

/** What is known of the picture. */
export interface Gauges {
  readonly stats: Stats | null;
  /** Capture to this screen in ms; null where frames do not say when they were captured. */
  readonly glassToGlassMs: number | null;
}

/** The part of a video frame's metadata that is used. */
export type FrameTimes = Pick<VideoFrameCallbackMetadata, "expectedDisplayTime" | "captureTime">;

/** Measures one picture after another. */
export class Gauge {
  readonly #world: World;
  readonly #peer: () => RTCPeerConnection | null;
  readonly #gauges = new Value<Gauges>({ stats: null, glassToGlassMs: null });
  #delays: number[] = [];
  #last: Reading | null = null;
  #cancel: Cancel = () => {};

  constructor(world: World, peer: () => RTCPeerConnection | null) {
    this.#world = world;
    this.#peer = peer;
    this.#later();
  }

  get gauges(): Watchable<Gauges> {
    return this.#gauges;
  }

  /** A frame was presented. */
  framed({ expectedDisplayTime, captureTime }: FrameTimes): void {
    if (captureTime === undefined) return;
    const delay = expectedDisplayTime - captureTime;
    if (delay < 0 || delay > NOT_A_DELAY_MS) return;
    this.#delays.push(delay);
    if (this.#delays.length > FRAMES_KEPT) this.#delays.shift();
  }

  stop(): void {
    this.#cancel();
  }

  #later(): void {
    this.#cancel = this.#world.after(READ_EACH_MS, () => void this.#read());
  }

  async #read(): Promise<void> {
    const peer = this.#peer();
    const report = await peer?.getStats().catch(() => null);
    const reading =
      report == null ? null : readReport(report as unknown as Iterable<[string, Record<string, unknown>]>);
    const stats = reading !== null && this.#last !== null ? between(this.#last, reading) : null;
    this.#last = reading;
    if (reading === null) this.#delays = [];
    this.#gauges.set({ stats, glassToGlassMs: median(this.#delays) });
    this.#later();
  }
}

/** The middle one; null of nothing. */
export function median(values: readonly number[]): number | null {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
