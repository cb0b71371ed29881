// The way to the director's machine on the local network, held open beside the cloud, so that the lamp stays right when
// the cloud is gone. The relay introduces the two; words then come without it. It refuses to try all the time: most
// phones that it cannot reach are on mobile data, and stay there.
//
// Without the relay it comes again by what the machine told it while it was connected, after a reload too.
//
// Invariant: a connection that works is let go only when another one has brought a word.

import type { CloudToPage, LanAnswer, LanOffer, LanPath, PageToCloud } from "../contract/protocol";
import { attemptLan, type LanAttempt } from "./lan-attempt";
import type { LanKept, LanMemory } from "./lan-memory";
import { Value, type Watchable } from "./value";
import type { Cancel, World } from "./world";

const PROVEN_FOR_MS = 3_000; // a word comes each second
const ARRIVES_WITHIN_MS = 8_000; // an answer, ICE, DTLS and the first word, over a Wi-Fi that has just woken
const AGAIN_AFTER_MS = [1_000, 2_000, 5_000, 15_000, 30_000, 60_000] as const;

type Word = Extract<CloudToPage, { type: "tally" }>;

interface Ends {
  /** Whether the relay hears us now. */
  canOffer(): boolean;
  offer(offer: LanOffer): void;
  heard(word: Word): void;
}

interface Coming {
  readonly n: number;
  readonly attempt: LanAttempt;
}

/** Keeps it. */
export class LanWay {
  readonly #world: World;
  readonly #ends: Ends;
  readonly #memory: LanMemory;
  readonly #path = new Value<LanPath>("trying");
  #self: LanKept | null = null;
  #stopped = false;
  #n = 0;
  #failures = 0;
  #run = 0;
  #works: LanAttempt | null = null;
  #coming: Coming | null = null;
  #cancelTry: Cancel = () => {};
  #cancelDoubt: Cancel = () => {};

  constructor(world: World, memory: LanMemory, ends: Ends) {
    this.#world = world;
    this.#memory = memory;
    this.#ends = ends;
    void this.#prepare();
  }

  /** How it stands. */
  get path(): Watchable<LanPath> {
    return this.#path;
  }

  /** The relay greeted: it calls this page by a number that the director's machine has to learn. */
  connected(): void {
    this.#failures = 0;
    this.#try();
  }

  /** The network may be another one. */
  wake(): void {
    if (this.#path.get() === "proven" || this.#coming !== null) return;
    this.#failures = 0;
    this.#try();
  }

  /** A word came by whichever way: of a run that is new, the machine that speaks may be too. */
  heardOfRun(epoch: number): void {
    if (epoch <= this.#run) return;
    const isFirst = this.#run === 0;
    this.#run = epoch;
    if (!isFirst) this.connected();
  }

  /** The director's machine answers, by the relay. */
  answered(answer: LanAnswer): void {
    const coming = this.#coming;
    if (coming === null || coming.n !== answer.n) return; // to an offer of before
    if (answer.state === "open") coming.attempt.answered(answer);
    else this.#failed("closed");
  }

  /** Says it to the director's machine, now or never. */
  send(message: PageToCloud): void {
    this.#works?.send(message);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTry();
    this.#cancelDoubt();
    this.#coming?.attempt.close();
    this.#works?.close();
    this.#coming = null;
    this.#works = null;
  }

  async #prepare(): Promise<void> {
    const kept = await this.#memory.load();
    const made = async () => ({
      peer: randomName(this.#world),
      certificate: await this.#world.createCertificate(),
      answer: null,
    });
    this.#keep(kept ?? (await made()));
    this.#try();
  }

  #keep(self: LanKept): void {
    if (JSON.stringify(self.answer) === JSON.stringify(this.#self?.answer)) return; // it is said with each word
    this.#self = self;
    void this.#memory.save(self);
  }

  #try(): void {
    this.#cancelTry();
    const self = this.#self;
    if (self === null || this.#stopped) return; // `prepare` comes to it
    const { peer, certificate, answer } = self;
    const relayed = this.#ends.canOffer();
    if (!relayed && answer === null) return; // `connected` comes when it can
    this.#coming?.attempt.close();
    this.#n += 1;
    const n = this.#n;
    const attempt = attemptLan(this.#world, certificate, {
      offers: (side) => {
        if (relayed) this.#ends.offer({ peer, n, side });
        else if (answer !== null) attempt.answered(answer);
      },
      heard: (word) => this.#heard(attempt, word),
      again: (later) => this.#keep({ peer, certificate, answer: later }),
      ended: () => this.#ended(attempt),
    });
    this.#coming = { n, attempt };
    this.#cancelTry = this.#world.after(ARRIVES_WITHIN_MS, () => this.#failed("unreachable"));
  }

  #heard(attempt: LanAttempt, word: Word): void {
    if (this.#coming?.attempt === attempt) {
      this.#cancelTry();
      this.#coming = null;
      this.#failures = 0;
      this.#works?.close();
      this.#works = attempt;
    }
    this.#path.set("proven");
    this.#cancelDoubt();
    this.#cancelDoubt = this.#world.after(PROVEN_FOR_MS, () => this.#doubt());
    this.#ends.heard(word);
  }

  /** No word for too long. The connection may come back by itself; another one is tried beside it. */
  #doubt(): void {
    this.#path.set("trying");
    if (this.#coming === null) this.#try();
  }

  #ended(attempt: LanAttempt): void {
    if (this.#coming?.attempt === attempt) this.#failed("unreachable");
    else if (this.#works === attempt) {
      this.#works = null;
      this.#cancelDoubt();
      this.#doubt();
    }
  }

  #failed(why: "unreachable" | "closed"): void {
    this.#coming?.attempt.close();
    this.#coming = null;
    if (this.#path.get() !== "proven") this.#path.set(why);
    this.#cancelTry();
    const wait = AGAIN_AFTER_MS[Math.min(this.#failures, AGAIN_AFTER_MS.length - 1)] ?? 0;
    this.#failures += 1;
    const scattered = wait * (0.5 + this.#world.random() / 2);
    this.#cancelTry = this.#world.after(scattered, () => this.#try());
  }
}

/** Known to nobody else, so that no other page takes our place at the director's machine. */
function randomName(world: Pick<World, "randomBytes">): string {
  return Array.from(world.randomBytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
