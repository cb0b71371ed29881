// Who this page is: joins by the code of its link once a person has tapped, and keeps the token so that a reload needs
// neither a tap nor a second place in the session. It refuses to guess: a kept token is checked with the cloud before it
// is used; where no cloud answers, an operator is taken for who they were. It refuses to spend an invitation by being
// opened: a chat that previews a link opens it too.
//
// Where things are kept: this tab's storage survives a reload and is its own; the device's storage is read only
// by a page that was opened without a code, or two tabs would be one participant.

import type { JoinResponse, Problem } from "../contract/protocol";
import { join, me } from "./api";
import { Backoff } from "./backoff";
import { isTokenTrouble, REMOVED, Refused } from "./problem";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

/** Where the token is kept: the part of `Storage` that is used. */
export type Keeper = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What a page needs to join. */
export interface Entrance {
  readonly world: World;
  /** Of the link, normalised; empty when there is none. */
  readonly code: string;
  readonly tab: Keeper;
  readonly device: Keeper;
}

/** How joining stands. */
export type Membership =
  | { readonly kind: "joining" }
  /** The link has a code; a person's tap is waited for. */
  | { readonly kind: "invited" }
  | { readonly kind: "joined"; readonly join: JoinResponse }
  | { readonly kind: "code_needed"; readonly problem: Problem | null }
  /** The director has taken us out. */
  | { readonly kind: "out"; readonly problem: Problem }
  | { readonly kind: "unreachable"; readonly problem: Problem | null };

interface Kept {
  readonly code: string;
  readonly token: string;
  /** What the cloud said of it last. */
  readonly join: JoinResponse | null;
}

const KEY = "returnfeed.membership";

/** Spaces, hyphens and case do not matter, as the cloud has it. */
export function normaliseCode(text: string): string {
  return text.replace(/[\s-]/g, "").toUpperCase();
}

/** The code of a link like `/camera/#K7QM-4XTP`. */
export function codeOfFragment(hash: string): string {
  try {
    return normaliseCode(decodeURIComponent(hash.replace(/^#/, "")));
  } catch {
    return ""; // not a code if it is not even an escape
  }
}

/** Joins, and stays joined over reloads. */
export class Member {
  readonly #entrance: Entrance;
  readonly #state = new Value<Membership>({ kind: "joining" });
  readonly #backoff: Backoff;
  readonly #renewals: Backoff;
  #code: string;
  #accepted = false;
  #cancel: Cancel = () => {};

  constructor(entrance: Entrance) {
    this.#entrance = entrance;
    this.#code = entrance.code;
    this.#backoff = new Backoff(entrance.world.random);
    this.#renewals = new Backoff(entrance.world.random);
    void this.#enter();
  }

  get state(): Watchable<Membership> {
    return this.#state;
  }

  /** The code it joins by, as the cloud reads it; empty where none is known. */
  get code(): string {
    return this.#code;
  }

  /** A person takes the invitation of the link. */
  accept(): void {
    this.#accepted = true;
    void this.#enter();
  }

  /** Joins by a code that was typed. */
  use(code: string): void {
    this.#code = normaliseCode(code);
    this.#accepted = true;
    this.forget();
    this.#backoff.succeeded();
    void this.#enter();
  }

  /** The token is worth nothing any more: joins again where the code is known, ever more slowly. */
  renew(): void {
    this.forget();
    this.#cancel();
    this.#state.set({ kind: "joining" });
    this.#cancel = this.#entrance.world.after(this.#renewals.next(true), () => void this.#enter());
  }

  /** The director has taken us out: nothing is tried any more. */
  remove(problem: Problem): void {
    this.forget();
    this.#cancel();
    this.#state.set({ kind: "out", problem });
  }

  /** Leaves nothing behind. */
  forget(): void {
    this.#entrance.tab.removeItem(KEY);
    this.#entrance.device.removeItem(KEY);
  }

  stop(): void {
    this.#cancel();
  }

  async #enter(): Promise<void> {
    this.#cancel();
    // While nobody answers, that stays said: what a page shows then must not flicker with each new try.
    if (this.#state.get().kind !== "unreachable") this.#state.set({ kind: "joining" });
    try {
      const joined = await this.#identify();
      if (joined !== null) this.#keep(joined);
      else if (this.#code === "") this.#state.set({ kind: "code_needed", problem: null });
      else this.#state.set({ kind: "invited" });
    } catch (error) {
      this.#failed(error instanceof Refused ? error.problem : null);
    }
  }

  async #identify(): Promise<JoinResponse | null> {
    const { world } = this.#entrance;
    const kept = this.#kept();
    if (kept !== null) {
      try {
        this.#code = kept.code;
        this.#accepted = true; // whoever was in needs no second tap
        return await me(world, kept.token);
      } catch (error) {
        // An operator's lamp may be heard without the cloud: the page is as it was, and the cloud says later.
        if (!(error instanceof Refused) && kept.join?.role === "camera") return kept.join;
        if (!(error instanceof Refused && isTokenTrouble(error.problem))) throw error;
        this.forget();
      }
    }
    return this.#code === "" || !this.#accepted ? null : await join(world, { code: this.#code });
  }

  #kept(): Kept | null {
    const { tab, device } = this.#entrance;
    const own = readKept(tab.getItem(KEY));
    if (this.#code === "") return own ?? readKept(device.getItem(KEY));
    return own?.code === this.#code ? own : null;
  }

  #keep(joined: JoinResponse): void {
    const text = JSON.stringify({ code: this.#code, token: joined.token, join: joined } satisfies Kept);
    this.#entrance.tab.setItem(KEY, text);
    this.#entrance.device.setItem(KEY, text);
    this.#backoff.succeeded();
    this.#state.set({ kind: "joined", join: joined });
  }

  #failed(problem: Problem | null): void {
    if (problem?.code === REMOVED) {
      this.remove(problem);
      return;
    }
    const status = problem?.status ?? 0;
    if (problem !== null && status >= 400 && status < 500 && status !== 429) {
      this.forget();
      this.#state.set({ kind: "code_needed", problem });
      return;
    }
    this.#state.set({ kind: "unreachable", problem });
    this.#cancel = this.#entrance.world.after(this.#backoff.next(problem !== null), () => void this.#enter());
  }
}

/** As this version keeps it. */
function isJoin(value: unknown, token: string): value is JoinResponse {
  const { token: own, session } = (value ?? {}) as Partial<JoinResponse>;
  return own === token && typeof session?.id === "string";
}

function readKept(text: string | null): Kept | null {
  try {
    const { code, token, join } = JSON.parse(text ?? "null") as Record<string, unknown>;
    if (typeof code !== "string" || typeof token !== "string") return null;
    return { code, token, join: isJoin(join, token) ? join : null };
  } catch {
    return null; // nothing kept, or by another version
  }
}
