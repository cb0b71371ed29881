// Watches a picture: reads its statistics once a second, and its true delay from glass to glass. It changes nothing.
//
// A picture that stands still is looked at more closely: whether packets come no more is then known within a second.

import type { CloudToPage, Delay } from "../contract/protocol";
import { type FrameTimes, Glass, newestCapture } from "./glass";
import { between, type Reading, readReport, type Stats } from "./stats";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

const READ_EACH_MS = 1_000;
const LOOK_EACH_MS = 250;
const STANDS_STILL_MS = 400; // no show's frame rate leaves so much between two pictures

/** What is known of the picture. */
export interface Gauges {
  readonly stats: Stats | null;
  /** Source to this screen; null where nobody can say. */
  readonly delay: Delay | null;
  /** How long no packet of the picture has arrived. */
  readonly stalledMs: number;
  /** How long nothing at all has arrived, neither picture nor sound: then it is the way that is gone. */
  readonly silentMs: number;
}

type Pong = Extract<CloudToPage, { type: "pong" }>;

/** Measures one picture after another. */
export class Gauge {
  readonly #world: World;
  readonly #peer: () => RTCPeerConnection | null;
  readonly #gauges = new Value<Gauges>({ stats: null, delay: null, stalledMs: 0, silentMs: 0 });
  readonly #glass = new Glass();
  #last: Reading | null = null;
  #arrivedAt = 0;
  #heardAt = 0;
  #readAt = 0;
  /** When the newest picture was shown; null where the browser does not tell, as of a page that nobody sees. */
  #framedAt: number | null = null;
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
    this.#framedAt = this.#world.now();
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
    this.#cancel = this.#world.after(LOOK_EACH_MS, () => {
      const now = this.#world.now();
      if (this.#standsStill(now) || now - this.#readAt >= READ_EACH_MS) void this.#read(now);
      else this.#later();
    });
  }

  #standsStill(now: number): boolean {
    return this.#framedAt !== null && now - this.#framedAt >= STANDS_STILL_MS;
  }

  async #read(startedAt: number): Promise<void> {
    this.#readAt = startedAt;
    const peer = this.#peer();
    const report = await peer?.getStats().catch(() => null);
    const reading =
      report == null ? null : readReport(report as unknown as Iterable<[string, Record<string, unknown>]>);
    const stats = reading !== null && this.#last !== null ? between(this.#last, reading) : null;
    const now = this.#world.now();
    const last = this.#last;
    if (reading === null || reading.received !== last?.received) {
      this.#arrivedAt = now;
      // Packets come and no picture is shown: nobody looks, and a reading each second is enough.
      if (this.#standsStill(now) && (reading?.silentMs ?? 0) < STANDS_STILL_MS) this.#framedAt = null;
    }
    const came =
      reading === null || reading.received !== last?.received || reading.audioBytes !== last.audioBytes;
    const silentMs = reading?.silentMs ?? (came ? 0 : now - this.#heardAt);
    this.#heardAt = now - silentMs;
    this.#last = reading;
    this.#glass.captured(peer === null ? null : newestCapture(peer));
    const delay = this.#glass.delay(this.#world.steady());
    this.#gauges.set({ stats, delay, stalledMs: now - this.#arrivedAt, silentMs });
    this.#later();
  }
}
