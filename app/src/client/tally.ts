// Follows one camera's lamp. Only the director's word refreshes it: the greatest (epoch, seq) heard counts from
// its own age, and at TALLY_FRESH_MS the lamp is unknown. It refuses to remember a colour: when there is doubt,
// or nobody looks at the page, the answer is unknown with the reason.
//
// Invariant: `display` never holds a colour of a word that is TALLY_FRESH_MS old.

import {
  type CameraNumber,
  type CloudToPage,
  TALLY_FRESH_MS,
  type Tally,
  type TallyReason,
  type TallyState,
} from "../contract/protocol";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

/** Why the lamp shows what it shows: the director's reason, or the page's own. */
export type Why =
  | TallyReason
  | { code: "no_camera_chosen" }
  | { code: "no_word_yet" }
  | { code: "not_in_show" }
  | { code: "stale" }
  | { code: "asleep" };

/** What the screen has to show now. */
export interface Display {
  readonly camera: CameraNumber | null;
  /** The camera's name in the show. */
  readonly name: string;
  readonly tally: Tally;
  readonly why: Why;
  /** The word it came from, for the acknowledgement. */
  readonly word: { readonly epoch: number; readonly seq: number } | null;
  /** When, on the world's clock, this must no longer be shown; null where nothing can grow stale. */
  readonly freshUntil: number | null;
}

type TallyMessage = Extract<CloudToPage, { type: "tally" }>;

/** One camera's lamp, out of everything the director says. */
export class TallyFollower {
  readonly #world: Pick<World, "now" | "after">;
  readonly #display: Value<Display>;
  readonly #cameras = new Value<TallyState["cameras"]>([]);
  #state: TallyState | null = null;
  #freshUntil = 0;
  #camera: CameraNumber | null;
  #asleep = false;
  #cancelExpiry: Cancel = () => {};

  constructor(world: Pick<World, "now" | "after">, camera: CameraNumber | null) {
    this.#world = world;
    this.#camera = camera;
    this.#display = new Value(this.#judge());
  }

  get display(): Watchable<Display> {
    return this.#display;
  }

  /** The cameras of the show, as last heard: for choosing one, never for showing a lamp. */
  get cameras(): Watchable<TallyState["cameras"]> {
    return this.#cameras;
  }

  follow(camera: CameraNumber | null): void {
    this.#camera = camera;
    this.#settle();
  }

  /** A word, from whichever way it came. */
  heard({ age_ms, state }: TallyMessage): void {
    if (this.#state !== null && !supersedes(state, this.#state)) return;
    this.#state = state;
    this.#freshUntil = this.#world.now() - age_ms + TALLY_FRESH_MS;
    this.#cameras.set(state.cameras);
    this.#settle();
  }

  /** Somebody else speaks from now on: what was said before does not count against it. */
  begin(): void {
    this.#state = null;
    this.#settle();
  }

  /** Nobody sees the page: what it last painted must not be what they see first when they look again. */
  sleep(): void {
    this.#asleep = true;
    this.#settle();
  }

  /** The page is seen again, perhaps long after. */
  wake(): void {
    this.#asleep = false;
    this.#settle();
  }

  stop(): void {
    this.#cancelExpiry();
  }

  #settle(): void {
    this.#cancelExpiry();
    const left = this.#freshUntil - this.#world.now();
    if (this.#state !== null && left > 0) {
      this.#cancelExpiry = this.#world.after(left, () => this.#settle());
    }
    this.#display.set(this.#judge());
  }

  #judge(): Display {
    const camera = this.#camera;
    const state = this.#state;
    const word = state === null ? null : { epoch: state.epoch, seq: state.seq };
    const lamp = state?.cameras.find((one) => one.camera === camera);
    const unknown = (why: Why): Display => ({
      camera,
      name: lamp?.name ?? "",
      tally: "unknown",
      why,
      word,
      freshUntil: null,
    });
    if (camera === null) return unknown({ code: "no_camera_chosen" });
    if (this.#asleep) return unknown({ code: "asleep" });
    if (state === null) return unknown({ code: "no_word_yet" });
    if (this.#world.now() >= this.#freshUntil) return unknown({ code: "stale" });
    if (lamp === undefined) return unknown({ code: "not_in_show" });
    const { name, tally, reason } = lamp;
    return { camera, name, tally, why: reason, word, freshUntil: this.#freshUntil };
  }
}

function supersedes(newer: TallyState, older: TallyState): boolean {
  return newer.epoch > older.epoch || (newer.epoch === older.epoch && newer.seq > older.seq);
}
