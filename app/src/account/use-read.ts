// What the server answers to one question, asked when a page shows it and again when it has changed.

import { useCallback, useEffect, useRef, useState } from "react";
import type { Login } from "../client/account";
import { useWords } from "../ui/use";
import { whyNot } from "./refused";

interface Read<T> {
  /** Null until the first answer. */
  readonly answer: T | null;
  /** Why the newest question has none. */
  readonly refused: string | null;
  readonly read: () => Promise<void>;
}

/** Asks; the answer before stays while the next is on its way, and where it does not come. */
export function useRead<T>(login: Login, path: string): Read<T> {
  const w = useWords();
  const [answer, setAnswer] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const newest = useRef(0); // an answer that was overtaken is none
  const read = useCallback(async () => {
    newest.current += 1;
    const mine = newest.current;
    try {
      const got = await login.ask<T>("GET", path);
      if (mine !== newest.current) return;
      setAnswer(got);
      setError(null);
    } catch (caught) {
      if (mine === newest.current) setError(caught);
    }
  }, [login, path]);
  useEffect(() => {
    void read();
  }, [read]);
  return { answer, refused: error === null ? null : whyNot(error, w), read };
}
