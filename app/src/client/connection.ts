// The page's connection to the cloud: a WebSocket; where that is refused, server-sent events and POST, while it
// keeps trying the WebSocket. It comes back by itself until the cloud says that coming back is pointless.
//
// Invariant: at most one way carries the page's words; a better one replaces it only once it is welcomed.

import type { CloudToPage, PageToCloud, Problem } from "../contract/protocol";
import { type AttemptEnds, attempt, type Failure } from "./attempt";
import { Backoff } from "./backoff";
import { Heartbeat } from "./heartbeat";
import type { Link, Way } from "./link";
import { isFinal } from "./problem";
import { Value, type Watchable } from "./value";
import { WordAge } from "./word-age";
import type { Cancel, World } from "./world";

const UPGRADE_EACH_MS = 30_000; // a certificate accepted in another tab, a proxy restarted
const HANGS_AFTER_MS = 1_000;

/** How the connection stands. */
export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open"; readonly way: Way }
  | { readonly kind: "waiting"; readonly problem: Problem | null }
  | { readonly kind: "over"; readonly problem: Problem };

interface Ends {
  /** The first message on every new way. */
  hello(): PageToCloud;
  /** A tally with the age that it had when it was heard. */
  heard(message: CloudToPage): void;
  /** A ping was answered, and how long that took. */
  answered(pong: Extract<CloudToPage, { type: "pong" }>, tookMs: number): void;
}

/** Keeps one participant's page connected. */
export class Connection {
  readonly #world: World;
  readonly #token: string;
  readonly #ends: Ends;
  readonly #state = new Value<ConnectionState>({ kind: "connecting" });
  readonly #backoff: Backoff;
  #open: { link: Link; heartbeat: Heartbeat; age: WordAge; close: () => void } | null = null;
  #triedAt = 0;
  #heardAt = 0;
  #cancelAttempt: Cancel = () => {};
  #cancelTimer: Cancel = () => {};

  constructor(world: World, token: string, ends: Ends) {
    this.#world = world;
    this.#token = token;
    this.#ends = ends;
    this.#backoff = new Backoff(world.random);
    this.#try("websocket");
  }

  get state(): Watchable<ConnectionState> {
    return this.#state;
  }

  /** Round trip of the last answered ping, in ms. */
  get roundTripMs(): number | null {
    return this.#open?.heartbeat.roundTripMs ?? null;
  }

  /** How long nothing has been heard of the cloud, in ms. */
  get silentMs(): number {
    return this.#world.now() - this.#heardAt;
  }

  /** Says it now or never: state is sent again by `hello`, so nothing is kept for later. */
  send(message: PageToCloud): void {
    this.#open?.link.send(message);
  }

  /** The page is seen again, or the network changed: find out now instead of at the next beat. */
  wake(): void {
    if (this.#open !== null) this.#open.heartbeat.check();
    else if (this.#state.get().kind === "waiting" || this.#hangs()) this.#try("websocket");
  }

  /** Connects anew, where another server may answer; what is open stays until that one has welcomed us. */
  move(): void {
    if (this.#open !== null) this.#try("websocket");
  }

  /** A try that began on a network that is gone: it would find that out late. */
  #hangs(): boolean {
    return this.#state.get().kind === "connecting" && this.#world.now() - this.#triedAt >= HANGS_AFTER_MS;
  }

  /** Ends it from our side. */
  stop(): void {
    this.#cancelTimer();
    this.#cancelAttempt();
    this.#drop();
  }

  #try(way: Way): void {
    this.#triedAt = this.#world.now();
    this.#cancelTimer();
    this.#cancelAttempt();
    if (this.#open === null) this.#state.set({ kind: "connecting" });
    this.#cancelAttempt = attempt(this.#world, this.#token, way, this.#attemptEnds(way));
  }

  #attemptEnds(way: Way): AttemptEnds {
    return {
      hello: () => this.#ends.hello(),
      welcomed: (link, welcome) => {
        const close = this.#cancelAttempt;
        this.#cancelAttempt = () => {};
        this.#welcomed(link, welcome, close);
      },
      failed: (failure) => this.#failed(way, failure),
      heard: (message) => this.#heard(message),
      lost: (problem) => this.#lost(problem),
    };
  }

  #welcomed(link: Link, welcome: CloudToPage, close: () => void): void {
    this.#drop();
    this.#backoff.succeeded();
    const heartbeat = new Heartbeat(this.#world, {
      ping: (n) => link.send({ type: "ping", n }),
      dead: () => this.#lost(null),
    });
    this.#open = { link, heartbeat, age: new WordAge(), close };
    this.#state.set({ kind: "open", way: link.way });
    if (link.way === "events") {
      this.#cancelTimer = this.#world.after(UPGRADE_EACH_MS, () => this.#try("websocket"));
    }
    this.#ends.heard(welcome);
  }

  #heard(message: CloudToPage): void {
    const now = this.#world.now();
    this.#heardAt = now;
    if (message.type === "pong") {
      const tookMs = this.#open?.heartbeat.pong(message.n) ?? null;
      if (tookMs === null) return;
      this.#open?.age.answered(message, tookMs, now);
      this.#ends.answered(message, tookMs);
    } else if (message.type === "tally") this.#ends.heard(this.#open?.age.dated(message, now) ?? message);
    else if (message.type === "bye") this.#lost(message.problem);
    else this.#ends.heard(message);
  }

  #failed(way: Way, { of, problem }: Failure): void {
    if (problem !== null && isFinal(problem)) {
      this.#over(problem);
    } else if (this.#open !== null) {
      this.#cancelTimer = this.#world.after(UPGRADE_EACH_MS, () => this.#try("websocket"));
    } else if (of === "way" && way === "websocket") {
      this.#try("events");
    } else {
      this.#wait(problem);
    }
  }

  #lost(problem: Problem | null): void {
    this.#cancelAttempt();
    this.#drop();
    if (problem !== null && isFinal(problem)) this.#over(problem);
    else this.#wait(problem);
  }

  #wait(problem: Problem | null): void {
    this.#state.set({ kind: "waiting", problem });
    this.#cancelTimer();
    this.#cancelTimer = this.#world.after(this.#backoff.next(problem !== null), () => this.#try("websocket"));
  }

  #over(problem: Problem): void {
    this.stop();
    this.#state.set({ kind: "over", problem });
  }

  #drop(): void {
    const open = this.#open;
    this.#open = null;
    open?.heartbeat.stop();
    open?.close();
  }
}
