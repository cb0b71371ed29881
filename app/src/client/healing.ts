// Brings a picture back that the network left: by an ICE restart on the same viewer session, which keeps the server's
// place, the keys and the decoder, for as long as the server keeps the place; then the owner begins anew. It refuses
// to disturb a connection that heals by itself: nothing is changed here until the server has answered.

import { Backoff } from "./backoff";
import { fragmentOf, restarted } from "./ice";
import { Refused } from "./problem";
import { restartIce, type Seat, type ViewerSession } from "./whep";
import type { Cancel } from "./world";

const KEPT_FOR_MS = 12_000; // the server forgets whom it has not heard for 15 s
const ANSWERED_WITHIN_MS = 2_500; // a try that takes longer began on a network that is gone
const CONNECTED_WITHIN_MS = 3_000; // after the restart was agreed
const JUST_TRIED_MS = 500; // a page that wakes hears of it several times

interface Ends {
  /** Another viewer session is needed, now. */
  hopeless(): void;
}

/** One illness of one picture. */
export class Healing {
  readonly #seat: Seat;
  readonly #peer: RTCPeerConnection;
  readonly #viewer: ViewerSession;
  readonly #ends: Ends;
  readonly #since: number;
  readonly #backoff: Backoff;
  #attempt = 0;
  #triedAt = 0;
  #answer: string;
  #cancel: Cancel = () => {};

  constructor(seat: Seat, peer: RTCPeerConnection, viewer: ViewerSession, ends: Ends) {
    this.#seat = seat;
    this.#peer = peer;
    this.#viewer = viewer;
    this.#ends = ends;
    this.#answer = viewer.answer;
    this.#since = seat.world.now();
    this.#backoff = new Backoff(seat.world.random);
    void this.#try();
  }

  /** The network is back: finds out now instead of later. */
  nudge(): void {
    if (this.#seat.world.now() - this.#triedAt >= JUST_TRIED_MS) void this.#try();
  }

  /** It is well again, or not wanted any more. */
  stop(): void {
    this.#attempt = -1;
    this.#cancel();
  }

  async #try(): Promise<void> {
    if (this.#attempt < 0) return;
    this.#cancel();
    if (this.#seat.world.now() - this.#since >= KEPT_FOR_MS) return this.#giveUp();
    this.#attempt += 1;
    this.#triedAt = this.#seat.world.now();
    const attempt = this.#attempt;
    const isOver = () => this.#attempt !== attempt;
    this.#later(ANSWERED_WITHIN_MS, () => void this.#try());
    try {
      const offer = await this.#peer.createOffer({ iceRestart: true });
      const fragment = await restartIce(this.#seat, this.#viewer, fragmentOf(offer.sdp ?? ""));
      if (isOver()) return;
      await this.#peer.setLocalDescription(offer);
      this.#answer = restarted(this.#answer, fragment);
      await this.#peer.setRemoteDescription({ type: "answer", sdp: this.#answer });
      if (!isOver()) this.#later(CONNECTED_WITHIN_MS, () => this.#giveUp());
    } catch (error) {
      if (isOver()) return;
      if (error instanceof Refused) this.#giveUp();
      else this.#later(this.#backoff.next(false), () => void this.#try());
    }
  }

  #giveUp(): void {
    this.stop();
    this.#ends.hopeless();
  }

  #later(ms: number, run: () => void): void {
    this.#cancel();
    this.#cancel = this.#seat.world.after(ms, run);
  }
}
