import { describe, expect, it } from "vitest";
import { ScreenLock } from "./wakelock";

class Sentinel extends EventTarget {
  readonly released = false;
  readonly type = "screen" as const;
  onrelease = null;
  release = async () => {
    this.dispatchEvent(new Event("release"));
  };
}

describe("the screen lock", () => {
  it("is asked for again when the page is seen after the browser took it", async () => {
    const given: Sentinel[] = [];
    const request = async () => {
      const sentinel = new Sentinel();
      given.push(sentinel);
      return sentinel;
    };
    const lock = new ScreenLock({ secure: true, wakeLock: { request } });
    await lock.want();
    expect(lock.state.get()).toBe("held");
    await given[0]?.release();
    expect(lock.state.get()).toBe("off");
    await lock.seen();
    expect(lock.state.get()).toBe("held");
    expect(given).toHaveLength(2);
  });

  it("is not taken before anybody wants it", async () => {
    const lock = new ScreenLock({
      secure: true,
      wakeLock: { request: () => Promise.reject(new Error("asked")) },
    });
    await lock.seen();
    expect(lock.state.get()).toBe("off");
  });

  it("names what is missing: a refusal, an old browser, a plain connection", async () => {
    const refusing = { request: () => Promise.reject(new DOMException("", "NotAllowedError")) };
    for (const [host, state] of [
      [{ secure: true, wakeLock: refusing }, "refused"],
      [{ secure: true, wakeLock: undefined }, "unsupported"],
      [{ secure: false, wakeLock: undefined }, "insecure"],
    ] as const) {
      const lock = new ScreenLock(host);
      await lock.want();
      expect(lock.state.get()).toBe(state);
    }
  });
});
