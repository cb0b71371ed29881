// Full screen and picture in picture, in whichever of their forms this browser has. On an iPhone only the video itself
// can fill the screen, under Apple's own name; elsewhere the whole stage does, and keeps its buttons. It refuses to
// promise: what is not there is null, known before the first picture, and a refusal of the browser changes nothing.

interface AppleVideo extends HTMLVideoElement {
  webkitEnterFullscreen?(): void;
  webkitSupportsPresentationMode?(mode: string): boolean;
  webkitSetPresentationMode?(mode: string): void;
  readonly webkitPresentationMode?: string;
}

/** What this browser can do with a picture beyond showing it in the page; each is a switch. */
export interface Theatre {
  readonly fullScreen: ((stage: HTMLElement, video: HTMLVideoElement) => void) | null;
  readonly float: ((video: HTMLVideoElement) => void) | null;
}

/** Asks the browser. */
export function theatreOf(page: Document): Theatre {
  const probe: AppleVideo = page.createElement("video");
  return { fullScreen: fullScreenOf(page, probe), float: floatOf(page, probe) };
}

function fullScreenOf(page: Document, probe: AppleVideo): Theatre["fullScreen"] {
  if (page.fullscreenEnabled) {
    return (stage) => {
      const change = page.fullscreenElement === null ? stage.requestFullscreen() : page.exitFullscreen();
      change.catch(() => undefined);
    };
  }
  if (probe.webkitEnterFullscreen === undefined) return null;
  return (_stage, video: AppleVideo) => quietly(() => video.webkitEnterFullscreen?.());
}

function floatOf(page: Document, probe: AppleVideo): Theatre["float"] {
  if (page.pictureInPictureEnabled) {
    return (video) => {
      const floats = page.pictureInPictureElement !== null;
      const change = floats ? page.exitPictureInPicture() : video.requestPictureInPicture();
      change.catch(() => undefined);
    };
  }
  if (probe.webkitSupportsPresentationMode?.("picture-in-picture") !== true) return null;
  return (video: AppleVideo) =>
    quietly(() => {
      const floats = video.webkitPresentationMode === "picture-in-picture";
      video.webkitSetPresentationMode?.(floats ? "inline" : "picture-in-picture");
    });
}

/** An iPhone throws while the video has no picture yet. */
function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // nothing changed on the screen, and the button is still there
  }
}
