// The shape of a catalogue: the keys of English, sentences as strings, sentences with facts in them as functions.

import type { en } from "./en";

/** Every word the pages can say. */
export type Words = {
  readonly [K in keyof typeof en]: (typeof en)[K] extends (...facts: infer F) => string
    ? (...facts: F) => string
    : string;
};
