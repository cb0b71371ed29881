// What components need of the client: to read a value and be drawn again when it changes. Nothing is decided here.

import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Watchable } from "../client/value";
import { type Tongue, wordsOf } from "./language";
import type { Words } from "./words/words";

/** A value as it is now. */
export function useValue<T>(value: Watchable<T>): T {
  return useSyncExternalStore(value.watch, value.get, value.get);
}

/** The page's tongue. */
export const TongueContext = createContext<Tongue | null>(null);

/** The page's tongue, for the button that changes it. */
export function useTongue(): Tongue {
  const tongue = useContext(TongueContext);
  if (tongue === null) throw new Error("the page is not wrapped in a tongue");
  return tongue;
}

/** The words of the page's language. */
export function useWords(): Words {
  return wordsOf(useValue(useTongue().language));
}

/** Calls back once what was drawn with this value is on the screen. */
export function usePainted<T>(value: T, painted: (value: T) => void): void {
  const call = useRef(painted);
  call.current = painted;
  useEffect(() => {
    // The first frame paints what this effect belongs to; when the second one begins, it is on the glass.
    let id = requestAnimationFrame(() => {
      id = requestAnimationFrame(() => call.current(value));
    });
    return () => cancelAnimationFrame(id);
  }, [value]);
}

/** Whether something was ever true. */
export function useEver(now: boolean): boolean {
  const [ever, setEver] = useState(now);
  if (now && !ever) setEver(true);
  return ever || now;
}
