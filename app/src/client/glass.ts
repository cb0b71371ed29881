// Glass to glass: how long a picture took from its source to this screen. The capture time comes with the picture
// (RTP header extension abs-capture-time, by the cloud's clock), the cloud's clock by its pongs. It refuses a number
// where a browser hands out no capture times, where a clock is not known, or where no picture is presented.

import type { Delay } from "../contract/protocol";
import { ServerClock } from "./server-clock";

const NTP_TO_UNIX_MS = 2_208_988_800_000; // RFC 5905: from 1900 to 1970
const RTP_PER_MS = 90; // RFC 6184: the clock of H.264
const FRAMES_KEPT = 60; // one second of the high layer
const NOT_A_DELAY_MS = 30_000; // beyond it something else is wrong

/** The part of a video frame's metadata that is used. */
export type FrameTimes = Pick<VideoFrameCallbackMetadata, "expectedDisplayTime" | "rtpTimestamp">;

/** A moment of the stream, and when it was captured. */
export interface Capture {
  readonly rtpTimestamp: number;
  /** Unix time by the cloud's clock. */
  readonly unixMs: number;
}

/** Of WebRTC Extensions; not in TypeScript's library yet. NTP time in ms. */
interface DatedSource extends RTCRtpSynchronizationSource {
  captureTimestamp?: number;
}

/** When the newest picture of this peer was captured; null where the browser does not say. */
export function newestCapture(peer: RTCPeerConnection): Capture | null {
  const receiver = peer.getReceivers().find(({ track }) => track.kind === "video");
  const source: DatedSource | undefined = receiver?.getSynchronizationSources()[0];
  if (source?.captureTimestamp === undefined) return null;
  return { rtpTimestamp: source.rtpTimestamp, unixMs: source.captureTimestamp - NTP_TO_UNIX_MS };
}

/** Measures one picture. */
export class Glass {
  readonly #clock = new ServerClock();
  #captureErrorMs: number | null = null;
  #capture: Capture | null = null;
  #frames: FrameTimes[] = [];
  #fresh = false;

  /** A pong, heard at `heardMs` of the page's frame times. */
  answered(
    pong: { unix_us: number; capture_error_us: number | null },
    tookMs: number,
    heardMs: number,
  ): void {
    this.#clock.handleAnswer(tookMs, heardMs, pong.unix_us);
    this.#captureErrorMs = pong.capture_error_us === null ? null : pong.capture_error_us / 1000;
  }

  /** A frame was presented. */
  framed(frame: FrameTimes): void {
    this.#frames.push(frame);
    if (this.#frames.length > FRAMES_KEPT) this.#frames.shift();
    this.#fresh = true;
  }

  /** What the peer says now; null: there is no picture, or it is not dated. */
  captured(capture: Capture | null): void {
    this.#capture = capture;
    // Frames of before a picture that went and came back are no measure of the one that is there.
    if (capture === null || !this.#fresh) this.#frames = [];
    this.#fresh = false;
  }

  /** The median of the last frames. */
  delay(nowMs: number): Delay | null {
    const capture = this.#capture;
    const offset = this.#clock.offset(nowMs);
    if (capture === null || offset === null || this.#captureErrorMs === null) return null;
    const late = this.#frames.map(({ expectedDisplayTime, rtpTimestamp }) => {
      if (rtpTimestamp === undefined) return Number.NaN;
      const since = ((rtpTimestamp - capture.rtpTimestamp) | 0) / RTP_PER_MS; // the difference wraps as they do
      return expectedDisplayTime + offset.aheadMs - (capture.unixMs + since);
    });
    const ms = median(late.filter((one) => Math.abs(one) < NOT_A_DELAY_MS));
    if (ms === null) return null;
    return { ms: Math.max(0, Math.round(ms)), error_ms: Math.ceil(offset.errorMs + this.#captureErrorMs) };
  }
}

/** The middle one; null of nothing. */
export function median(values: readonly number[]): number | null {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
