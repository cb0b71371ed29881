import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { memory } from "../client/testing/world";
import type { Tally } from "../contract/protocol";
import { Lamp } from "./Lamp";
import { type Language, Tongue } from "./language";
import { TongueContext } from "./use";

const TALLIES: readonly Tally[] = ["program", "preview", "idle", "unknown"];

function draw(tally: Tally, language: Language, freshForMs: number | null = 2_500): string {
  return renderToStaticMarkup(
    <TongueContext value={new Tongue(memory(), [language])}>
      <Lamp tally={tally} camera="Camera 1" why="because" word="1.1" freshForMs={freshForMs} />
    </TongueContext>,
  );
}

const face = (html: string) => /<section[^>]*>(.*?)<\/section>/.exec(html)?.[1] ?? "";

describe("the lamp", () => {
  it.each(["ko", "en"] as const)("has a word and a drawing of its own for each state, in %s", (language) => {
    const faces = TALLIES.map((tally) => face(draw(tally, language)));
    const words = faces.map((html) => html.replace(/<svg.*?<\/svg>/, ""));
    const drawings = faces.map((html) => /<svg.*?<\/svg>/.exec(html)?.[0]);
    expect(new Set(words).size).toBe(TALLIES.length);
    expect(new Set(drawings).size).toBe(TALLIES.length);
  });

  it("is announced as a status with a name", () => {
    expect(draw("program", "en")).toContain('role="status" aria-live="assertive" aria-label="Tally"');
    expect(draw("program", "ko")).toContain("송출 중");
  });

  it("carries a cover that turns it unknown without any script when its word grows stale", () => {
    const html = draw("program", "en", 1_800);
    expect(html.match(/lamp-cover" data-tally="unknown" style="animation-duration:1800ms"/g)).toHaveLength(2);
  });

  it("does not say unknown while only the waiting cover is", () => {
    expect(draw("program", "en").replace(/<[^>]*>/g, "")).not.toContain("NO SIGNAL");
  });

  it("needs no cover where nothing can grow stale", () => {
    expect(draw("unknown", "en", null)).not.toContain("lamp-cover");
  });
});
