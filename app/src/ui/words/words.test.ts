import { describe, expect, it } from "vitest";
import { en } from "./en";
import { ko } from "./ko";

const HANGUL = /\p{Script=Hangul}/u;

/** Names, units, and the two words that invite into the other language. */
const SAME_IN_BOTH = new Set(["appName", "language", "languageLabel"]);

const sentence = (value: string | ((...facts: never[]) => string)): string =>
  typeof value === "string"
    ? value
    : (value as (...facts: unknown[]) => string)("FACT-A", "FACT-B", "FACT-C");

describe("the catalogue", () => {
  it("has the same keys in both languages", () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
  });

  it.each(Object.keys(en).filter((key) => !SAME_IN_BOTH.has(key)))("says %s in the right language", (key) => {
    const english = sentence(en[key as keyof typeof en]);
    const korean = sentence(ko[key as keyof typeof ko]);
    expect(english.trim()).not.toBe("");
    expect(HANGUL.test(english)).toBe(false);
    expect(HANGUL.test(korean)).toBe(true);
  });

  it("states the same facts in both languages", () => {
    const facts = (text: string) => [...text.matchAll(/FACT-[A-C]/g)].map(([fact]) => fact).sort();
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(facts(sentence(ko[key])), key).toEqual(facts(sentence(en[key])));
    }
  });
});
