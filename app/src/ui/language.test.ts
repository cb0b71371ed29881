import { describe, expect, it } from "vitest";
import { memory } from "../client/testing/world";
import { Tongue } from "./language";

describe("the page's language", () => {
  it("is the first of the browser's that we have, else English", () => {
    expect(new Tongue(memory(), ["fr-FR", "ko-KR", "en"]).language.get()).toBe("ko");
    expect(new Tongue(memory(), ["en-GB"]).language.get()).toBe("en");
    expect(new Tongue(memory(), ["ja"]).language.get()).toBe("en");
  });

  it("is remembered once chosen", () => {
    const keeper = memory();
    new Tongue(keeper, ["ko"]).toggle();
    expect(new Tongue(keeper, ["ko"]).language.get()).toBe("en");
  });
});
