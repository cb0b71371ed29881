import { describe, expect, it } from "vitest";
import type { Scene } from "../client/scene";
import { bitrateWords, layerWords, pictureNotice, problemWords, sceneNotice } from "./sentences";
import { en } from "./words/en";

const PLAYING = { kind: "playing", layer: "high" } as const;

describe("what stands in the picture's place", () => {
  it("is nothing while the picture plays", () => {
    const facts = {
      session: "live",
      role: "viewer",
      playback: PLAYING,
      picture: { layers: ["high"] },
      restarting: false,
    } as const;
    expect(pictureNotice({ ...facts, picture: { layers: ["high"] } }, en)).toBeNull();
  });

  it("says that the director is gone, although the last frame stays on the glass", () => {
    const facts = { session: "live", role: "camera", playback: PLAYING, restarting: false } as const;
    expect(pictureNotice({ ...facts, picture: { layers: [] } }, en)?.title).toBe(en.noPictureYet);
  });

  it("lets viewers wait while cameras rehearse", () => {
    const facts = {
      session: "rehearsal",
      playback: PLAYING,
      restarting: false,
    } as const;
    const picture = { layers: ["high" as const] };
    expect(pictureNotice({ ...facts, picture, role: "viewer" }, en)?.title).toBe(en.rehearsal);
    expect(pictureNotice({ ...facts, picture, role: "camera" }, en)).toBeNull();
  });

  it("says why the picture is gone where the server said so beforehand", () => {
    const playback = { kind: "broken" } as const;
    const facts = { session: "live", role: "camera", playback, picture: null } as const;
    expect(pictureNotice({ ...facts, restarting: true }, en)?.title).toBe(en.restarting);
    expect(pictureNotice({ ...facts, restarting: false }, en)?.title).toBe(en.pictureBroken);
  });

  it("tells an unknown refusal in the server's own words", () => {
    const problem = { status: 418, code: "teapot", title: "A teapot.", detail: "Ask for tea." };
    expect(problemWords(problem, en)).toEqual({ title: "A teapot.", detail: "Ask for tea." });
  });
});

describe("a bit rate", () => {
  it("is told in the unit that people know", () => {
    expect(bitrateWords(1_043_000)).toBe("1.0 Mbps");
    expect(bitrateWords(142_400)).toBe("142 kbps");
  });
});

describe("a viewer's screen", () => {
  it("has a sentence of its own for each state but the picture", () => {
    const kinds = [
      "opening",
      "before",
      "rehearsal",
      "ended",
      "full",
      "director_lost",
      "network_lost",
      "restarting",
      "picture_lost",
    ];
    const titles = kinds.map((kind) => sceneNotice({ kind } as Scene, en)?.title);
    expect(new Set(titles).size).toBe(kinds.length);
    expect(sceneNotice({ kind: "live" }, en)).toBeNull();
  });

  it("says why it has its layer, and nothing of a reason it does not know", () => {
    expect(layerWords("low", "chosen", en)).toBe("you save data");
    expect(layerWords("low", "loss", en)).toBe("your network loses too much for more");
    expect(layerWords("high", "recovered", en)).toBe("the best there is");
    expect(layerWords("low", "of a later version" as "loss", en)).toBe("");
  });
});
