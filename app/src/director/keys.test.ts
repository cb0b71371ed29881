import { describe, expect, it } from "vitest";
import { actionOf, clashes, keysOf, type Press, printed, USUAL_KEYS, written } from "./keys";

const press = (code: string, more: Partial<Press> = {}): Press => ({
  code,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  isComposing: false,
  ...more,
});

describe("keys", () => {
  it("are those that directors know", () => {
    expect(actionOf(press("Digit3"), USUAL_KEYS)).toBe("preview_3");
    expect(actionOf(press("Digit3", { shiftKey: true }), USUAL_KEYS)).toBe("hot_3");
    expect(actionOf(press("Space"), USUAL_KEYS)).toBe("cut");
    expect(actionOf(press("Enter"), USUAL_KEYS)).toBe("auto");
    expect(actionOf(press("KeyF"), USUAL_KEYS)).toBe("black");
    expect(actionOf(press("KeyK"), USUAL_KEYS)).toBe("key");
    expect(clashes(USUAL_KEYS).size).toBe(0);
  });

  it("are known by their place, whatever the layout writes", () => {
    // With a Hangul layout the key F writes ㄹ; its code stays.
    expect(actionOf(press("KeyF"), USUAL_KEYS)).toBe("black");
    expect(actionOf(press("Numpad3"), USUAL_KEYS)).toBe("preview_3");
    expect(actionOf(press("NumpadEnter"), USUAL_KEYS)).toBe("auto");
  });

  it("held down or composing are no presses, nor is a modifier alone", () => {
    expect(actionOf(press("Space", { repeat: true }), USUAL_KEYS)).toBeNull();
    expect(actionOf(press("KeyK", { isComposing: true }), USUAL_KEYS)).toBeNull();
    expect(written(press("ShiftLeft", { shiftKey: true }))).toBeNull();
  });

  it("with another modifier are other keys: what the system does with them cuts nothing", () => {
    expect(actionOf(press("Space", { ctrlKey: true }), USUAL_KEYS)).toBeNull();
    expect(actionOf(press("KeyF", { metaKey: true }), USUAL_KEYS)).toBeNull();
  });

  it("of the show go before the usual ones, and the usual ones fill in", () => {
    const keys = keysOf({ cut: "KeyX" });
    expect(actionOf(press("KeyX"), keys)).toBe("cut");
    expect(actionOf(press("Space"), keys)).toBeNull();
    expect(actionOf(press("Digit1"), keys)).toBe("preview_1");
    expect([...clashes(keysOf({ cut: "KeyF" }))].sort()).toEqual(["black", "cut"]);
  });

  it("are named as they are printed", () => {
    expect(printed("Shift+Digit1")).toBe("Shift + 1");
    expect(printed("KeyF")).toBe("F");
    expect(printed("Shift+Escape")).toBe("Shift + Esc");
  });
});
