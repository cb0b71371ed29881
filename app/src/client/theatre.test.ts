import { describe, expect, it } from "vitest";
import { theatreOf } from "./theatre";

/** What is used of a document that offers this, and of its elements. */
function browser(page: Record<string, unknown>, apple: Record<string, unknown> = {}) {
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(what);
  const stage = { requestFullscreen: note("the stage fills the screen") } as unknown as HTMLElement;
  const video = { requestPictureInPicture: note("it floats"), ...apple } as unknown as HTMLVideoElement;
  const theatre = theatreOf({
    fullscreenElement: null,
    pictureInPictureElement: null,
    exitFullscreen: note("full screen is left"),
    exitPictureInPicture: note("it floats no more"),
    createElement: () => ({ ...apple }),
    ...page,
  } as unknown as Document);
  return {
    done,
    fill: () => theatre.fullScreen?.(stage, video),
    float: () => theatre.float?.(video),
    theatre,
  };
}

describe("full screen", () => {
  it("is the whole stage's, with its buttons, and is left by the same switch", () => {
    const page = browser({ fullscreenEnabled: true });
    page.fill();
    const filled = browser({ fullscreenEnabled: true, fullscreenElement: {} });
    filled.fill();
    expect([...page.done, ...filled.done]).toEqual(["the stage fills the screen", "full screen is left"]);
  });

  it("is the video's alone on an iPhone, whose refusal changes nothing", () => {
    let asked = 0;
    const webkitEnterFullscreen = () => {
      asked += 1;
      throw new DOMException("not yet", "InvalidStateError");
    };
    const phone = browser({}, { webkitEnterFullscreen });
    expect(() => phone.fill()).not.toThrow();
    expect(asked).toBe(1);
  });
});

describe("picture in picture", () => {
  it("is the browser's, and is left by the same switch", () => {
    const page = browser({ pictureInPictureEnabled: true });
    page.float();
    const floats = browser({ pictureInPictureEnabled: true, pictureInPictureElement: {} });
    floats.float();
    expect([...page.done, ...floats.done]).toEqual(["it floats", "it floats no more"]);
  });

  it("is Apple's where it goes by that name", () => {
    const modes: string[] = [];
    const phone = browser(
      {},
      {
        webkitSupportsPresentationMode: (mode: string) => mode === "picture-in-picture",
        webkitSetPresentationMode: (mode: string) => modes.push(mode),
        webkitPresentationMode: "inline",
      },
    );
    phone.float();
    expect(modes).toEqual(["picture-in-picture"]);
  });
});

describe("a browser that has neither", () => {
  it("offers neither", () => {
    expect(browser({}).theatre).toEqual({ fullScreen: null, float: null });
  });
});
