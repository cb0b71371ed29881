// Whether nobody has touched the page for a while, so that what lies over the picture may fade. It decides nothing
// else, and it never fades what it was told to keep.

import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

const IDLE_AFTER_MS = 4_000;

/** One page's hands. */
export class Idle {
  readonly #world: Pick<World, "after">;
  readonly #idle = new Value(false);
  #cancel: Cancel = () => {};

  constructor(world: Pick<World, "after">) {
    this.#world = world;
    this.touched();
  }

  get idle(): Watchable<boolean> {
    return this.#idle;
  }

  touched = (): void => {
    this.#cancel();
    this.#idle.set(false);
    this.#cancel = this.#world.after(IDLE_AFTER_MS, () => this.#idle.set(true));
  };

  stop(): void {
    this.#cancel();
  }
}
