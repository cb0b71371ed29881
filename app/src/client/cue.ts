// What the director says to this operator, and what the operator says back. A cue stands until it is answered; an
// answer is said until the cloud has it, over any number of connections, and no cue is asked twice.

import type { Answered, CloudToPage, Cue, CueAnswer, PageToCloud, Signal } from "../contract/protocol";
import { Value, type Watchable } from "./value";

/** What the operator is shown and has said. */
export interface CueView {
  /** Not answered yet. */
  readonly cue: Cue | null;
  /** No phone may sound. */
  readonly silent: boolean;
  readonly signal: Signal | null;
}

type CueMessage = Extract<CloudToPage, { type: "cue" }>;

/** One operator's cues. */
export class CueFollower {
  readonly #send: (message: PageToCloud) => void;
  readonly #view = new Value<CueView>({ cue: null, silent: false, signal: null });
  #said: Answered | null = null;

  constructor(send: (message: PageToCloud) => void) {
    this.#send = send;
  }

  get view(): Watchable<CueView> {
    return this.#view;
  }

  heard({ cue, silent, answered }: CueMessage): void {
    const mine = this.#said !== null && cue !== null && isSame(this.#said, cue) ? this.#said : null;
    // Answered here while the cloud was away: it is told again, and the operator is not asked again.
    if (mine !== null && answered === null) this.#send({ type: "answer", answered: mine });
    const open = answered === null && mine === null;
    this.#view.set({ ...this.#view.get(), cue: open ? cue : null, silent });
  }

  /** The tap on an answer. */
  answer(answer: CueAnswer): void {
    const { cue } = this.#view.get();
    if (cue === null) return;
    this.#said = { cue: cue.id, answer };
    this.#send({ type: "answer", answered: this.#said });
    this.#view.set({ ...this.#view.get(), cue: null });
  }

  /** Raises a hand or tells of a problem; the same again takes it back. */
  signal(signal: Signal): void {
    const before = this.#view.get().signal;
    const now = before === signal ? null : signal;
    this.#view.set({ ...this.#view.get(), signal: now });
    this.#send({ type: "signal", signal: now });
  }

  /** A new connection knows nothing of it. */
  connected(): void {
    const { signal } = this.#view.get();
    if (signal !== null) this.#send({ type: "signal", signal });
  }
}

function isSame({ cue: { epoch, n } }: Answered, { id }: Cue): boolean {
  return id.epoch === epoch && id.n === n;
}
