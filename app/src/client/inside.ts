// A joined page: everything it knows and may do in its session. It ties the parts together and decides little:
// what the cloud says goes to the tally, the session and the picture; what they need goes to the cloud.

import {
  CAMERA_NUMBER_MAX,
  type CameraNumber,
  type CloudToPage,
  type JoinResponse,
  type Picture,
  PROTOCOL_VERSION,
  type Problem,
  type SessionSummary,
} from "../contract/protocol";
import { Connection } from "./connection";
import { CueFollower } from "./cue";
import { DelayReport } from "./delay-report";
import { Gauge } from "./gauge";
import { LanWay } from "./lan";
import type { Keeper } from "./membership";
import { PlaceKeeper, type Standing } from "./place";
import { Playback } from "./playback";
import { isTokenTrouble, REMOVED } from "./problem";
import { Restart } from "./restart";
import { type Facts, type Scene, SceneFollower } from "./scene";
import { type Display, TallyFollower } from "./tally";
import { Value, type Watchable } from "./value";
import type { World } from "./world";

const SAVING_KEY = "returnfeed.save-data";
const SILENT_MS = 750; // 45 pictures; a burst of loss is over before, and an ICE restart in vain disturbs nothing
const ASKED_AFTER_MS = 500; // the cloud, once: its answer is there before the silence is a stall
const FLOWS_MS = 400;
const HEARD_SINCE_MS = 400; // what was heard just as the picture stopped proves nothing

interface Ends {
  /** The token is worth nothing any more. */
  expelled(problem: Problem): void;
  /** The director has taken us out. */
  removed(problem: Problem): void;
}

/** One participant's page, from joining to leaving. */
export class Inside {
  readonly me: JoinResponse;
  readonly connection: Connection;
  readonly playback: Playback;
  readonly gauge: Gauge;
  /** The way to the director's machine on the local network; a viewer has none. */
  readonly lan: LanWay | null;
  readonly cues: CueFollower;
  readonly place: PlaceKeeper;
  readonly #restart: Restart;
  readonly #world: World;
  readonly #tally: TallyFollower;
  readonly #session: Value<SessionSummary>;
  readonly #picture = new Value<Picture | null>(null);
  readonly #device: Keeper;
  readonly #saving: Value<boolean>;
  readonly #scene: SceneFollower;
  readonly #pictureOff = new Value(false);
  readonly #unwatch: (() => void)[];
  /** In this silence of the picture. */
  #asked = false;
  #everOpen = false;

  constructor(world: World, me: JoinResponse, device: Keeper, ends: Ends) {
    this.me = me;
    this.#world = world;
    this.#device = device;
    this.#session = new Value(me.session);
    this.#tally = new TallyFollower(world, me.camera);
    this.place = new PlaceKeeper(world, me, {
      follow: (camera) => this.#follow(camera),
      say: (camera) => this.connection.send({ type: "follow", camera }),
    });
    this.#saving = new Value(me.role === "viewer" && device.getItem(SAVING_KEY) === "on");
    const seat = { world, session: me.session.id, token: me.token };
    this.playback = new Playback(seat, this.#saving.get() ? "low" : null);
    this.gauge = new Gauge(world, () => this.playback.peer);
    this.cues = new CueFollower((message) => this.connection.send(message));
    this.connection = new Connection(world, me.token, {
      hello: () => ({ type: "hello", protocol: PROTOCOL_VERSION, camera: this.place.own }),
      heard: (message) => this.#heard(message),
      answered: (pong, tookMs) => this.gauge.answered(pong, tookMs),
    });
    this.#restart = new Restart(world, () => this.connection.move());
    this.lan =
      me.role !== "camera"
        ? null
        : new LanWay(world, world.lanMemory(me.session.id), {
            canOffer: () => this.connection.state.get().kind === "open",
            offer: (offer) => this.connection.send({ type: "lan_offer", offer }),
            heard: (word) => this.#tally.heard(word),
          });
    const report = new DelayReport((delay) => this.connection.send({ type: "delay", delay }));
    this.#unwatch = [
      this.connection.state.watch(() => this.#connectionChanged(ends)),
      this.playback.state.watch(() => this.#playbackChanged(ends)),
      this.gauge.gauges.watch(() => {
        if (me.role === "camera") report.measured(this.gauge.gauges.get().delay, world.now());
        this.#lookForStall();
      }),
    ];
    const { playback, connection, gauge } = this;
    const known = [this.#session, this.#picture, this.restarting];
    const sources = [...known, playback.state, connection.state, gauge.gauges];
    this.#scene = new SceneFollower(world, sources, () => this.#facts());
    this.#sessionChanged(me.session);
    const wanted = me.offered ?? this.#rememberedCamera();
    if (me.role === "camera" && me.camera === null && wanted !== null) this.follow(wanted);
  }

  get tally(): Watchable<Display> {
    return this.#tally.display;
  }

  get cameras() {
    return this.#tally.cameras;
  }

  get session(): Watchable<SessionSummary> {
    return this.#session;
  }

  /** What a viewer's screen shows. */
  get scene(): Watchable<Scene> {
    return this.#scene.scene;
  }

  /** Whether the page says that the server is being restarted. */
  get restarting(): Watchable<boolean> {
    return this.#restart.isSaid;
  }

  /** Whether this device asks for the low layer, to spare its data plan. */
  get saving(): Watchable<boolean> {
    return this.#saving;
  }

  /** Whether the operator wants no picture: tally and cues go on without. */
  get pictureOff(): Watchable<boolean> {
    return this.#pictureOff;
  }

  /** Shows the picture, or spares the phone and its data. */
  wantPicture(wanted: boolean): void {
    this.#pictureOff.set(!wanted);
    this.#sessionChanged(this.#session.get());
  }

  /** Spares data from now on, also after a reload; null, or why not. */
  async saveData(on: boolean): Promise<Problem | null> {
    this.#saving.set(on);
    this.#device.setItem(SAVING_KEY, on ? "on" : "off");
    return this.playback.choose(on ? "low" : "high");
  }

  /** What arrives at the cloud; null until it said so. */
  get picture(): Watchable<Picture | null> {
    return this.#picture;
  }

  /** Wants this camera's light: it is lit once the cloud has said who else has it. */
  follow(camera: CameraNumber): void {
    void this.place.choose(camera);
  }

  /** This page's name, number, and who wants it. */
  get standing(): Watchable<Standing> {
    return this.place.standing;
  }

  /** The screen shows this now: the director learns it. */
  painted({ camera, tally, word }: Display): void {
    if (camera === null || word === null) return;
    // By both ways: whichever is cut, the director knows.
    this.connection.send({ type: "shown", ...word, camera, tally });
    this.lan?.send({ type: "shown", ...word, camera, tally });
  }

  /** How long this may still be shown, in ms; null where nothing in it can grow stale. */
  freshForMs({ freshUntil }: Display): number | null {
    return freshUntil === null ? null : Math.max(0, freshUntil - this.#world.now());
  }

  /** Nobody sees the page any more. */
  sleep(): void {
    this.#tally.sleep();
    this.painted(this.tally.get());
  }

  /** The page is seen again. */
  wake(): void {
    this.#tally.wake();
    this.reconnect();
  }

  /** The network changed, whether the page is seen or not. */
  reconnect(): void {
    this.connection.wake();
    this.lan?.wake();
    this.playback.nudge();
  }

  /** The page is left for good, or put aside by the browser. */
  leave(): void {
    for (const stop of this.#unwatch) stop();
    this.#scene.stop();
    this.connection.stop();
    this.lan?.stop();
    this.place.stop();
    this.#restart.stop();
    this.playback.stop();
    this.gauge.stop();
    this.#tally.stop();
  }

  #heard(message: CloudToPage): void {
    switch (message.type) {
      case "welcome":
        this.#restart.welcomed();
        this.#pictureChanged(message.picture);
        this.#sessionChanged(message.session);
        this.cues.connected();
        this.lan?.connected();
        break;
      case "tally":
        this.#tally.heard(message);
        this.lan?.heardOfRun(message.state.epoch);
        break;
      case "lan_answer":
        this.lan?.answered(message.answer);
        break;
      case "cue":
        this.cues.heard(message);
        break;
      case "place":
        this.place.heard(message.place);
        break;
      case "session":
        this.#sessionChanged(message.session);
        break;
      case "picture":
        this.#pictureChanged(message.picture);
        break;
      case "draining":
        this.#restart.heard(message);
        break;
      case "pong":
      case "bye":
        break; // the connection's own
    }
  }

  #sessionChanged(session: SessionSummary): void {
    this.#session.set(session);
    if (session.state === "ended" || this.#pictureOff.get()) {
      this.playback.stop();
    } else {
      this.playback.start();
      this.playback.nudge();
    }
  }

  #pictureChanged(picture: Picture): void {
    this.#picture.set(picture);
    if (picture.layers.length > 0) this.playback.nudge();
  }

  #connectionChanged(ends: Ends): void {
    const state = this.connection.state.get();
    this.#restart.connected(state.kind === "open");
    if (state.kind === "open") {
      this.#everOpen = true;
      this.playback.nudge(); // where words pass, the picture may too
    }
    if (state.kind !== "over") return;
    if (state.problem.code === REMOVED) ends.removed(state.problem);
    else if (isTokenTrouble(state.problem)) ends.expelled(state.problem);
    else if (state.problem.code === "session_ended") {
      this.#sessionChanged({ ...this.#session.get(), state: "ended" });
    }
  }

  #playbackChanged(ends: Ends): void {
    const state = this.playback.state.get();
    if (state.kind === "refused" && isTokenTrouble(state.problem)) ends.expelled(state.problem);
  }

  #facts(): Facts {
    return {
      session: this.#session.get().state,
      role: this.me.role,
      playback: this.playback.state.get(),
      picture: this.#picture.get(),
      connection: this.connection.state.get(),
      everOpen: this.#everOpen,
      restarting: this.restarting.get(),
      stalledMs: this.gauge.gauges.get().stalledMs,
    };
  }

  /** Nothing arrives, although the cloud says that there is a picture, and was heard since the last of it. */
  #lookForStall(): void {
    const { silentMs } = this.gauge.gauges.get();
    if (silentMs < FLOWS_MS) {
      this.#asked = false;
      this.playback.flows();
      return;
    }
    const arrives = (this.#picture.get()?.layers.length ?? 0) > 0;
    const heardSince = this.connection.silentMs < silentMs - HEARD_SINCE_MS;
    if (silentMs >= SILENT_MS && arrives && heardSince) this.playback.stalled();
    else if (silentMs >= ASKED_AFTER_MS && arrives && !heardSince && !this.#asked) {
      this.#asked = true;
      this.connection.wake();
    }
  }

  #follow(camera: CameraNumber | null): void {
    if (camera === null) this.#device.removeItem(this.#cameraKey());
    else this.#device.setItem(this.#cameraKey(), String(camera));
    this.#tally.follow(camera);
  }

  #cameraKey(): string {
    return `returnfeed.camera.${this.me.session.id}`;
  }

  #rememberedCamera(): CameraNumber | null {
    const number = Number(this.#device.getItem(this.#cameraKey()));
    return isCameraNumber(number) ? number : null;
  }
}

/** Whether a number can be painted on a camera. */
export function isCameraNumber(value: number): value is CameraNumber {
  return Number.isInteger(value) && value >= 1 && value <= CAMERA_NUMBER_MAX;
}
