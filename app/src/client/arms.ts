// Whether RED can be felt and heard here. A phone gives motor and loudspeaker to a tap, and takes them back after a
// lock, a call or a reload; what it took is said, never passed over. It refuses to guess: what a page cannot know is
// *unsure*.

import type { Ability } from "../contract/protocol";
import type { Wishes } from "./alarm";
import { Value, type Watchable } from "./value";

/** How sound and vibration stand. */
export interface Armed {
  readonly sound: Ability;
  readonly vibration: Ability;
}

/** The part of a phone that is asked. */
export interface Limbs {
  readonly canVibrate: boolean;
  readonly canSound: boolean;
  /** A silent switch may mute it, and no page can ask. */
  readonly silentSwitch: boolean;
  /** Whether somebody has touched the page since it was opened. */
  touched(): boolean;
  /** Whether its loudspeaker is this page's now. */
  sounds(): boolean;
  /** To be called in a tap. */
  unlockSound(): Promise<void>;
  /** Tries to take the loudspeaker back without a tap. */
  resumeSound(): Promise<void>;
}

/** How they stand. */
export function armedNow(limbs: Limbs, { sound, vibrate }: Wishes): Armed {
  return { sound: soundNow(limbs, sound), vibration: vibrationNow(limbs, vibrate) };
}

function soundNow(limbs: Limbs, wanted: boolean): Ability {
  if (!wanted) return "off";
  if (!limbs.canSound) return "impossible";
  if (!limbs.sounds()) return "unarmed";
  return limbs.silentSwitch ? "unsure" : "ready";
}

function vibrationNow(limbs: Limbs, wanted: boolean): Ability {
  if (!limbs.canVibrate) return "impossible";
  if (!wanted) return "off";
  return limbs.touched() ? "ready" : "unarmed";
}

/** One page's arms. */
export class Arms {
  readonly #limbs: Limbs;
  readonly #wishes: Watchable<Wishes>;
  readonly #armed: Value<Armed>;

  constructor(limbs: Limbs, wishes: Watchable<Wishes>) {
    this.#limbs = limbs;
    this.#wishes = wishes;
    this.#armed = new Value(armedNow(limbs, wishes.get()));
    wishes.watch(() => this.look());
  }

  get armed(): Watchable<Armed> {
    return this.#armed;
  }

  /** In a tap: everything that was wished for. */
  async arm(): Promise<void> {
    if (this.#wishes.get().sound) await this.#limbs.unlockSound().catch(() => undefined);
    this.look();
  }

  /** The page is seen again: what comes back by itself comes back, what does not is said. */
  async seen(): Promise<void> {
    if (this.#wishes.get().sound) await this.#limbs.resumeSound().catch(() => undefined);
    this.look();
  }

  look(): void {
    const next = armedNow(this.#limbs, this.#wishes.get());
    const { sound, vibration } = this.#armed.get();
    if (next.sound !== sound || next.vibration !== vibration) this.#armed.set(next);
  }
}
