// Storage that never throws. A browser in private mode, a full quota or blocked cookies turn every access into
// an exception; then what is kept lasts as long as the page, and nothing else changes.

import type { Keeper } from "./membership";

/** A keeper over `sessionStorage` or `localStorage`, or over memory where that is refused. */
export function safeKeeper(open: () => Storage): Keeper {
  const memory = new Map<string, string>();
  const attempt = <T>(run: (storage: Storage) => T, otherwise: T): T => {
    try {
      return run(open());
    } catch {
      return otherwise;
    }
  };
  return {
    getItem: (key) => attempt((storage) => storage.getItem(key), null) ?? memory.get(key) ?? null,
    setItem: (key, value) => {
      memory.set(key, value);
      attempt((storage) => storage.setItem(key, value), undefined);
    },
    removeItem: (key) => {
      memory.delete(key);
      attempt((storage) => storage.removeItem(key), undefined);
    },
  };
}
