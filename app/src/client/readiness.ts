// What this phone can do now, for the director. A change of kind is told at once; figures, which always move, at most
// each 10 s.

import type { Ability, Battery, LanPath, PictureState, Readiness } from "../contract/protocol";
import type { Armed } from "./arms";
import type { ConnectionState } from "./connection";
import type { Gauges } from "./gauge";
import type { PlaybackState } from "./playback";
import type { Watchable } from "./value";
import type { WakeLockState } from "./wakelock";
import type { Cancel, World } from "./world";

const FIGURES_EACH_MS = 10_000;
const SETTLE_MS = 300; // several facts change in one moment, as when a page is hidden

/** Everything that it is read from. */
export interface PhoneFacts {
  readonly armed: Armed;
  readonly lock: WakeLockState;
  readonly visible: boolean;
  readonly playback: PlaybackState;
  /** The operator wants no picture. */
  readonly pictureOff: boolean;
  /** The phone plays only after a tap. */
  readonly blocked: boolean;
  readonly gauges: Gauges;
  readonly roundTripMs: number | null;
  readonly connection: ConnectionState;
  readonly lan: LanPath | null;
  readonly battery: Battery | null;
}

/** The phone, in the words of the wire. */
export function readinessOf(facts: PhoneFacts): Readiness {
  const { gauges, connection, playback } = facts;
  const roundTripMs = facts.roundTripMs ?? gauges.stats?.roundTripMs ?? null;
  return {
    sound: facts.armed.sound,
    vibration: facts.armed.vibration,
    screen: SCREEN[facts.lock],
    visible: facts.visible,
    picture: pictureOf(facts),
    layer: playback.kind === "playing" ? playback.layer : null,
    loss_per_mille: gauges.stats === null ? null : Math.min(1_000, Math.round(gauges.stats.loss * 1_000)),
    round_trip_ms: roundTripMs === null ? null : Math.round(roundTripMs),
    second_way: connection.kind === "open" && connection.way === "events",
    lan: facts.lan,
    battery: facts.battery,
  };
}

const SCREEN: Readonly<Record<WakeLockState, Ability>> = {
  held: "ready",
  off: "unarmed",
  refused: "refused",
  unsupported: "impossible",
  insecure: "impossible",
};

function pictureOf({ pictureOff, playback, blocked }: PhoneFacts): PictureState {
  if (pictureOff) return "off";
  if (playback.kind === "refused" && playback.problem.code === "h264_missing") return "impossible";
  if (playback.kind !== "playing") return "waiting";
  return blocked ? "blocked" : "playing";
}

/** Tells it while a page lives. */
export class ReadinessReport {
  readonly #world: World;
  readonly #read: () => PhoneFacts;
  readonly #say: (readiness: Readiness) => void;
  readonly #unwatch: (() => void)[];
  #told: Readiness | null = null;
  #toldAt = 0;
  #cancel: Cancel | null = null;

  constructor(
    world: World,
    sources: readonly Watchable<unknown>[],
    read: () => PhoneFacts,
    say: (readiness: Readiness) => void,
  ) {
    this.#world = world;
    this.#read = read;
    this.#say = say;
    this.#unwatch = sources.map((source) => source.watch(() => this.look()));
    this.look();
  }

  /** Something may have changed. */
  look(): void {
    this.#cancel ??= this.#world.after(SETTLE_MS, () => {
      this.#cancel = null;
      this.#tell();
    });
  }

  stop(): void {
    this.#cancel?.();
    for (const stop of this.#unwatch) stop();
  }

  #tell(): void {
    const facts = this.#read();
    if (facts.connection.kind !== "open") {
      this.#told = null; // a new connection knows nothing of it
      return;
    }
    const now = readinessOf(facts);
    const due = this.#world.now() - this.#toldAt >= FIGURES_EACH_MS;
    if (this.#told !== null && !due && isSameKind(now, this.#told)) return;
    if (this.#told !== null && JSON.stringify(now) === JSON.stringify(this.#told)) return;
    this.#told = now;
    this.#toldAt = this.#world.now();
    this.#say(now);
  }
}

function isSameKind(a: Readiness, b: Readiness): boolean {
  const kind = ({ loss_per_mille: _loss, round_trip_ms: _trip, battery, ...rest }: Readiness) =>
    JSON.stringify({ ...rest, charging: battery?.charging });
  return kind(a) === kind(b);
}
