// The programme on the glass. It plays muted until sound is asked for, and asks for a tap where a browser refuses
// to play by itself. What stands in the picture's place is told by whoever draws this.

import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { FrameTimes } from "../client/glass";
import { Icon } from "./Icon";
import type { Notice } from "./sentences";
import { useWords } from "./use";
import "./picture.css";

interface PictureProps {
  readonly stream: MediaStream | null;
  readonly sound: boolean;
  /** Told in the picture's place. */
  readonly notice: Notice | null;
  /** Drawn in the picture's place, by who has more than a notice; null: nothing now. */
  readonly cover?: ReactNode;
  /** The element itself, for what only it can do. */
  readonly element?: (video: HTMLVideoElement | null) => void;
  readonly framed: (times: FrameTimes) => void;
  /** Whether the phone plays only after a tap. */
  readonly blocked?: (blocked: boolean) => void;
  readonly children?: ReactNode;
}

/** Video, and a notice over it. */
export function Picture({
  stream,
  sound,
  notice,
  cover,
  element,
  framed,
  blocked: tellBlocked,
  children,
}: PictureProps) {
  const w = useWords();
  const video = useRef<HTMLVideoElement>(null);
  const [blocked, setBlocked] = useState(false);

  const play = useCallback(async () => {
    try {
      await video.current?.play();
      setBlocked(false);
    } catch (error) {
      // Anything else is the picture being replaced while it was about to play.
      if (error instanceof DOMException && error.name === "NotAllowedError") setBlocked(true);
    }
  }, []);

  // Before paint, and so still inside the tap that asked for sound: a phone allows it only there.
  useLayoutEffect(() => {
    const element = video.current;
    if (element === null) return;
    if (element.srcObject !== stream) element.srcObject = stream;
    element.muted = !sound;
    if (stream !== null) void play();
  }, [stream, sound, play]);

  useEffect(() => watchFrames(video.current, framed), [framed]);
  useEffect(() => tellBlocked?.(blocked && stream !== null), [tellBlocked, blocked, stream]);

  // A phone pauses a video while its screen is locked or a call is taken, and does not start it again.
  useEffect(() => {
    const seen = () => {
      if (document.visibilityState === "visible" && stream !== null) void play();
    };
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [stream, play]);

  useEffect(() => {
    element?.(video.current);
  }, [element]);

  return (
    <div className="picture">
      <video ref={video} className="picture-video" playsInline muted aria-label={w.programmePicture} />
      {notice !== null && (
        <div className="picture-notice" role="status" aria-label={w.programmePicture}>
          <p className="picture-title">{notice.title}</p>
          {notice.detail !== "" && <p className="picture-detail">{notice.detail}</p>}
        </div>
      )}
      {/* It stands before there is anything to tell: what comes with its words is not announced. */}
      {cover !== undefined && (
        <div className="picture-cover" role="status">
          {cover}
        </div>
      )}
      {blocked && notice === null && (cover ?? null) === null && (
        <button type="button" className="button button-main picture-play" onClick={() => void play()}>
          <Icon name="play" />
          {w.tapToPlay}
        </button>
      )}
      {children}
    </div>
  );
}

function watchFrames(video: HTMLVideoElement | null, framed: (times: FrameTimes) => void): () => void {
  if (video?.requestVideoFrameCallback === undefined) return () => {};
  let id = 0;
  const next = (_now: number, times: VideoFrameCallbackMetadata) => {
    framed(times);
    id = video.requestVideoFrameCallback(next);
  };
  id = video.requestVideoFrameCallback(next);
  return () => video.cancelVideoFrameCallback(id);
}
