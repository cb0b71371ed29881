// Says RED to hand and ear, and to the ear not while the director keeps every phone silent. Only the edge counts: from anything else to RED, once. It refuses to cry on arrival: a
// page that opens or comes back and finds itself already RED shows it, and stays quiet.

import type { Tally } from "../contract/protocol";
import type { Display } from "./tally";

/** What a phone can do. */
export interface Body {
  /** False where the device cannot. */
  vibrate(pattern: number[]): boolean;
  beep(): void;
}

/** What the operator wants. */
export interface Wishes {
  readonly vibrate: boolean;
  readonly sound: boolean;
}

const RED_PATTERN = [180, 80, 180]; // two knocks: felt through a jacket, over before it annoys

/** Turns lamps into vibration and sound. */
export class Alarm {
  readonly #body: Body;
  readonly #wishes: () => Wishes;
  #known: { camera: number; tally: Tally } | null = null;

  constructor(body: Body, wishes: () => Wishes) {
    this.#body = body;
    this.#wishes = wishes;
  }

  /** The lamp changed, or was said again. */
  lamp({ camera, tally }: Display, silent = false): void {
    const before = this.#known;
    if (camera === null) {
      this.#known = null;
      return;
    }
    if (tally === "unknown") {
      // Doubt is no edge: RED, unknown, RED is one RED. Another camera's doubt is a new beginning.
      if (before?.camera !== camera) this.#known = null;
      return;
    }
    this.#known = { camera, tally };
    const edge = before?.camera === camera && before.tally !== "program" && tally === "program";
    if (!edge) return;
    const { vibrate, sound } = this.#wishes();
    if (vibrate) this.#body.vibrate(RED_PATTERN);
    if (sound && !silent) this.#body.beep();
  }
}
