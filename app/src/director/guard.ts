// Between one press and what cannot be taken back: the first press arms, the second within a few seconds does it.
// It refuses to ask by a dialog: on air nothing may cover the pictures or take the keys.

import { Value, type Watchable } from "../client/value";
import type { World } from "../client/world";

/** How long a first press stays armed, in ms. */
export const ARMED_MS = 3000;
/** A second press this soon after the first is a slip of the same hand, in ms. */
const SLIP_MS = 250;

/** A guarded press. */
export class Guard {
  readonly #world: Pick<World, "after" | "now">;
  readonly #armed = new Value(false);
  #since = 0;
  #disarm: () => void = () => {};

  constructor(world: Pick<World, "after" | "now">) {
    this.#world = world;
  }

  get armed(): Watchable<boolean> {
    return this.#armed;
  }

  /** Whether it is to be done now. */
  press(): boolean {
    if (this.#armed.get()) {
      if (this.#world.now() - this.#since < SLIP_MS) return false;
      this.#disarm();
      this.#armed.set(false);
      return true;
    }
    this.#since = this.#world.now();
    this.#armed.set(true);
    this.#disarm = this.#world.after(ARMED_MS, () => this.#armed.set(false));
    return false;
  }
}
