// A value that can be watched: the only bridge from the client to what draws it. It refuses history: a
// watcher reads what holds now. A watcher is never called for a value that is the same as before.

/** What others may do with a value: read and watch. */
export interface Watchable<T> {
  get(): T;
  /** Calls back after each change; returns how to stop. */
  watch(changed: () => void): () => void;
}

/** A watchable value that its owner sets. */
export class Value<T> implements Watchable<T> {
  #current: T;
  readonly #watchers = new Set<() => void>();

  constructor(initial: T) {
    this.#current = initial;
  }

  get = (): T => this.#current;

  set(next: T): void {
    if (Object.is(next, this.#current)) return;
    this.#current = next;
    for (const changed of [...this.#watchers]) changed();
  }

  watch = (changed: () => void): (() => void) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };
}
