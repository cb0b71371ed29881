// How long to wait before trying again: doubling, bounded, and scattered so that a thousand phones that lost
// the same server do not come back in the same second.

const FIRST_MS = 300; // a blip is over within it
const LONGEST_MS = 5_000; // an operator stares at the page; longer feels dead
const UNREACHED_MS = 1_600; // a try that reaches nobody costs nobody; back within two seconds of the network's return
const UNREACHED_TRIES = 50; // about a minute: then it is not a tunnel

/** The wait before the next try. */
export class Backoff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Between half and the whole of the doubled wait. `reached`: somebody answered, if only by a refusal. */
  next(reached: boolean): number {
    const longest = reached || this.#failures >= UNREACHED_TRIES ? LONGEST_MS : UNREACHED_MS;
    const bound = Math.min(longest, FIRST_MS * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    return bound * (0.5 + this.#random() / 2);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
