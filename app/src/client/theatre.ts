// Full screen and picture in picture, in whichever of their forms this browser has. On an iPhone only the video itself
// can fill the screen, under Apple's own name; elsewhere the whole stage does, and keeps its buttons. It refuses to
// promise: what is not there is null, and a refusal of the browser changes nothing.

interface AppleVideo extends HTMLVideoElement {
  readonly webkitSupportsFullscreen?: boolean;
  webkitEnterFullscreen?(): void;
  webkitSupportsPresentationMode?(mode: string): boolean;
  webkitSetPresentationMode?(mode: string): void;
  readonly webkitPresentationMode?: string;
}

/** A switch that a browser offers. */
export type Toggle = () => void;

/** Fills the screen with the stage, or with the video where only that can be. */
export function fullScreenOf(stage: HTMLElement, video: AppleVideo): Toggle | null {
  const page = stage.ownerDocument;
  if (page.fullscreenEnabled) {
    return () => {
      const change = page.fullscreenElement === null ? stage.requestFullscreen() : page.exitFullscreen();
      change.catch(() => undefined);
    };
  }
  return video.webkitEnterFullscreen === undefined
    ? null
    : () => quietly(() => video.webkitEnterFullscreen?.());
}

/** Lets the picture float above other windows. */
export function floatOf(video: AppleVideo): Toggle | null {
  const page = video.ownerDocument;
  if (page.pictureInPictureEnabled) {
    return () => {
      const change =
        page.pictureInPictureElement === null ? video.requestPictureInPicture() : page.exitPictureInPicture();
      change.catch(() => undefined);
    };
  }
  if (video.webkitSupportsPresentationMode?.("picture-in-picture") !== true) return null;
  return () =>
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
