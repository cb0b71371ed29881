// Server-sent events asked for with a bearer token: an EventSource cannot carry one, and an address is no place for
// it. It refuses to try again: its owner decides that. Invariant: one `error` ends it, and none follows a `close`.

import { eventsOf } from "./eventstream";
import type { EventsLike } from "./world";

type Listener = (event: MessageEvent<string>) => void;

/** An open stream, or one that is being opened. */
export class TokenEvents implements EventsLike {
  readonly #listeners = new Map<string, Listener>();
  readonly #controller = new AbortController();

  constructor(url: string, token: string) {
    void this.#read(url, token)
      .catch(() => {}) // an end like any other
      .finally(() => {
        if (!this.#controller.signal.aborted) this.#tell("error", "");
      });
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.#controller.abort();
  }

  async #read(url: string, token: string): Promise<void> {
    const { signal } = this.#controller;
    const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
    const response = await fetch(url, { headers, cache: "no-store", signal });
    if (!response.ok || response.body === null) return;
    for await (const { name, data } of eventsOf(response.body, signal)) this.#tell(name, data);
  }

  #tell(name: string, data: string): void {
    if (!this.#controller.signal.aborted) this.#listeners.get(name)?.(new MessageEvent(name, { data }));
  }
}
