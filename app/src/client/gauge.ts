// Watches a picture: reads its statistics once a second, and its true delay from glass to glass. It changes nothing.

import type { CloudToPage, Delay } from "../contract/protocol";
import { type FrameTimes, Glass, newestCapture } from "./glass";
import { between, type Reading, readReport, type Stats } from "./stats";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

const READ_EACH_MS = 1_000;

/** What is known of the picture. */
export interface Gauges {
  readonly stats: Stats | null;
  /** Source to this screen; null where nobody can say. */
  readonly delay: Delay | null;
  /** How long no packet of the picture has arrived. */
  readonly stalledMs: number;
}

type Pong = Extract<CloudToPage, { type: "pong" }>;

/** Measures one picture after another. */
export class Gauge {
  readonly #world: World;
  readonly #peer: () => RTCPeerConnection | null;
  readonly #gauges = new Value<Gauges>({ stats: null, delay: null, stalledMs: 0 });
  readonly #glass = new Glass();
  #last: Reading | null = null;
  #arrivedAt = 0;
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
  framed(times: FrameTimes): void {
    this.#glass.framed(times);
  }

  /** The cloud answered a ping. */
  answered(pong: Pong, tookMs: number): void {
    this.#glass.answered(pong, tookMs, this.#world.steady());
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
    const now = this.#world.now();
    if (reading === null || reading.received !== this.#last?.received) this.#arrivedAt = now;
    this.#last = reading;
    this.#glass.captured(peer === null ? null : newestCapture(peer));
    const delay = this.#glass.delay(this.#world.steady());
    this.#gauges.set({ stats, delay, stalledMs: now - this.#arrivedAt });
    this.#later();
  }
}
