// The phone's motor and loudspeaker. iOS has no vibration from a page, and plays sounds of a page through the
// silent switch only as "playback"; that type is chosen when sound is asked for and not before, because it
// interrupts whatever else the phone plays.

import type { Body } from "./alarm";
import type { Limbs } from "./arms";

interface AudioSessionNavigator {
  readonly audioSession?: { type: string };
}

/** Whether this device has a motor that a page may run. */
export function canVibrate(): boolean {
  return typeof navigator.vibrate === "function";
}

/** Lets this page be heard; to be called in the tap that asked for sound. */
export function askForSound(): void {
  const { audioSession } = navigator as AudioSessionNavigator;
  if (audioSession !== undefined) audioSession.type = "playback";
}

/** The device's body. */
export class Phone implements Body, Limbs {
  readonly canSound = typeof AudioContext === "function";
  /** An iPhone before 16.4: its silent switch mutes a page, and the page cannot know. */
  readonly silentSwitch =
    /iPhone|iPad/.test(navigator.userAgent) &&
    (navigator as AudioSessionNavigator).audioSession === undefined;
  readonly #changed: () => void;
  #audio: AudioContext | null = null;

  /** `changed`: the phone gave the loudspeaker or took it, as for a call. */
  constructor(changed: () => void = () => {}) {
    this.#changed = changed;
  }

  get canVibrate(): boolean {
    return canVibrate();
  }

  touched(): boolean {
    return navigator.userActivation?.hasBeenActive ?? true; // where nobody can say, no alarm is raised
  }

  sounds(): boolean {
    return this.#audio?.state === "running";
  }

  /** To be called in a tap: a browser gives no sound to a page that nobody touched. */
  async unlockSound(): Promise<void> {
    askForSound();
    if (this.#audio === null) {
      this.#audio = new AudioContext();
      this.#audio.onstatechange = () => this.#changed();
    }
    await this.#audio.resume();
  }

  async resumeSound(): Promise<void> {
    await this.#audio?.resume();
  }

  vibrate(pattern: number[]): boolean {
    return canVibrate() && navigator.vibrate(pattern);
  }

  /** Two short high tones. */
  beep(): void {
    const audio = this.#audio;
    if (audio === null) return;
    void audio.resume();
    this.#tone(audio, 0);
    this.#tone(audio, 0.16);
  }

  #tone(audio: AudioContext, delay: number): void {
    const begin = audio.currentTime + delay;
    const oscillator = new OscillatorNode(audio, { frequency: 1_320 });
    const level = new GainNode(audio, { gain: 0 });
    // A ramp of 10 ms at both ends: a tone that starts at full level clicks.
    level.gain.setValueAtTime(0, begin);
    level.gain.linearRampToValueAtTime(0.25, begin + 0.01);
    level.gain.setValueAtTime(0.25, begin + 0.09);
    level.gain.linearRampToValueAtTime(0, begin + 0.1);
    oscillator.connect(level).connect(audio.destination);
    oscillator.start(begin);
    oscillator.stop(begin + 0.1);
  }
}
