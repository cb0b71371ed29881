// What an operator wants of this phone, remembered on it. Programme sound is not among it: it is off at each start.

import type { CueWishes } from "../client/cues";
import type { Keeper } from "../client/membership";
import { Value, type Watchable } from "../client/value";

const KEY = "returnfeed.cues";
const FIRST: CueWishes = { vibrate: true, sound: false };

/** The operator's wishes. */
export class Settings {
  readonly #keeper: Keeper;
  readonly #wishes: Value<CueWishes>;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
    this.#wishes = new Value(read(keeper.getItem(KEY)));
  }

  get wishes(): Watchable<CueWishes> {
    return this.#wishes;
  }

  change(part: Partial<CueWishes>): void {
    const wishes = { ...this.#wishes.get(), ...part };
    // A tone needs a tap before each use of the page, so it is never switched on from memory.
    this.#keeper.setItem(KEY, JSON.stringify({ ...wishes, sound: false }));
    this.#wishes.set(wishes);
  }
}

function read(text: string | null): CueWishes {
  try {
    const { vibrate } = JSON.parse(text ?? "{}") as Partial<CueWishes>;
    return { ...FIRST, vibrate: vibrate !== false };
  } catch {
    return FIRST;
  }
}
