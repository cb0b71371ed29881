// The programme on this page: asks for it, waits where there is none yet, comes back when it breaks, and leaves
// nothing behind on the server. It refuses to poll fast: what the cloud tells (`nudge`) starts the next try early.
//
// Invariant: at most one peer connection is alive, and `stream` is null unless one is.

import type { Layer, LayerReason, Problem } from "../contract/protocol";
import { Backoff } from "./backoff";
import { Healing } from "./healing";
import { watchEvents } from "./layer-watch";
import { prepareOffer } from "./peer";
import { isTokenTrouble, Refused } from "./problem";
import { Value, type Watchable } from "./value";
import { chooseLayer, endPlayback, offerPlayback, type Seat, type ViewerSession } from "./whep";
import type { Cancel } from "./world";

const CONNECT_WITHIN_MS = 10_000;
const ASK_AGAIN_MS = 2_000; // without a Retry-After
const ASK_RARELY_MS = 15_000; // a show that has not begun: the cloud tells when, this is for a word that was lost
const HANGS_AFTER_MS = 1_000; // a try that began on a network that is gone finds that out late

/** How the picture stands. */
export type PlaybackState =
  | { readonly kind: "stopped" }
  | { readonly kind: "connecting" }
  /** Its layer is unknown until the server tells it. */
  | { readonly kind: "playing"; readonly layer: Layer | null }
  /** The network left it; what was seen last stays while it is brought back. */
  | { readonly kind: "healing"; readonly layer: Layer | null }
  /** The server has none for us now, and says why. */
  | { readonly kind: "waiting"; readonly problem: Problem }
  /** The network, not the server. */
  | { readonly kind: "broken" }
  /** This browser or this role can never have it. */
  | { readonly kind: "refused"; readonly problem: Problem };

/** Codes that no later try with the same browser and token can change. */
const NEVER: ReadonlySet<string> = new Set(["h264_missing", "sdp_invalid", "session_ended"]);

/** One picture: its connection, and what the server made for it. */
interface Open {
  readonly peer: RTCPeerConnection;
  viewer: ViewerSession | null;
  layer: Layer | null;
  unwatch: () => void;
  healing: Healing | null;
}

/** Plays one session's programme. */
export class Playback {
  readonly #seat: Seat;
  readonly #state = new Value<PlaybackState>({ kind: "stopped" });
  readonly #reason = new Value<LayerReason | null>(null);
  readonly #stream = new Value<MediaStream | null>(null);
  readonly #backoff: Backoff;
  #open: Open | null = null;
  #wanted: Layer | null;
  #triedAt = 0;
  #cancel: Cancel = () => {};

  /** `wanted`: the layer to ask for; null leaves it to the server. */
  constructor(seat: Seat, wanted: Layer | null = null) {
    this.#seat = seat;
    this.#wanted = wanted;
    this.#backoff = new Backoff(seat.world.random);
  }

  get state(): Watchable<PlaybackState> {
    return this.#state;
  }

  /** Why it has the layer it has; null where the server does not say. */
  get reason(): Watchable<LayerReason | null> {
    return this.#reason;
  }

  get stream(): Watchable<MediaStream | null> {
    return this.#stream;
  }

  get peer(): RTCPeerConnection | null {
    return this.#open?.peer ?? null;
  }

  start(): void {
    if (this.#state.get().kind === "stopped") void this.#connect();
  }

  /** Something changed: a picture came, the session went live, the network is back. Asks now instead of later. */
  nudge(): void {
    const { kind } = this.#state.get();
    const asking = kind === "connecting" && this.#open?.viewer === null;
    const hangs = asking && this.#seat.world.now() - this.#triedAt >= HANGS_AFTER_MS;
    if (kind === "waiting" || kind === "broken" || hangs) void this.#connect();
    else this.#open?.healing?.nudge();
  }

  /** Nothing arrives any more although the cloud is heard: its way is gone, or what it led to. An ICE restart finds
   *  out in two round trips, and keeps keys and decoder; a new viewer session would take five. */
  stalled(): void {
    if (this.#state.get().kind === "playing" && this.#open !== null) this.#heal(this.#open);
  }

  /** Pictures arrive: a connection that was called connected all the time does not say when it is well again. */
  flows(): void {
    const open = this.#open;
    if (open?.healing != null && open.peer.connectionState === "connected") this.#well(open);
  }

  /** Asks for a layer; the state changes when the server tells what it gives. */
  async choose(layer: Layer): Promise<Problem | null> {
    this.#wanted = layer;
    const open = this.#open;
    if (open === null || open.viewer === null || this.#state.get().kind !== "playing") return null;
    try {
      await chooseLayer(this.#seat, open.viewer, layer);
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
    this.#triedAt = this.#seat.world.now();
    this.#state.set({ kind: "connecting" });
    const peer = this.#seat.world.createPeer();
    const open: Open = { peer, viewer: null, layer: null, unwatch: () => {}, healing: null };
    this.#open = open;
    const tracks = this.#seat.world.createStream();
    peer.ontrack = ({ track }) => {
      tracks.addTrack(track);
      if (this.#open === open) this.#stream.set(tracks);
    };
    peer.onconnectionstatechange = () => this.#peerChanged(open);
    try {
      const sdp = await prepareOffer(peer);
      if (this.#open !== open) return;
      const viewer = await offerPlayback(this.#seat, sdp, this.#wanted);
      if (this.#open !== open) return void endPlayback(this.#seat, viewer);
      open.viewer = viewer;
      this.#later(CONNECT_WITHIN_MS, () => this.#broke());
      await peer.setRemoteDescription({ type: "answer", sdp: viewer.answer });
    } catch (error) {
      if (this.#open === open) this.#failed(error);
    }
  }

  #peerChanged(open: Open): void {
    if (this.#open !== open) return;
    switch (open.peer.connectionState) {
      case "connected":
        this.#cancel();
        this.#backoff.succeeded();
        if (this.#state.get().kind === "connecting") this.#listen(open);
        this.#well(open);
        break;
      case "disconnected":
      case "failed":
        if (this.#state.get().kind === "connecting") this.#broke();
        else this.#heal(open);
        break;
      case "closed":
        this.#broke();
        break;
    }
  }

  #well(open: Open): void {
    open.healing?.stop();
    open.healing = null;
    if (this.#state.get().kind !== "playing") this.#state.set({ kind: "playing", layer: open.layer });
  }

  #listen(open: Open): void {
    if (open.viewer === null) return;
    open.unwatch = watchEvents(this.#seat, open.viewer, {
      layer: ({ layer, reason }) => {
        open.layer = layer;
        this.#reason.set(reason);
        if (this.#state.get().kind === "playing") this.#state.set({ kind: "playing", layer });
      },
      reconnect: () => {
        if (this.#open === open) void this.#connect();
      },
    });
  }

  #heal(open: Open): void {
    const { viewer, peer } = open;
    if (viewer === null || open.healing !== null) return;
    this.#state.set({ kind: "healing", layer: open.layer });
    open.healing = new Healing(this.#seat, peer, viewer, {
      hopeless: () => {
        if (this.#open === open) void this.#connect();
      },
    });
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
    this.#later(this.#backoff.next(false), () => void this.#connect());
  }

  #later(ms: number, run: () => void): void {
    this.#cancel();
    this.#cancel = this.#seat.world.after(ms, run);
  }

  #tearDown(): void {
    this.#cancel();
    const open = this.#open;
    this.#open = null;
    this.#stream.set(null);
    this.#reason.set(null);
    if (open === null) return;
    open.unwatch();
    open.healing?.stop();
    open.peer.close();
    if (open.viewer !== null) void endPlayback(this.#seat, open.viewer);
  }
}
