// How old a word is when it is heard. Its sender said how old it was when it went out; what it then took on the way is
// known by the sender's count, which comes with each word and with each answer to a ping. So a word that stood in a
// tunnel, in a router or in a phone that slept is as old as it is.
//
// It refuses to believe more than was measured: where the count is known closely a word is as old as it can be, where
// it is not, as old as it must be; unknown, as young as its sender said. Invariant: never younger than that.

import type { CloudToPage } from "../contract/protocol";
import { ServerClock } from "./server-clock";

/** Beyond it a word each second might not keep a lamp lit that lives for 2.5 s. */
const CLOSELY_MS = 500;

type Word = Extract<CloudToPage, { type: "tally" }>;
type Pong = Extract<CloudToPage, { type: "pong" }>;

/** Dates the words of one connection: another one may lead to another program, with another count. */
export class WordAge {
  readonly #clock = new ServerClock();

  /** An answer that took `tookMs`, heard at `heardMs` of the world's clock. */
  answered({ run_us }: Pong, tookMs: number, heardMs: number): void {
    if (run_us !== undefined) this.#clock.handleAnswer(tookMs, heardMs, run_us);
  }

  /** The word with its age when it was heard. */
  dated(word: Word, heardMs: number): Word {
    return { ...word, age_ms: word.age_ms + this.#onTheWay(word.run_us, heardMs) };
  }

  #onTheWay(run_us: number | undefined, heardMs: number): number {
    const offset = this.#clock.offset(heardMs);
    if (run_us === undefined || offset === null) return 0;
    const likely = heardMs + offset.aheadMs - run_us / 1000;
    const { errorMs } = offset;
    return Math.max(0, errorMs <= CLOSELY_MS ? likely + errorMs : likely - errorMs);
  }
}
