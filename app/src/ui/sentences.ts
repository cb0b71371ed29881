// Turns states into sentences. Pure; components draw what comes out. It matches codes, never the server's
// sentences; a code it does not know is told in the server's own words.

import type { ConnectionState } from "../client/connection";
import type { PlaybackState } from "../client/playback";
import type { Scene } from "../client/scene";
import type { Why } from "../client/tally";
import type { WakeLockState } from "../client/wakelock";
import type {
  LanPath,
  Layer,
  LayerReason,
  Picture,
  Problem,
  Role,
  SessionState,
  Tally,
} from "../contract/protocol";
import type { Words } from "./words/words";

/** Something to tell in the picture's place. */
export interface Notice {
  readonly title: string;
  readonly detail: string;
}

/** The lamp's word. */
export function lampWord(tally: Tally, w: Words): string {
  const words: Record<Tally, string> = {
    program: w.lampProgram,
    preview: w.lampPreview,
    idle: w.lampIdle,
    unknown: w.lampUnknown,
  };
  return words[tally];
}

/** Why the lamp shows it. */
export function whyWords(why: Why, w: Words): string {
  switch (why.code) {
    case "on_programme":
      return w.becauseProgramme(why.switcher, why.input);
    case "on_preview":
      return w.becausePreview(why.switcher, why.input);
    case "not_in_use":
      return w.becauseNotInUse;
    case "not_mapped":
      return w.becauseNotMapped;
    case "switcher_lost":
      return w.becauseSwitcherLost(why.switcher, why.cause);
    case "input_absent":
      return w.becauseInputAbsent(why.switcher, why.input);
    case "every_other":
      return w.becauseEveryOther;
    case "test":
      return w.becauseTest;
    case "no_camera_chosen":
      return w.becauseNoCamera;
    case "no_word_yet":
      return w.becauseNoWord;
    case "not_in_show":
      return w.becauseNotInShow;
    case "stale":
      return w.becauseStale;
    case "asleep":
      return w.becauseAsleep;
    default:
      return ""; // a reason of a later version: the lamp still says what it says
  }
}

/** How the connection stands. */
export function connectionWords(state: ConnectionState, everOpen: boolean, w: Words): string {
  switch (state.kind) {
    case "open":
      return state.way === "websocket" ? w.connected : w.connectedEvents;
    case "connecting":
      return everOpen ? w.reconnecting : w.connecting;
    case "waiting":
      return w.reconnecting;
    case "over": {
      const { title, detail } = problemWords(state.problem, w);
      return `${w.connectionOver}: ${title} ${detail}`.trim();
    }
  }
}

/** Whether the director is heard without the cloud. */
export function lanWords(path: LanPath, w: Words): string {
  const words: Record<LanPath, string> = {
    proven: w.lanProven,
    trying: w.lanTrying,
    unreachable: w.lanUnreachable,
    closed: w.lanClosed,
  };
  return words[path];
}

/** Whether the screen stays lit. */
export function lockWords(state: WakeLockState, w: Words): string {
  const words: Record<WakeLockState, string> = {
    held: w.lockHeld,
    off: w.lockOff,
    refused: w.lockRefused,
    unsupported: w.lockUnsupported,
    insecure: w.lockInsecure,
  };
  return words[state];
}

/** A refusal, in the page's language where the code is known. */
export function problemWords(problem: Problem, w: Words): Notice {
  const known: Record<string, Notice> = {
    code_unknown: { title: w.codeUnknown, detail: "" },
    too_many_attempts: { title: w.tooManyAttempts, detail: "" },
    session_ended: { title: w.ended, detail: w.endedDetail },
    protocol_unknown: { title: w.pageTooOld, detail: "" },
    no_publisher: { title: w.noPictureYet, detail: w.noPictureYetDetail },
    not_receiving: { title: w.notOpenYet, detail: w.notOpenYetDetail },
    h264_missing: { title: w.h264Missing, detail: w.h264MissingDetail },
    server_full: { title: w.serverFull, detail: w.serverFullDetail },
    layer_absent: { title: w.qualityAbsent, detail: "" },
    removed: { title: w.removed, detail: w.removedDetail },
    logged_out: { title: w.accLoggedOut, detail: "" },
    invite_expired: { title: w.inviteExpired, detail: w.askForLink },
    invite_used_up: { title: w.inviteUsedUp, detail: w.askForLink },
    invite_revoked: { title: w.inviteRevoked, detail: w.askForLink },
    camera_bound: { title: w.cameraBound, detail: "" },
    server_stopping: { title: w.restarting, detail: w.restartingDetail },
  };
  return known[problem.code] ?? { title: problem.title, detail: problem.detail };
}

/** Why the director's own page lets nobody in by this pass. */
export function passWords(problem: Problem, w: Words): string {
  const known: Record<string, string> = {
    token_missing: w.ownNoPass,
    token_invalid: w.ownNotOurs,
    token_expired: w.ownExpired,
    other_session: w.ownOtherShow,
    not_a_camera: w.ownNotCamera,
    keys_unknown: w.ownNoKeys,
  };
  return known[problem.code] ?? problem.detail;
}

interface PictureFacts {
  readonly session: SessionState;
  readonly role: Role;
  readonly playback: PlaybackState;
  readonly picture: Picture | null;
  /** Whether the server said that it is being restarted. */
  readonly restarting: boolean;
}

/** What to tell in the picture's place; null where the picture speaks for itself. */
export function pictureNotice(facts: PictureFacts, w: Words): Notice | null {
  const { session, role, playback, picture, restarting } = facts;
  if (session === "ended") return { title: w.ended, detail: w.endedDetail };
  if (session === "open") return { title: w.notOpenYet, detail: w.notOpenYetDetail };
  if (session === "rehearsal" && role === "viewer") return { title: w.rehearsal, detail: w.rehearsalDetail };
  switch (playback.kind) {
    case "playing":
      // The last frame stays on the glass when the director is gone; it must not pass for the programme.
      return picture?.layers.length === 0 ? { title: w.noPictureYet, detail: w.noPictureYetDetail } : null;
    case "connecting":
    case "stopped":
      return { title: w.pictureConnecting, detail: "" };
    case "waiting":
    case "refused":
      return problemWords(playback.problem, w);
    case "healing":
    case "broken":
      return restarting
        ? { title: w.restarting, detail: w.restartingDetail }
        : { title: w.pictureBroken, detail: w.pictureBrokenDetail };
  }
}

/** What stands in the picture's place on a viewer's screen; null: the picture. */
export function sceneNotice(scene: Scene, w: Words): Notice | null {
  switch (scene.kind) {
    case "live":
      return null;
    case "opening":
      return { title: w.pictureConnecting, detail: "" };
    case "before":
      return { title: w.notOpenYet, detail: w.notOpenYetDetail };
    case "rehearsal":
      return { title: w.startsSoon, detail: w.rehearsalDetail };
    case "ended":
      return { title: w.ended, detail: w.endedDetail };
    case "full":
      return { title: w.serverFull, detail: w.serverFullDetail };
    case "director_lost":
      return { title: w.noPictureYet, detail: w.noPictureYetDetail };
    case "network_lost":
      return { title: w.networkLost, detail: w.networkLostDetail };
    case "restarting":
      return { title: w.restarting, detail: w.restartingDetail };
    case "picture_lost":
      return { title: w.pictureBroken, detail: w.pictureBrokenDetail };
    case "refused":
      return problemWords(scene.problem, w);
  }
}

/** Why a viewer has its layer; empty where it needs no reason. */
export function layerWords(layer: Layer, reason: LayerReason, w: Words): string {
  switch (reason) {
    case "starting":
    case "recovered":
      return layer === "high" ? w.becauseBest : "";
    case "chosen":
      return layer === "high" ? w.becauseBest : w.becauseChosen;
    case "role":
      return w.becauseRole;
    case "absent":
      return w.becauseAbsent;
    case "loss":
      return w.becauseLoss;
    case "round_trip":
      return w.becauseRoundTrip;
    case "bandwidth":
      return w.becauseBandwidth;
    default:
      return ""; // a reason of a later version: the layer is true without it
  }
}

/** Bits per second for people. */
export function bitrateWords(bitsPerSecond: number): string {
  return bitsPerSecond >= 995_000
    ? `${(bitsPerSecond / 1e6).toFixed(1)} Mbps`
    : `${Math.round(bitsPerSecond / 1e3)} kbps`;
}
