// A clock elsewhere as this page can know it, the cloud's or another's: by the answers to its pings. It refuses to average: the answer that
// came back fastest says most, and half of what it took is what it may be wrong by. Invariant: unless a clock is set
// anew, or drifts faster than DRIFT, the truth is within the error it states.

const DRIFT = 1e-4; // two quartz clocks; what an answer loses of its worth as it ages
const KEPT = 16; // half a minute of pings

/** How far that clock is ahead of the one that `heardMs` was read on, in ms. */
export interface Offset {
  readonly aheadMs: number;
  readonly errorMs: number;
}

interface Sample extends Offset {
  readonly heardMs: number;
}

/** Judges the answers. */
export class ServerClock {
  #samples: Sample[] = [];

  /** An answer that took `tookMs` and was heard at `heardMs`, and said `theirsUs`, in µs. */
  handleAnswer(tookMs: number, heardMs: number, theirsUs: number): void {
    const aheadMs = theirsUs / 1000 - (heardMs - tookMs / 2);
    const sample = { aheadMs, errorMs: tookMs / 2, heardMs };
    const held = this.offset(heardMs);
    // Two that cannot both be true: a clock was set anew, or this device slept. Only the newest knows.
    if (held !== null && Math.abs(held.aheadMs - aheadMs) > held.errorMs + sample.errorMs) this.#samples = [];
    this.#samples = [sample, ...this.#samples.slice(0, KEPT - 1)];
  }

  /** The best that is known; null before the first answer. */
  offset(nowMs: number): Offset | null {
    let best: Offset | null = null;
    for (const { aheadMs, errorMs, heardMs } of this.#samples) {
      const aged = errorMs + Math.abs(nowMs - heardMs) * DRIFT;
      if (best === null || aged < best.errorMs) best = { aheadMs, errorMs: aged };
    }
    return best;
  }
}
