// Everything of the window that has state or time, without a component: what is drawn, what is asked, keys, guards,
// whether keys reach us, and what was refused. Components read its values and call its verbs.

import { Value, type Watchable } from "../client/value";
import type { World } from "../client/world";
import type { Door, Intent, Manner, Said, Spoken, View } from "../contract/desktop";
import type { Show } from "../contract/protocol";
import type { Bridge } from "./bridge";
import { Guard } from "./guard";
import { grown, type Past } from "./history";
import { type Action, boundTo, keysOf, type Press, written } from "./keys";

/** How long a sentence about what was refused or done stays, in ms. */
const SAID_MS = 8000;

/** A drawer of the window. */
export type Drawer = "shows" | "sources" | "tally" | "keys" | "settings" | "check" | "overlay";

/** Where keys go. */
export type Focus = "ours" | "window" | "field";

/** How a transition is made here. */
export interface Fashion {
  readonly manner: Manner;
  readonly ms: number;
}

/** What an action without a number does. */
const VERBS: Readonly<Record<string, (desk: Desk) => void>> = {
  cut: (desk) => desk.ask({ do: "cut" }),
  auto: (desk) => desk.auto(),
  black: (desk) => desk.black(),
  key: (desk) => desk.key(),
  join: (desk) => desk.join(!desk.joining.get()),
  go_live: (desk) => desk.air("everybody"),
  rehearse: (desk) => desk.air("operators"),
  stop: (desk) => desk.stop(),
  silence: (desk) => desk.silence(),
  record: (desk) => desk.record(),
};

/** What went wrong on the way to the program, in its own words. */
function asSaid(refusal: unknown): Spoken {
  const text = String(refusal);
  return { code: "as_is", facts: [text], text };
}

/** The window. */
export class Desk {
  readonly #bridge: Bridge;
  readonly #world: Pick<World, "after" | "now">;
  readonly #view = new Value<View | null>(null);
  readonly #past = new Value<ReadonlyMap<string, Past>>(new Map());
  readonly #said = new Value<{ readonly bad: boolean; readonly says: Spoken } | null>(null);
  readonly #focus = new Value<Focus>("ours");
  readonly #drawer = new Value<Drawer | null>(null);
  readonly #joining = new Value(false);
  readonly #fashion = new Value<Fashion>({ manner: "mix", ms: 1000 });
  readonly #learning = new Value<string | null>(null);
  readonly stopping: Guard;
  #refused: Said | null = null;
  #done: Said | null = null;
  #unsay: () => void = () => {};

  constructor(bridge: Bridge, world: Pick<World, "after" | "now">) {
    this.#bridge = bridge;
    this.#world = world;
    this.stopping = new Guard(world);
    bridge.follow((view) => this.#follow(view));
  }

  get view(): Watchable<View | null> {
    return this.#view;
  }
  get past(): Watchable<ReadonlyMap<string, Past>> {
    return this.#past;
  }
  get said(): Watchable<{ readonly bad: boolean; readonly says: Spoken } | null> {
    return this.#said;
  }
  get focus(): Watchable<Focus> {
    return this.#focus;
  }
  get drawer(): Watchable<Drawer | null> {
    return this.#drawer;
  }
  /** Whether the way in for operators is shown large. */
  get joining(): Watchable<boolean> {
    return this.#joining;
  }
  get fashion(): Watchable<Fashion> {
    return this.#fashion;
  }
  /** The action whose next key is being waited for. */
  get learning(): Watchable<string | null> {
    return this.#learning;
  }

  /** Asks the program. */
  ask(intent: Intent): void {
    this.#bridge.ask(intent).catch((refusal: unknown) => this.#say(true, asSaid(refusal)));
  }

  open(drawer: Drawer | null): void {
    this.#drawer.set(drawer === this.#drawer.get() ? null : drawer);
    this.#learning.set(null);
    this.ask({ do: "find", looking: this.#drawer.get() === "sources" });
  }

  join(shown: boolean): void {
    this.#joining.set(shown);
  }

  setFashion(fashion: Fashion): void {
    this.#fashion.set(fashion);
  }

  /** The next key pressed becomes this action's. */
  learn(action: string | null): void {
    this.#learning.set(action);
  }

  /** Changes the open show. */
  edit(change: (show: Show) => Show): void {
    const show = this.#view.get()?.show?.show;
    if (show !== undefined) this.ask({ do: "save_show", show: change(show) });
  }

  air(door: Door): void {
    this.ask({ do: "air", door });
  }

  /** The first press arms, the second takes the programme off air. */
  stop(): void {
    if (this.stopping.press()) this.ask({ do: "stop" });
  }

  /** Fades to black, or back. */
  black(): void {
    const view = this.#view.get();
    if (view !== null) this.ask({ do: "black", black: !view.black, duration_ms: this.#fashion.get().ms });
  }

  auto(): void {
    const { manner, ms } = this.#fashion.get();
    this.ask({ do: "auto", manner, duration_ms: ms });
  }

  key(): void {
    const view = this.#view.get();
    if (view !== null) this.ask({ do: "key", on: !view.key.on });
  }

  /** Where keys go now. */
  setFocus(focus: Focus): void {
    this.#focus.set(focus);
  }

  /** A key of the keyboard; whether it was ours. */
  press(press: Press): boolean {
    const learning = this.#learning.get();
    if (learning !== null) {
      const key = written(press);
      if (key === null) return true;
      this.#learning.set(null);
      if (key !== "Escape") this.edit((show) => ({ ...show, keys: { ...show.keys, [learning]: key } }));
      return true;
    }
    if (this.#focus.get() !== "ours") return false;
    if (press.code === "Escape" && !press.shiftKey && !press.repeat) {
      if (this.#joining.get()) this.#joining.set(false);
      else if (this.#drawer.get() !== null) this.open(this.#drawer.get());
      return true;
    }
    const keys = keysOf(this.#view.get()?.show?.show.keys ?? {});
    const action = boundTo(press, keys);
    // A key that is held down is ours, and is no second press.
    if (action !== null && !press.repeat) this.act(action);
    return action !== null;
  }

  /** Does what a key or a button stands for. */
  act(action: Action): void {
    const [name, number] = action.split("_", 2);
    if (name === "preview") this.ask({ do: "preview", source: Number(number) });
    else if (name === "hot") this.ask({ do: "hot_cut", source: Number(number) });
    else VERBS[action]?.(this);
  }

  /** Beeps of every phone, off and on. */
  silence(): void {
    this.ask({ do: "silence", silent: !(this.#view.get()?.cues.silent ?? false) });
  }

  /** Records, or ends the recording. */
  record(): void {
    this.ask({ do: "record", on: this.#view.get()?.recording.state !== "running" });
  }

  #follow(view: View): void {
    // What was said before this window looked is old.
    const first = this.#view.get() === null;
    this.#past.set(grown(this.#past.get(), view.pushes));
    this.#view.set(view);
    if (!first || view.refused !== null) this.#news(view);
  }

  #news(view: View): void {
    const [refused, done] = [this.#refused, this.#done];
    this.#refused = view.refused;
    this.#done = view.done;
    if (view.refused !== null && view.refused.n !== refused?.n) this.#say(true, view.refused.says);
    else if (view.done !== null && view.done.n !== done?.n) this.#say(false, view.done.says);
  }

  #say(bad: boolean, says: Spoken): void {
    this.#unsay();
    this.#said.set({ bad, says });
    this.#unsay = this.#world.after(SAID_MS, () => this.#said.set(null));
  }
}
