// The programme on this page: asks for it, waits where there is none yet, comes back when it breaks, and leaves
// nothing behind on the server. It refuses to poll fast: what the cloud tells (`nudge`) starts the next try early.
//
// Invariant: at most one peer connection is alive, and `stream` is null unless one is.

import type { Layer, Problem } from "../contract/protocol";
import { Backoff } from "./backoff";
import { prepareOffer } from "./peer";
import { isTokenTrouble, Refused } from "./problem";
import { Value, type Watchable } from "./value";
import { chooseLayer, endPlayback, offerPlayback, type Seat, type ViewerSession } from "./whep";
import type { Cancel } from "./world";

const CONNECT_WITHIN_MS = 10_000;
const HEALS_WITHIN_MS = 4_000; // ICE says "disconnected" before it gives up; a changed network often heals
const ASK_AGAIN_MS = 2_000; // without a Retry-After
const ASK_RARELY_MS = 15_000; // a show that has not begun: the cloud tells when, this is for a word that was lost

/** How the picture stands. */
export type PlaybackState =
  | { readonly kind: "stopped" }
  | { readonly kind: "connecting" }
  | { readonly kind: "playing"; readonly layer: Layer | null }
  /** The server has none for us now, and says why. */
  | { readonly kind: "waiting"; readonly problem: Problem }
  /** The network, not the server. */
  | { readonly kind: "broken" }
  /** This browser or this role can never have it. */
  | { readonly kind: "refused"; readonly problem: Problem };

/** Codes that no later try with the same browser and token can change. */
const NEVER: ReadonlySet<string> = new Set(["h264_missing", "sdp_invalid", "session_ended"]);

/** Plays one session's programme. */
export class Playback {
  readonly #seat: Seat;
  readonly #state = new Value<PlaybackState>({ kind: "stopped" });
  readonly #stream = new Value<MediaStream | null>(null);
  readonly #backoff: Backoff;
  #peer: RTCPeerConnection | null = null;
  #viewer: ViewerSession | null = null;
  #wanted: Layer | null = null;
  #cancel: Cancel = () => {};

  constructor(seat: Seat) {
    this.#seat = seat;
    this.#backoff = new Backoff(seat.world.random);
  }

  get state(): Watchable<PlaybackState> {
    return this.#state;
  }

  get stream(): Watchable<MediaStream | null> {
    return this.#stream;
  }

  get peer(): RTCPeerConnection | null {
    return this.#peer;
  }

  start(): void {
    if (this.#state.get().kind === "stopped") void this.#connect();
  }

  /** Something changed in the cloud: a picture came, the session went live. Asks now instead of later. */
  nudge(): void {
    const { kind } = this.#state.get();
    if (kind === "waiting" || kind === "broken") void this.#connect();
  }

  /** Asks for a layer; what the server really gives is in the state. */
  async choose(layer: Layer): Promise<Problem | null> {
    this.#wanted = layer;
    const viewer = this.#viewer;
    if (viewer === null || this.#state.get().kind !== "playing") return null;
    try {
      await chooseLayer(this.#seat, viewer, layer);
      if (this.#viewer === viewer) this.#state.set({ kind: "playing", layer });
      return null;
    } catch (error) {
      return error instanceof Refused ? error.problem : null;
    }
  }

  /** Leaves: the page closes, or is no longer wanted. */
  stop(): void {
    this.#tearDown();
    this.#state.set({ kind: "stopped" });
  }

  async #connect(): Promise<void> {
    this.#tearDown();
    this.#state.set({ kind: "connecting" });
    const peer = this.#seat.world.createPeer();
    this.#peer = peer;
    const tracks = this.#seat.world.createStream();
    peer.ontrack = ({ track }) => {
      tracks.addTrack(track);
      if (this.#peer === peer) this.#stream.set(tracks);
    };
    peer.onconnectionstatechange = () => this.#peerChanged(peer);
    try {
      const sdp = await prepareOffer(peer);
      if (this.#peer !== peer) return;
      const viewer = await offerPlayback(this.#seat, sdp, this.#wanted);
      if (this.#peer !== peer) return void endPlayback(this.#seat, viewer);
      this.#viewer = viewer;
      this.#later(CONNECT_WITHIN_MS, () => this.#broke());
      await peer.setRemoteDescription({ type: "answer", sdp: viewer.answer });
    } catch (error) {
      if (this.#peer === peer) this.#failed(error);
    }
  }

  #peerChanged(peer: RTCPeerConnection): void {
    if (this.#peer !== peer) return;
    switch (peer.connectionState) {
      case "connected":
        this.#cancel();
        this.#backoff.succeeded();
        if (this.#state.get().kind !== "playing") {
          this.#state.set({ kind: "playing", layer: this.#viewer?.layer ?? null });
        }
        break;
      case "disconnected":
        this.#later(HEALS_WITHIN_MS, () => this.#broke());
        break;
      case "failed":
      case "closed":
        this.#broke();
        break;
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof Refused)) {
      this.#broke();
      return;
    }
    this.#tearDown();
    const { problem, retryAfterMs } = error;
    if (NEVER.has(problem.code) || isTokenTrouble(problem)) {
      this.#state.set({ kind: "refused", problem });
      return;
    }
    this.#state.set({ kind: "waiting", problem });
    const otherwise = problem.code === "not_receiving" ? ASK_RARELY_MS : ASK_AGAIN_MS;
    this.#later(Math.max(500, retryAfterMs ?? otherwise), () => void this.#connect());
  }

  #broke(): void {
    this.#tearDown();
    this.#state.set({ kind: "broken" });
    this.#later(this.#backoff.next(), () => void this.#connect());
  }

  #later(ms: number, run: () => void): void {
    this.#cancel();
    this.#cancel = this.#seat.world.after(ms, run);
  }

  #tearDown(): void {
    this.#cancel();
    const peer = this.#peer;
    const viewer = this.#viewer;
    this.#peer = null;
    this.#viewer = null;
    this.#stream.set(null);
    peer?.close();
    if (viewer !== null) void endPlayback(this.#seat, viewer);
  }
}
