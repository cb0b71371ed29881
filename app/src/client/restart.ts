// The server is about to end: whether the page says so, and when it goes to another server. It refuses to alarm: what it
// has goes on until the end, and where another server takes it nobody need know.

import type { CloudToPage } from "../contract/protocol";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

const MOVES_WITHIN = 0.8; // of what is left, at a random moment: pages come one by one, with time for another try
const TOO_LATE_MS = 1_000; // it is back, or another one is asked, as soon by itself
const COMES_BACK_WITHIN_MS = 60_000; // beyond that it is no restart any more
const SAID_ANEW_WITHIN_MS = 500; // a server that is still about to end says so right after its welcome

type Draining = Extract<CloudToPage, { type: "draining" }>;

/** What this page makes of its server's end. */
export class Restart {
  readonly #world: World;
  readonly #move: () => void;
  readonly #isSaid = new Value(false);
  #elsewhere: boolean | null = null;
  #connected = true;
  #cancelMove: Cancel = () => {};
  #cancelOver: Cancel = () => {};

  /** `move`: connects anew, and keeps what it has until then. */
  constructor(world: World, move: () => void) {
    this.#world = world;
    this.#move = move;
  }

  /** Whether the page says that the server is being restarted. */
  get isSaid(): Watchable<boolean> {
    return this.#isSaid;
  }

  heard({ within_ms, elsewhere }: Draining): void {
    this.stop();
    this.#elsewhere = elsewhere;
    this.#overIn(within_ms + COMES_BACK_WITHIN_MS);
    if (elsewhere && within_ms >= TOO_LATE_MS) {
      const { after, random } = this.#world;
      this.#cancelMove = after(within_ms * MOVES_WITHIN * random(), this.#move);
    }
    this.#settle();
  }

  /** A server took us in: another one, the same after its restart, or the same that is still about to end. */
  welcomed(): void {
    if (this.#elsewhere !== null) this.#overIn(SAID_ANEW_WITHIN_MS);
  }

  connected(open: boolean): void {
    this.#connected = open;
    this.#settle();
  }

  stop(): void {
    this.#cancelMove();
    this.#cancelOver();
  }

  #overIn(ms: number): void {
    this.#cancelOver();
    this.#cancelOver = this.#world.after(ms, () => {
      this.#cancelMove();
      this.#elsewhere = null;
      this.#settle();
    });
  }

  #settle(): void {
    this.#isSaid.set(this.#elsewhere === false || (this.#elsewhere === true && !this.#connected));
  }
}
