// Which language the page speaks: the one chosen here before, else the first of the browser's that we have.

import type { Keeper } from "../client/membership";
import { Value, type Watchable } from "../client/value";
import { en } from "./words/en";
import { ko } from "./words/ko";
import type { Words } from "./words/words";

/** The languages there are. */
export type Language = "ko" | "en";

const CATALOGUES: Record<Language, Words> = { ko, en };
const KEY = "returnfeed.language";

/** The page's tongue. */
export class Tongue {
  readonly #keeper: Keeper;
  readonly #language: Value<Language>;

  constructor(keeper: Keeper, preferred: readonly string[]) {
    this.#keeper = keeper;
    this.#language = new Value(known(keeper.getItem(KEY)) ?? firstKnown(preferred) ?? "en");
  }

  get language(): Watchable<Language> {
    return this.#language;
  }

  /** The other one, from now on. */
  toggle(): void {
    const next = this.#language.get() === "ko" ? "en" : "ko";
    this.#keeper.setItem(KEY, next);
    this.#language.set(next);
  }
}

/** A language's words. */
export function wordsOf(language: Language): Words {
  return CATALOGUES[language];
}

function known(tag: string | null): Language | null {
  const primary = tag?.toLowerCase().split("-")[0];
  return primary === "ko" || primary === "en" ? primary : null;
}

function firstKnown(tags: readonly string[]): Language | null {
  return tags.map(known).find((language) => language !== null) ?? null;
}
