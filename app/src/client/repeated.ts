// Something that is asked again and again while somebody looks at it. One question at a time; a refusal is kept beside
// the last answer, and the asking goes on.

import { Refused } from "./problem";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

/** The newest answer, and why there is no newer one. */
export interface Heard<T> {
  readonly answer: T | null;
  readonly refused: Refused["problem"] | "network" | null;
}

/** Asks until it is stopped. */
export class Repeated<T> {
  readonly #world: Pick<World, "after">;
  readonly #ask: () => Promise<T>;
  readonly #everyMs: number;
  readonly #heard = new Value<Heard<T>>({ answer: null, refused: null });
  #cancel: Cancel = () => {};
  #stopped = true;

  constructor(world: Pick<World, "after">, everyMs: number, ask: () => Promise<T>) {
    this.#world = world;
    this.#everyMs = everyMs;
    this.#ask = ask;
  }

  get heard(): Watchable<Heard<T>> {
    return this.#heard;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    void this.#once();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #once(): Promise<void> {
    const heard = await this.#next();
    if (this.#stopped) return;
    this.#heard.set(heard);
    this.#cancel = this.#world.after(this.#everyMs, () => void this.#once());
  }

  async #next(): Promise<Heard<T>> {
    try {
      return { answer: await this.#ask(), refused: null };
    } catch (error) {
      const refused = error instanceof Refused ? error.problem : "network";
      return { answer: this.#heard.get().answer, refused };
    }
  }
}
