// The lamp straight from the director's machine, without a cloud: one WebSocket, and the messages of a page of the cloud
// (docs/protocol.md), as few as there are. It refuses to take what another run said for this one's: whoever answers at
// this address is the director. It comes back by itself, after a refusal too, since the director may mend its cause.

import { Backoff } from "../client/backoff";
import { Heartbeat } from "../client/heartbeat";
import { isCameraNumber } from "../client/inside";
import type { Keeper } from "../client/membership";
import { type Display, TallyFollower } from "../client/tally";
import { Value, type Watchable } from "../client/value";
import { readCloudToPage } from "../client/wire";
import { WordAge } from "../client/word-age";
import type { Cancel, SocketLike, World } from "../client/world";
import {
  type CameraNumber,
  type CloudToPage,
  type PageToCloud,
  PROTOCOL_VERSION,
  type Problem,
} from "../contract/protocol";

const CAMERA = "returnfeed.own.camera";

/** The part of the outside that it touches. */
export type SeatWorld = Pick<World, "origin" | "now" | "random" | "after" | "openSocket">;

interface Open {
  readonly socket: SocketLike;
  readonly age: WordAge;
  /** Once it is open. */
  heartbeat: Heartbeat | null;
  greeted: boolean;
  heard: boolean;
}

/** One page, from its opening on. */
export class OwnSeat {
  readonly #world: SeatWorld;
  readonly #pass: string;
  readonly #keeper: Keeper;
  readonly #tally: TallyFollower;
  readonly #refused = new Value<Problem | null>(null);
  readonly #backoff: Backoff;
  #open: Open | null = null;
  #cancelRetry: Cancel = () => {};

  constructor(world: SeatWorld, pass: string, keeper: Keeper) {
    this.#world = world;
    this.#pass = pass;
    this.#keeper = keeper;
    const camera = Number(keeper.getItem(CAMERA));
    this.#tally = new TallyFollower(world, isCameraNumber(camera) ? camera : null);
    this.#backoff = new Backoff(world.random);
    this.#connect();
  }

  get tally(): Watchable<Display> {
    return this.#tally.display;
  }

  get cameras() {
    return this.#tally.cameras;
  }

  /** Why nobody lets us in; null while somebody does. */
  get refused(): Watchable<Problem | null> {
    return this.#refused;
  }

  follow(camera: CameraNumber): void {
    this.#keeper.setItem(CAMERA, String(camera));
    this.#say({ type: "follow", camera });
    this.#tally.follow(camera);
  }

  /** The screen shows this now: the director learns it. */
  painted({ camera, tally, word }: Display): void {
    if (camera !== null && word !== null) this.#say({ type: "shown", ...word, camera, tally });
  }

  /** How long this may still be shown, in ms; null where nothing in it can grow stale. */
  freshForMs({ freshUntil }: Display): number | null {
    return freshUntil === null ? null : Math.max(0, freshUntil - this.#world.now());
  }

  /** Nobody sees the page any more. */
  sleep(): void {
    this.#tally.sleep();
    this.painted(this.tally.get());
  }

  /** The page is seen again. */
  wake(): void {
    this.#tally.wake();
    this.reconnect();
  }

  /** The network changed, whether the page is seen or not: finds out now instead of at the next beat. */
  reconnect(): void {
    if (this.#open === null) this.#connect();
    else this.#open.heartbeat?.check();
  }

  /** The page is left. */
  stop(): void {
    this.#cancelRetry();
    this.#tally.stop();
    this.#drop();
  }

  #connect(): void {
    this.#cancelRetry();
    const socket = this.#world.openSocket(`${this.#world.origin.replace(/^http/, "ws")}/ws`);
    const open: Open = { socket, age: new WordAge(), heartbeat: null, greeted: false, heard: false };
    this.#open = open;
    const isThis = () => this.#open === open;
    socket.onopen = () => {
      if (isThis()) this.#greet(open);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = isThis() && typeof data === "string" ? readCloudToPage(data) : null;
      if (message !== null) this.#heard(open, message);
    };
    socket.onclose = () => {
      if (isThis()) this.#lost();
    };
  }

  #greet(open: Open): void {
    const camera = this.tally.get().camera;
    open.greeted = true;
    this.#say({ type: "hello", protocol: PROTOCOL_VERSION, ticket: this.#pass, camera });
    open.heartbeat = new Heartbeat(this.#world, {
      ping: (n) => this.#say({ type: "ping", n }),
      dead: () => this.#lost(),
    });
  }

  #heard(open: Open, message: CloudToPage): void {
    const now = this.#world.now();
    if (message.type === "pong") {
      const tookMs = open.heartbeat?.pong(message.n) ?? null;
      if (tookMs !== null) open.age.answered(message, tookMs, now);
    } else if (message.type === "tally") {
      if (!open.heard) this.#tally.begin();
      open.heard = true;
      this.#backoff.succeeded();
      this.#refused.set(null);
      this.#tally.heard(open.age.dated(message, now));
    } else if (message.type === "bye") {
      this.#refused.set(message.problem);
      this.#tally.begin();
    }
  }

  #lost(): void {
    this.#drop();
    const wait = this.#backoff.next(this.#refused.get() !== null);
    this.#cancelRetry = this.#world.after(wait, () => this.#connect());
  }

  #drop(): void {
    const open = this.#open;
    this.#open = null;
    open?.heartbeat?.stop();
    open?.socket.close();
  }

  /** Now or never: the next greeting says it all again. */
  #say(message: PageToCloud): void {
    if (this.#open?.greeted) this.#open.socket.send(JSON.stringify(message)); // to one that closes it is nothing
  }
}
