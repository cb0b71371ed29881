// Keeps the screen lit while the page is in use. Browsers release the lock whenever the page is hidden, so it is
// asked for again each time the page is seen. It refuses tricks (hidden videos): it says what is missing instead.

import { Value, type Watchable } from "./value";

/** How the lock stands. */
export type WakeLockState = "off" | "held" | "refused" | "unsupported" | "insecure";

/** The part of the browser that is used. */
export interface WakeLockHost {
  /** Undefined where the browser has none, or the page came over plain HTTP. */
  readonly wakeLock: Pick<WakeLock, "request"> | undefined;
  readonly secure: boolean;
}

/** One page's wish to stay lit. */
export class ScreenLock {
  readonly #host: WakeLockHost;
  readonly #state = new Value<WakeLockState>("off");
  #wanted = false;
  #asking = false;

  constructor(host: WakeLockHost) {
    this.#host = host;
  }

  get state(): Watchable<WakeLockState> {
    return this.#state;
  }

  /** To be called in a tap. */
  async want(): Promise<void> {
    this.#wanted = true;
    await this.seen();
  }

  /** The page is visible again. */
  async seen(): Promise<void> {
    if (!this.#wanted || this.#asking || this.#state.get() === "held") return;
    if (this.#host.wakeLock === undefined) {
      this.#state.set(this.#host.secure ? "unsupported" : "insecure");
      return;
    }
    this.#asking = true;
    try {
      const lock = await this.#host.wakeLock.request("screen");
      this.#state.set("held");
      lock.addEventListener("release", () => this.#state.set("off"), { once: true });
    } catch {
      this.#state.set("refused"); // low battery, or not visible any more
    } finally {
      this.#asking = false;
    }
  }
}
