// A world for tests: time moves only when a test says so, the network answers what a test wrote down. Nothing here
// is shipped.

import type { PageToCloud } from "../../contract/protocol";
import type { LanKept, LanMemory } from "../lan-memory";
import type { Keeper } from "../membership";
import type { EventsLike, SocketLike, World } from "../world";
import { FakeDirectPeer, FakePeer } from "./peer";

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A request that the client made. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: Headers;
}

type Answer = Response | Error | Promise<Response> | ((call: Call) => Response);

/** The outside, in a test's hands. */
export class FakeWorld implements World {
  readonly origin = "https://feed.test";
  readonly calls: Call[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly streams: FakeEvents[] = [];
  readonly peers: FakePeer[] = [];
  readonly directPeers: FakeDirectPeer[] = [];
  lanKept: LanKept | null = null;
  #time = 0;
  #timers: Timer[] = [];
  readonly #answers = new Map<string, Answer[]>();

  now = (): number => this.#time;

  steady = (): number => this.#time;

  random = (): number => 1; // the longest of every scattered wait: a bound a test can add up

  randomBytes = (count: number): Uint8Array => new Uint8Array(count).fill(0xab);

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#time + Math.max(0, ms), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url);
    const call: Call = {
      method: init.method ?? "GET",
      path: pathname + search,
      body: String(init.body ?? ""),
      headers: new Headers(init.headers),
    };
    this.calls.push(call);
    const answers = this.#answers.get(`${call.method} ${pathname}`) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined)
      throw new TypeError(`no answer was written down for ${call.method} ${pathname}`);
    if (answer instanceof Error) throw answer;
    if (answer instanceof Promise) return answer;
    return typeof answer === "function" ? answer(call) : answer.clone();
  };

  openSocket = (url: string): SocketLike => {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket;
  };

  openEvents = (url: string, token: string | null): EventsLike => {
    const events = new FakeEvents(url, token);
    this.streams.push(events);
    return events;
  };

  createPeer = (): RTCPeerConnection => {
    const peer = new FakePeer();
    this.peers.push(peer);
    return peer as unknown as RTCPeerConnection;
  };

  createCertificate = async (): Promise<RTCCertificate> =>
    ({ expires: Number.MAX_SAFE_INTEGER }) as unknown as RTCCertificate;

  lanMemory = (): LanMemory => ({
    load: async () => this.lanKept,
    save: async (kept) => {
      this.lanKept = kept;
    },
  });

  createDirectPeer = (certificate: RTCCertificate): RTCPeerConnection => {
    const peer = new FakeDirectPeer(certificate);
    this.directPeers.push(peer);
    return peer as unknown as RTCPeerConnection;
  };

  createStream = (): MediaStream => ({ addTrack: () => {} }) as unknown as MediaStream;

  /** Writes down answers for `METHOD /path`; the last one stays. */
  answer(route: string, ...answers: Answer[]): void {
    this.#answers.set(route, answers);
  }

  called(route: string): Call[] {
    return this.calls.filter(({ method, path }) => `${method} ${path.split("?")[0]}` === route);
  }

  /** Lets what is ready run, without any time passing. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; i += 1) await Promise.resolve();
  }

  /** Time passes, timer by timer. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    await this.settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#time = Math.max(this.#time, next.at);
      next.run();
      await this.settle();
    }
    this.#time = end;
  }

  /** The device sleeps: time passes, and no timer runs. */
  freeze(ms: number): void {
    this.#time += ms;
  }

  #next(end: number): Timer | undefined {
    return this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** A WebSocket whose other end is the test. */
export class FakeSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  readonly said: PageToCloud[] = [];
  readonly url: string;
  closed = false;

  constructor(url: string) {
    this.url = url;
  }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    this.said.push(JSON.parse(String(data)) as PageToCloud);
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.call(this as unknown as WebSocket, new Event("open"));
  }

  hear(message: unknown): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.onmessage?.call(this as unknown as WebSocket, new MessageEvent("message", { data }));
  }

  /** The other end, or the network, closes it. */
  fall(): void {
    this.onclose?.call(this as unknown as WebSocket, new Event("close") as CloseEvent);
  }
}

/** Server-sent events whose other end is the test. */
export class FakeEvents implements EventsLike {
  readonly url: string;
  readonly token: string | null;
  closed = false;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(url: string, token: string | null) {
    this.url = url;
    this.token = token;
  }

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
  }

  emit(type: string, data: unknown = ""): void {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    this.#listeners.get(type)?.(new MessageEvent(type, { data: text }));
  }
}

/** Storage in memory. */
export function memory(): Keeper {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
