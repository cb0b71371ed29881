import { describe, expect, it } from "vitest";
import { bitrateWords, pictureNotice, problemWords } from "./sentences";
import { en } from "./words/en";

const PLAYING = { kind: "playing", layer: "high" } as const;

describe("what stands in the picture's place", () => {
  it("is nothing while the picture plays", () => {
    const facts = {
      session: "live",
      role: "viewer",
      playback: PLAYING,
      picture: { layers: ["high"] },
    } as const;
    expect(pictureNotice({ ...facts, picture: { layers: ["high"] } }, en)).toBeNull();
  });

  it("says that the director is gone, although the last frame stays on the glass", () => {
    const facts = { session: "live", role: "camera", playback: PLAYING, picture: { layers: [] } } as const;
    expect(pictureNotice({ ...facts, picture: { layers: [] } }, en)?.title).toBe(en.noPictureYet);
  });

  it("lets viewers wait while cameras rehearse", () => {
    const facts = {
      session: "rehearsal",
      playback: PLAYING,
      picture: { layers: ["high" as const] },
    } as const;
    const picture = { layers: ["high" as const] };
    expect(pictureNotice({ ...facts, picture, role: "viewer" }, en)?.title).toBe(en.rehearsal);
    expect(pictureNotice({ ...facts, picture, role: "camera" }, en)).toBeNull();
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
