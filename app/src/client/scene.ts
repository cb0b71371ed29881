// What a viewer's screen shows now: the programme, or one of the states that stand in its place. The rule is pure;
// the follower adds time: a picture that is taken up again within a second was never gone for who watches it.

import type { Picture, Problem, Role, SessionState } from "../contract/protocol";
import type { ConnectionState } from "./connection";
import type { PlaybackState } from "./playback";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

const STALLED_MS = 2_000; // no packet for so long is no jitter
const HELD_MS = 1_000; // what was live stays so for this long through what may pass by itself

/** One state of the screen. */
export type Scene =
  | { readonly kind: "opening" }
  | { readonly kind: "before" }
  | { readonly kind: "rehearsal" }
  | { readonly kind: "live" }
  | { readonly kind: "ended" }
  | { readonly kind: "full" }
  | { readonly kind: "director_lost" }
  | { readonly kind: "network_lost" }
  /** The server said beforehand why it is away. */
  | { readonly kind: "restarting" }
  /** The cloud is heard, the picture does not come. */
  | { readonly kind: "picture_lost" }
  | { readonly kind: "refused"; readonly problem: Problem };

/** What it is judged by. */
export interface Facts {
  readonly session: SessionState;
  readonly role: Role;
  readonly playback: PlaybackState;
  readonly picture: Picture | null;
  readonly connection: ConnectionState;
  /** Whether the connection ever stood. */
  readonly everOpen: boolean;
  /** Whether the server is about to end, or away for a moment as it said. */
  readonly restarting: boolean;
  /** How long no packet of the picture has arrived. */
  readonly stalledMs: number;
}

const FULL: ReadonlySet<string> = new Set(["server_full", "session_full"]);
const NO_PICTURE: ReadonlySet<string> = new Set(["no_publisher", "layer_absent"]);

/** The scene of these facts. */
export function sceneOf(facts: Facts): Scene {
  const scene = sceneWithoutRestart(facts);
  const lost = scene.kind === "network_lost" || scene.kind === "picture_lost";
  return lost && facts.restarting ? { kind: "restarting" } : scene;
}

function sceneWithoutRestart(facts: Facts): Scene {
  const { session, role, playback, picture, connection } = facts;
  if (session === "ended") return { kind: "ended" };
  const flows = playback.kind === "playing" && facts.stalledMs < STALLED_MS;
  if (!flows && facts.everOpen && connection.kind !== "open") return { kind: "network_lost" };
  if (session === "open") return { kind: "before" };
  if (session === "rehearsal" && role === "viewer") return { kind: "rehearsal" };
  switch (playback.kind) {
    case "playing":
      // The last frame stays on the glass when the director is gone; it must not pass for the programme.
      if (picture?.layers.length === 0) return { kind: "director_lost" };
      return { kind: flows ? "live" : "picture_lost" };
    case "healing":
    case "broken":
      return { kind: "picture_lost" };
    case "connecting":
    case "stopped":
      return { kind: picture?.layers.length === 0 ? "director_lost" : "opening" };
    case "waiting":
      if (FULL.has(playback.problem.code)) return { kind: "full" };
      if (NO_PICTURE.has(playback.problem.code)) return { kind: "director_lost" };
      if (playback.problem.code === "not_receiving") return { kind: "before" };
      return { kind: "picture_lost" };
    case "refused":
      return { kind: "refused", problem: playback.problem };
  }
}

const MAY_PASS: ReadonlySet<Scene["kind"]> = new Set([
  "opening",
  "network_lost",
  "restarting",
  "picture_lost",
]);

/** The scene over time. */
export class SceneFollower {
  readonly #world: World;
  readonly #read: () => Facts;
  readonly #scene: Value<Scene>;
  readonly #unwatch: (() => void)[];
  #held: Cancel | null = null;

  /** Reads the facts again whenever one of `sources` changes. */
  constructor(world: World, sources: readonly Watchable<unknown>[], read: () => Facts) {
    this.#world = world;
    this.#read = read;
    this.#scene = new Value(sceneOf(read()));
    this.#unwatch = sources.map((source) => source.watch(() => this.#settle()));
  }

  get scene(): Watchable<Scene> {
    return this.#scene;
  }

  stop(): void {
    for (const stop of this.#unwatch) stop();
    this.#held?.();
  }

  #settle(): void {
    const next = sceneOf(this.#read());
    if (this.#scene.get().kind === "live" && MAY_PASS.has(next.kind)) {
      this.#held ??= this.#world.after(HELD_MS, () => this.#show(sceneOf(this.#read())));
      return;
    }
    this.#show(next);
  }

  #show(next: Scene): void {
    this.#held?.();
    this.#held = null;
    if (next.kind !== this.#scene.get().kind || next.kind === "refused") this.#scene.set(next);
  }
}
