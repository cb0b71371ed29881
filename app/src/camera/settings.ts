// What an operator wants of this phone, remembered on it. Programme sound is not among it: it is off at each start.

import type { Wishes } from "../client/alarm";
import type { Keeper } from "../client/membership";
import { Value, type Watchable } from "../client/value";

const KEY = "returnfeed.cues";
const STARTED = "returnfeed.started";
const FIRST: Wishes = { vibrate: true, sound: false }; // a beep beside a live camera goes on air

/** The operator's wishes. */
export class Settings {
  readonly #keeper: Keeper;
  readonly #wishes: Value<Wishes>;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
    this.#wishes = new Value(read(keeper.getItem(KEY)));
  }

  get wishes(): Watchable<Wishes> {
    return this.#wishes;
  }

  /** Whether this operator has tapped Start on this phone before: a reload asks nothing that was answered. */
  hasStarted(participant: string): boolean {
    return this.#keeper.getItem(STARTED) === participant;
  }

  started(participant: string): void {
    this.#keeper.setItem(STARTED, participant);
  }

  change(part: Partial<Wishes>): void {
    const wishes = { ...this.#wishes.get(), ...part };
    this.#keeper.setItem(KEY, JSON.stringify(wishes));
    this.#wishes.set(wishes);
  }
}

function read(text: string | null): Wishes {
  try {
    const { vibrate, sound } = JSON.parse(text ?? "{}") as Partial<Wishes>;
    return { vibrate: vibrate !== false, sound: sound === true };
  } catch {
    return FIRST;
  }
}
