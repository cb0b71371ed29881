import { describe, expect, it } from "vitest";
import { USUAL_KEYS } from "../../director/keys";
import { directorEn } from "./director-en";
import { directorKo } from "./director-ko";
import { engineKo } from "./engine-ko";

const HANGUL = /\p{Script=Hangul}/u;
const FACTS = ["FACT-A", "FACT-B", "FACT-C"];

/** Every code that the window hands to the catalogue, by the entry that names it. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  air: ["off", "starting", "rehearsal", "live", "stopping"],
  sync: ["synced", "saved_here", "two_versions", "offline"],
  drawer: ["shows", "sources", "tally", "keys", "settings", "check", "overlay"],
  sourceDoes: ["starting", "frozen", "lost"],
  sourceLamp: ["confirmed", "not_confirmed"],
  manner: ["mix", "wipe"],
  outputKind: ["vmix", "tsl", "http", "page"],
  lampWord: ["program", "preview", "idle", "unknown"],
  signal: ["hand", "problem"],
  lan: ["proven", "trying", "unreachable", "closed"],
  answer: ["read", "ready", "cannot"],
  layer: ["high", "low"],
  keysGo: ["window", "field"],
  action: Object.keys(USUAL_KEYS),
  checkOf: ["sources", "encoder", "cloud", "srt", "upload", "clock", "disk", "phones", "power"],
  checkIs: ["good", "look", "broken", "unknown"],
  trouble: [
    "broken",
    "programme_lost",
    "programme_frozen",
    "cloud_absent",
    "push_down",
    "layer_missing",
    "loss_high",
    "recording_stopped",
    "switcher_lost",
    "output_failed",
    "source_lost",
    "source_frozen",
    "show_cannot_run",
    "show_waits",
    "on_battery",
    "disk_low",
    "key_trouble",
    "cloud_trouble",
  ],
  concern: [
    "problem",
    "not_confirmed",
    "shows_unknown",
    "no_camera",
    "hidden",
    "sound_unarmed",
    "vibration_unarmed",
    "sight_alone",
    "battery_low",
    "screen_may_go_dark",
    "hand",
    "no_picture",
    "picture_breaks_up",
    "sound_unsure",
    "second_way",
    "not_said",
  ],
};

/** Sentences of the engine that are somebody else's words. */
const NOT_OURS = ["as_is"];

type Entry = string | readonly string[] | ((...facts: never[]) => string);

/** Everything that an entry can say. */
function said(key: string, entry: Entry): readonly string[] {
  if (typeof entry === "string") return [entry];
  if (typeof entry !== "function") return [entry.join(" ")];
  const say = entry as (...facts: string[]) => string;
  return (CODES[key] ?? [FACTS[0] as string]).map((first) => say(first, ...FACTS.slice(1)));
}

describe("the director's catalogue", () => {
  it("has the same keys in both languages", () => {
    expect(Object.keys(directorKo).sort()).toEqual(Object.keys(directorEn).sort());
  });

  it.each(Object.keys(directorEn).filter((key) => key !== "says"))(
    "says every word of %s in the right language",
    (key) => {
      const name = key as keyof typeof directorEn;
      for (const text of said(key, directorEn[name] as Entry)) {
        expect(text.trim()).not.toBe("");
        expect(HANGUL.test(text), text).toBe(false);
      }
      for (const text of said(key, directorKo[name] as Entry)) expect(HANGUL.test(text), text).toBe(true);
    },
  );

  it("leaves what the engine says in English to the engine", () => {
    const said = { code: "no_show_open", facts: [], text: "open a show first" };
    expect(directorEn.says(said)).toBe("open a show first");
    expect(directorKo.says(said)).toBe("먼저 쇼를 여세요");
    expect(directorKo.says({ ...said, code: "of a newer engine" })).toBe("open a show first");
  });

  it.each(Object.entries(engineKo))("says the engine's %s in Korean, with every fact", (code, say) => {
    const facts = FACTS.slice(0, say.length);
    const text = (say as (...facts: string[]) => string)(...facts);
    expect(HANGUL.test(text) || NOT_OURS.includes(code), text).toBe(true);
    for (const fact of facts) expect(text).toContain(fact);
  });

  it("has a word for each code, not the code itself", () => {
    for (const [key, codes] of Object.entries(CODES)) {
      const texts = said(key, directorEn[key as keyof typeof directorEn] as Entry);
      codes.forEach((code, i) => {
        if (code.includes("_")) expect(texts[i], `${key} ${code}`).not.toContain(code);
      });
    }
  });
});
