import { describe, expect, it } from "vitest";
import { floatOf, fullScreenOf } from "./theatre";

/** What is used of an element, in a document that offers this. */
function elements(page: Record<string, unknown>, apple: Record<string, unknown> = {}) {
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(what);
  const ownerDocument = {
    fullscreenElement: null,
    pictureInPictureElement: null,
    exitFullscreen: note("left full screen"),
    exitPictureInPicture: note("no longer floats"),
    ...page,
  };
  const stage = { ownerDocument, requestFullscreen: note("the stage fills the screen") };
  const video = { ownerDocument, requestPictureInPicture: note("floats"), ...apple };
  return { done, stage: stage as unknown as HTMLElement, video: video as unknown as HTMLVideoElement };
}

describe("full screen", () => {
  it("is the whole stage's, with its buttons, and is left by the same switch", () => {
    const there = elements({ fullscreenEnabled: true });
    fullScreenOf(there.stage, there.video)?.();
    const filled = elements({ fullscreenEnabled: true, fullscreenElement: {} });
    fullScreenOf(filled.stage, filled.video)?.();
    expect([...there.done, ...filled.done]).toEqual(["the stage fills the screen", "left full screen"]);
  });

  it("is the video's alone on an iPhone, whose refusal changes nothing", () => {
    let asked = 0;
    const webkitEnterFullscreen = () => {
      asked += 1;
      throw new DOMException("not yet", "InvalidStateError");
    };
    const { stage, video } = elements({}, { webkitEnterFullscreen });
    expect(() => fullScreenOf(stage, video)?.()).not.toThrow();
    expect(asked).toBe(1);
  });

  it("is not offered where there is none", () => {
    const { stage, video } = elements({});
    expect(fullScreenOf(stage, video)).toBeNull();
  });
});

describe("picture in picture", () => {
  it("is the browser's, or Apple's, or not offered", () => {
    const there = elements({ pictureInPictureEnabled: true });
    floatOf(there.video)?.();
    expect(there.done).toEqual(["floats"]);
    const modes: string[] = [];
    const apple = elements(
      {},
      {
        webkitSupportsPresentationMode: (mode: string) => mode === "picture-in-picture",
        webkitSetPresentationMode: (mode: string) => modes.push(mode),
        webkitPresentationMode: "inline",
      },
    );
    floatOf(apple.video)?.();
    expect(modes).toEqual(["picture-in-picture"]);
    expect(floatOf(elements({}).video)).toBeNull();
  });
});
