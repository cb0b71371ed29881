// The client of a page as a whole: who we are, and what is inside once we are somebody. It watches nothing of the
// browser; `attention.ts` tells it when the page is seen, hidden or left.

import type { JoinResponse, Problem } from "../contract/protocol";
import { Inside } from "./inside";
import { type Entrance, Member, type Membership } from "./membership";
import { Value, type Watchable } from "./value";

/** One page. */
export class ReturnFeed {
  readonly member: Member;
  readonly #entrance: Entrance;
  readonly #inside = new Value<Inside | null>(null);

  constructor(entrance: Entrance) {
    this.#entrance = entrance;
    this.member = new Member(entrance);
    this.member.state.watch(() => this.#memberChanged(this.member.state.get()));
  }

  get inside(): Watchable<Inside | null> {
    return this.#inside;
  }

  /** Nobody sees the page. */
  hidden(): void {
    this.#inside.get()?.sleep();
  }

  seen(): void {
    this.#inside.get()?.wake();
  }

  reachable(): void {
    this.#inside.get()?.reconnect();
  }

  /** The page is left. A browser may put it aside and bring it back: then `returned`. */
  left(): void {
    this.#inside.get()?.leave();
    this.#inside.set(null);
    this.member.stop();
  }

  returned(): void {
    const state = this.member.state.get();
    if (this.#inside.get() === null && state.kind === "joined") this.#enter(state.join);
  }

  #memberChanged(state: Membership): void {
    if (state.kind === "joined") this.#enter(state.join);
    else {
      this.#inside.get()?.leave();
      this.#inside.set(null);
    }
  }

  #enter(me: JoinResponse): void {
    this.#inside.get()?.leave();
    const { world, device } = this.#entrance;
    const ends = {
      expelled: () => this.member.renew(),
      removed: (problem: Problem) => this.member.remove(problem),
    };
    this.#inside.set(new Inside(world, me, device, ends));
  }
}
