import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Show } from "../contract/protocol";
import { Desk } from "./desk";
import type { Press } from "./keys";
import { FakeProgram, spoken } from "./testing";

const world = {
  now: () => performance.now(),
  after: (ms: number, run: () => void) => {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
};

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

const SHOW = { returnfeed_show: 1, name: "Sunday", keys: {} } as unknown as Show;

describe("the director's window", () => {
  let program: FakeProgram;
  let desk: Desk;
  beforeEach(() => {
    vi.useFakeTimers();
    program = new FakeProgram();
    desk = new Desk(program, world);
  });
  afterEach(() => void vi.useRealTimers());

  it("asks once for each press, and never for one that is held down", () => {
    expect(desk.press(press("Space"))).toBe(true);
    for (let i = 0; i < 20; i++) expect(desk.press(press("Space", { repeat: true }))).toBe(true);
    expect(program.asked).toEqual([{ do: "cut" }]);
    desk.press(press("Space"));
    expect(program.asked).toHaveLength(2);
  });

  it("reads a browser's event, whose fields are no properties of its own", () => {
    class Event {
      get code() {
        return "Space";
      }
      readonly repeat = false;
      readonly isComposing = false;
      readonly shiftKey = false;
      readonly ctrlKey = false;
      readonly altKey = false;
      readonly metaKey = false;
    }
    expect(desk.press(new Event())).toBe(true);
    expect(program.asked).toEqual([{ do: "cut" }]);
  });

  it("leaves keys alone while a field or another window has them", () => {
    desk.setFocus("field");
    expect(desk.press(press("Space"))).toBe(false);
    desk.setFocus("window");
    expect(desk.press(press("KeyF"))).toBe(false);
    expect(program.asked).toEqual([]);
  });

  it("takes the programme off air by the second press alone", () => {
    desk.press(press("Escape", { shiftKey: true }));
    vi.advanceTimersByTime(500);
    expect(program.asked).toEqual([]);
    desk.press(press("Escape", { shiftKey: true }));
    expect(program.asked).toEqual([{ do: "stop" }]);
  });

  it("goes live by one press", () => {
    desk.press(press("KeyL", { shiftKey: true }));
    expect(program.asked).toEqual([{ do: "air", door: "everybody" }]);
  });

  it("fades to black and back by the same key", () => {
    desk.press(press("KeyF"));
    program.say({ black: true });
    desk.press(press("KeyF"));
    expect(program.asked).toEqual([
      { do: "black", black: true, duration_ms: 1000 },
      { do: "black", black: false, duration_ms: 1000 },
    ]);
  });

  it("keeps a key that was learnt in the show, and does nothing else with that press", () => {
    program.say({ show: { id: "s", show: SHOW, trouble: null, waits: false } });
    desk.learn("cut");
    desk.press(press("ShiftLeft", { shiftKey: true }));
    desk.press(press("KeyX", { shiftKey: true }));
    expect(program.asked).toEqual([{ do: "save_show", show: { ...SHOW, keys: { cut: "Shift+KeyX" } } }]);
    expect(desk.learning.get()).toBeNull();
  });

  it("says what was refused for some seconds, and the same words again when it is refused again", () => {
    program.say({ refused: { n: 0, says: spoken("open a show first") } });
    expect(desk.said.get()).toEqual({ bad: true, says: spoken("open a show first") });
    vi.advanceTimersByTime(9000);
    expect(desk.said.get()).toBeNull();
    program.say({ viewers: 3 });
    expect(desk.said.get()).toBeNull();
    program.say({ refused: { n: 1, says: spoken("open a show first") } });
    expect(desk.said.get()).not.toBeNull();
  });
});
