// How a session fares, second by second: the stream behind the quality page, kept open, and what it has told.
// It refuses to keep more than ten minutes. Invariant: what is shown is never older than the stream says it is.

import type {
  QualitySecond,
  QualitySwitch,
  QualityToPage,
  QualityViewer,
  SessionSummary,
} from "../contract/protocol";
import { Backoff } from "./backoff";
import { eventsOf } from "./eventstream";
import { isFinal, Refused, refusal } from "./problem";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

const SECONDS = 600; // as many as the server remembers
const SWITCHES = 200;
const SILENT_MS = 5_000; // a second is told each second

/** What the link says: `/quality/#SESSION/TOKEN`. The token never leaves the fragment but as a bearer token. */
export interface QualityKey {
  readonly session: string;
  readonly token: string;
}

/** What was told. */
export interface QualityFacts {
  readonly session: SessionSummary;
  readonly seconds: readonly QualitySecond[];
  readonly switches: readonly QualitySwitch[];
  readonly viewers: readonly QualityViewer[];
  /** Viewers beyond those. */
  readonly more: number;
}

/** How the stream stands. */
export type QualityState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "waiting" }
  | { readonly kind: "over"; readonly problem: Refused["problem"] };

/** The key in a fragment; null where it is not one. */
export function qualityKey(fragment: string): QualityKey | null {
  const [, session, token] = /^#([0-9a-f-]{36})\/([\w.-]+)$/.exec(fragment) ?? [];
  return session === undefined || token === undefined ? null : { session, token };
}

/** What is known after a message. */
export function told(facts: QualityFacts | null, message: QualityToPage): QualityFacts | null {
  switch (message.type) {
    case "history": {
      const { session, seconds, switches } = message;
      return { session, seconds, switches, viewers: [], more: 0 };
    }
    case "second": {
      if (facts === null) return null;
      const { second, viewers, more } = message;
      return { ...facts, seconds: [...facts.seconds, second].slice(-SECONDS), viewers, more };
    }
    case "switched":
      return facts && { ...facts, switches: [...facts.switches, message.switch].slice(-SWITCHES) };
    default:
      return facts; // a farewell, or a word of a later version
  }
}

/** The stream, opened again whenever it breaks. */
export class QualityFeed {
  readonly #state = new Value<QualityState>({ kind: "connecting" });
  readonly #facts = new Value<QualityFacts | null>(null);
  readonly #backoff: Backoff;
  readonly #world: World;
  readonly #key: QualityKey;
  #cancel: Cancel = () => {};

  constructor(world: World, key: QualityKey) {
    this.#world = world;
    this.#key = key;
    this.#backoff = new Backoff(() => world.random());
    void this.#run();
  }

  get state(): Watchable<QualityState> {
    return this.#state;
  }

  get facts(): Watchable<QualityFacts | null> {
    return this.#facts;
  }

  async #run(): Promise<void> {
    let reached = true; // an end of the stream is an answer
    try {
      await this.#listen();
    } catch (error) {
      reached = error instanceof Refused;
      if (error instanceof Refused && (isFinal(error.problem) || error.problem.status === 403)) {
        this.#state.set({ kind: "over", problem: error.problem });
        return;
      }
    } finally {
      this.#cancel();
    }
    this.#state.set({ kind: "waiting" });
    this.#world.after(this.#backoff.next(reached), () => void this.#run());
  }

  async #listen(): Promise<void> {
    const controller = new AbortController();
    const silence = () => {
      this.#cancel();
      this.#cancel = this.#world.after(SILENT_MS, () => controller.abort());
    };
    silence();
    const { session, token } = this.#key;
    const response = await this.#world.fetch(`${this.#world.origin}/api/sessions/${session}/quality`, {
      headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream" },
      cache: "no-store",
      signal: controller.signal,
    });
    if (!response.ok || response.body === null) throw await refusal(response);
    for await (const { data } of eventsOf(response.body, controller.signal)) {
      silence();
      this.#hear(data);
    }
  }

  #hear(text: string): void {
    const message = JSON.parse(text) as QualityToPage;
    if (message.type === "bye") throw new Refused(message.problem);
    this.#backoff.succeeded();
    this.#state.set({ kind: "open" });
    this.#facts.set(told(this.#facts.get(), message));
  }
}
