// A window without a program: a view to change, and what was asked.

import type { Intent, Spoken, View } from "../contract/desktop";
import type { Bridge, Mosaic } from "./bridge";

/** A view in which nothing has happened yet. */
export const QUIET: View = {
  air: { state: "off", reason: "" },
  going: false,
  cloud: { address: null, fingerprint: null, trouble: null, busy: false },
  account: { state: "out" },
  show: null,
  shows: [],
  conflict: null,
  session: null,
  broken: null,
  encoder: null,
  sources: [],
  programme: null,
  preview: null,
  incoming: null,
  black: false,
  key: { on: false, shows: null, trouble: null },
  sound: { from: "picture", gain_tenths_db: 0, mute: false },
  mode: { mode: "built_in" },
  monitor: { state: "off" },
  recording: { state: "off" },
  setting_undo: null,
  lamps: [],
  switchers: [],
  heard: [],
  outputs: [],
  told: [],
  addresses: [],
  pushes: [],
  uplink: { state: "off" },
  operators: [],
  viewers: 0,
  cues: { silent: false, cues: [] },
  answers: [],
  battery: null,
  disk: null,
  found: { state: "off" },
  check: null,
  refused: null,
  done: null,
  can_undo: false,
};

/** Words of the program that are in no catalogue. */
export const spoken = (text: string): Spoken => ({ code: "as_is", facts: [text], text });

/** A program that answers nothing and writes down what it was asked. */
export class FakeProgram implements Bridge {
  readonly asked: Intent[] = [];
  view: View = QUIET;
  #changed: (view: View) => void = () => {};

  follow(changed: (view: View) => void): void {
    this.#changed = changed;
    changed(this.view);
  }

  say(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    this.#changed(this.view);
  }

  async ask(intent: Intent): Promise<void> {
    this.asked.push(intent);
  }

  async mosaic(): Promise<Mosaic | null> {
    return null;
  }
}
