// Finds out whether anybody is there: a socket looks open long after a phone's screen was locked. It says ping
// every 2 s and calls the way dead when an answer has been missing for 4 s. It does not decide what happens then.

import type { Cancel, World } from "./world";

const PING_EACH_MS = 2_000;
const DEAD_AFTER_MS = 4_000;

interface Ends {
  ping(n: number): void;
  dead(): void;
}

/** The pulse of one open way. */
export class Heartbeat {
  readonly #world: Pick<World, "now" | "after">;
  readonly #ends: Ends;
  #n = 0;
  #unanswered: { n: number; at: number } | null = null;
  #roundTripMs: number | null = null;
  #cancel: Cancel = () => {};

  constructor(world: Pick<World, "now" | "after">, ends: Ends) {
    this.#world = world;
    this.#ends = ends;
    this.#beat();
  }

  /** How long the last answered ping took. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /**
   * An answer arrived. Pongs come in order: the oldest open question is settled by its own number or a later. Gives
   * what it took, where that is known.
   */
  pong(n: number): number | null {
    const asked = this.#unanswered;
    if (asked === null || n < asked.n) return null;
    this.#unanswered = null;
    if (n > asked.n) return null;
    this.#roundTripMs = this.#world.now() - asked.at;
    return this.#roundTripMs;
  }

  /** The page woke, or the network changed: ask now. */
  check(): void {
    this.#beat();
  }

  stop(): void {
    this.#cancel();
  }

  #beat(): void {
    this.#cancel();
    const now = this.#world.now();
    if (this.#unanswered !== null && now - this.#unanswered.at >= DEAD_AFTER_MS) {
      this.#ends.dead();
      return;
    }
    this.#n += 1;
    this.#unanswered ??= { n: this.#n, at: now };
    this.#cancel = this.#world.after(PING_EACH_MS, () => this.#beat());
    this.#ends.ping(this.#n);
  }
}
