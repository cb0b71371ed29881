// Tells the cloud how late this screen's picture is: when it becomes known or unknown, and each 5 s, so that a word
// that was lost is healed by the next. It refuses to say every change: a number that wobbles is no news.

import type { Delay } from "../contract/protocol";

const SAY_EACH_MS = 5_000;

/** When to say it. */
export class DelayReport {
  readonly #say: (delay: Delay | null) => void;
  #said: { known: boolean; at: number } | null = null;

  constructor(say: (delay: Delay | null) => void) {
    this.#say = say;
  }

  /** It is so now. */
  measured(delay: Delay | null, now: number): void {
    const known = delay !== null;
    const said = this.#said ?? { known: false, at: now }; // unknown is what everybody begins with
    const due = known && now - said.at >= SAY_EACH_MS;
    if (known === said.known && !due) return;
    this.#said = { known, at: now };
    this.#say(delay);
  }
}
