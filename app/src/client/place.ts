// A camera operator's place: name and number as the cloud has them, who has a number that was wanted, who wants theirs.
//
// It refuses to make the lamp wait for a database: where the cloud cannot say who has a number, it is followed as it was
// chosen, said over the relay, and asked for again. Invariant: what the cloud says of the place is obeyed at once.

import type { CameraNumber, JoinResponse, ParticipantId, Place, Problem, Wish } from "../contract/protocol";
import { setPlace, yieldCamera } from "./api";
import { Backoff } from "./backoff";
import { Refused } from "./problem";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

/** A number that somebody has who is there. */
export interface Taken {
  readonly camera: CameraNumber;
  /** Their names, some of them empty. */
  readonly by: readonly string[];
}

/** How it stands. */
export interface Standing {
  readonly place: Place;
  readonly taken: Taken | null;
  /** Why the last wish was refused. */
  readonly problem: Problem | null;
  /** The director has changed it, and nobody has said yet that they saw. */
  readonly moved: boolean;
}

interface Ends {
  /** This camera's lamp is shown from now on. */
  follow(camera: CameraNumber | null): void;
  /** Tells the director over the relay, which needs no database. */
  say(camera: CameraNumber): void;
}

/** Keeps one operator's place. */
export class PlaceKeeper {
  readonly #world: World;
  readonly #me: JoinResponse;
  readonly #ends: Ends;
  readonly #standing: Value<Standing>;
  readonly #backoff: Backoff;
  #own: CameraNumber | null = null; // followed without the cloud's word
  #asking = 0;
  #cancel: Cancel = () => {};

  constructor(world: World, me: JoinResponse, ends: Ends) {
    this.#world = world;
    this.#me = me;
    this.#ends = ends;
    this.#backoff = new Backoff(world.random);
    const place = { name: me.name, camera: me.camera, asks: null, asked_by: [] };
    this.#standing = new Value<Standing>({ place, taken: null, problem: null, moved: false });
  }

  get standing(): Watchable<Standing> {
    return this.#standing;
  }

  /** What a hello says: a number that the cloud did not give, and therefore does not know. */
  get own(): CameraNumber | null {
    return this.#own;
  }

  /** Wants a number; where somebody has it who is there, `wish` says what then. */
  async choose(camera: CameraNumber, wish?: Wish): Promise<void> {
    this.#change({ taken: null, problem: null });
    await this.#ask(camera, { camera, ...(wish === undefined ? {} : { wish }) });
  }

  /** Is called so from now on. */
  async rename(name: string): Promise<void> {
    if (name.trim() !== this.#standing.get().place.name) await this.#ask(null, { name });
  }

  /** Gives the number to somebody who asked for it. */
  async giveTo(asker: ParticipantId): Promise<void> {
    try {
      await yieldCamera(this.#world, this.#me, asker);
    } catch (error) {
      if (error instanceof Refused) this.#change({ problem: error.problem });
    }
  }

  /** Somebody has looked at it. */
  seen(): void {
    this.#change({ taken: null, problem: null, moved: false });
  }

  /** The cloud says how it stands. */
  heard(place: Place): void {
    const before = this.#standing.get().place;
    // A number that is followed already, without the cloud's word until now, is nobody's move.
    const isFollowed = this.#own !== null && place.camera === this.#own;
    const moved = place.camera !== before.camera && !isFollowed && this.#asking === 0;
    if (place.camera !== null) this.#own = null;
    this.#change({ place, moved: moved || this.#standing.get().moved });
    if (this.#own !== null) void this.#ask(this.#own, { camera: this.#own });
    else this.#ends.follow(place.camera);
  }

  stop(): void {
    this.#cancel();
  }

  async #ask(camera: CameraNumber | null, request: Parameters<typeof setPlace>[2]): Promise<void> {
    this.#cancel();
    this.#asking += 1;
    try {
      const { place, taken_by } = await setPlace(this.#world, this.#me.token, request);
      this.#backoff.succeeded();
      this.#change({ place });
      if (camera !== null) {
        this.#own = null;
        this.#change({ taken: taken_by.length > 0 ? { camera, by: taken_by } : null });
      }
      if (this.#own === null) this.#ends.follow(place.camera);
    } catch (error) {
      this.#refused(camera, error);
    } finally {
      this.#asking -= 1;
    }
  }

  #refused(camera: CameraNumber | null, error: unknown): void {
    if (error instanceof Refused && error.problem.status < 500) {
      this.#change({ problem: error.problem });
      return;
    }
    if (camera === null) return;
    this.#own = camera;
    this.#ends.follow(camera);
    this.#ends.say(camera);
    this.#cancel = this.#world.after(this.#backoff.next(error instanceof Refused), () => {
      if (this.#own !== null) void this.#ask(this.#own, { camera: this.#own });
    });
  }

  #change(part: Partial<Standing>): void {
    this.#standing.set({ ...this.#standing.get(), ...part });
  }
}
