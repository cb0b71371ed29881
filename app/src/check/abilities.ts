// What a phone's browser can do of that which an operator needs, each tried and not guessed from its name. What only a
// person can feel or hear is asked.

/** How a trial ended. */
export type Verdict = "yes" | "no" | "ask";

/** One ability. */
export interface Ability {
  readonly name:
    | "secure"
    | "h264"
    | "vibration"
    | "sound"
    | "screen"
    | "full_screen"
    | "battery"
    | "shell"
    | "in_app";
  readonly verdict: Verdict;
  /** In the browser's own words. */
  readonly detail: string;
}

/** What is tried; the part of a browser that is used. */
export interface Bench {
  readonly secure: boolean;
  readonly userAgent: string;
  videoCodecs(): string[];
  vibrate(): boolean | null;
  /** The state of the sound after it was asked for. */
  sound(): Promise<string>;
  lock(): Promise<string>;
  readonly fullScreen: boolean;
  battery(): Promise<string>;
  shell(): Promise<boolean>;
  readonly inApp: string | null;
}

/** Tries everything; to be called in a tap. */
export async function tryAll(bench: Bench): Promise<Ability[]> {
  const codecs = bench.videoCodecs();
  const vibrated = bench.vibrate();
  const sound = await bench.sound();
  const lock = await bench.lock();
  const battery = await bench.battery();
  const shell = await bench.shell();
  return [
    { name: "secure", verdict: yes(bench.secure), detail: bench.secure ? "https" : "http" },
    { name: "h264", verdict: yes(codecs.includes("video/H264")), detail: [...new Set(codecs)].join(" ") },
    { name: "vibration", verdict: vibrated === true ? "ask" : "no", detail: String(vibrated) },
    { name: "sound", verdict: sound === "running" ? "ask" : "no", detail: sound },
    { name: "screen", verdict: yes(lock === "held"), detail: lock },
    { name: "full_screen", verdict: yes(bench.fullScreen), detail: "" },
    { name: "battery", verdict: yes(battery !== ""), detail: battery },
    { name: "shell", verdict: yes(shell), detail: "" },
    { name: "in_app", verdict: yes(bench.inApp === null), detail: bench.inApp ?? "" },
  ];
}

/** A row for docs/devices.md, and who it was. */
export function reportOf(abilities: readonly Ability[], userAgent: string, day: string): string {
  const rows = abilities.map(({ name, verdict, detail }) => `${name}: ${verdict}${detail && ` (${detail})`}`);
  return [`ReturnFeed check, ${day}`, userAgent, ...rows].join("\n");
}

function yes(it: boolean): Verdict {
  return it ? "yes" : "no";
}
