// How long to wait before trying again: doubling, bounded, and scattered so that a thousand phones that lost
// the same server do not come back in the same second.

const FIRST_MS = 300; // a blip is over within it
const LONGEST_MS = 5_000; // an operator stares at the page; longer feels dead

/** The wait before the next try. */
export class Backoff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Between half and the whole of the doubled wait. */
  next(): number {
    const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    return bound * (0.5 + this.#random() / 2);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
