// The director's catalogue: beside the others', because no phone needs its words.

import type { Language } from "../language";
import { directorEn } from "./director-en";
import { directorKo } from "./director-ko";

/** Every word that the director's window can say. */
export type DirectorWords = {
  readonly [K in keyof typeof directorEn]: (typeof directorEn)[K] extends (...facts: infer F) => string
    ? (...facts: F) => string
    : (typeof directorEn)[K] extends readonly string[]
      ? readonly string[]
      : string;
};

/** A language's. */
export function directorWords(language: Language): DirectorWords {
  return language === "ko" ? directorKo : directorEn;
}
