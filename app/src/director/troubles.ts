// Everything that a director should know and see to, the worst first: one calm line each. Pure. A line names what
// is wrong by code; the words and what to do stand in the catalogue, the program's own reason beside them.

import type { Spoken, View } from "../contract/desktop";

/** What can be wrong. */
export type TroubleCode =
  | "broken"
  | "programme_lost"
  | "programme_frozen"
  | "cloud_absent"
  | "push_down"
  | "layer_missing"
  | "monitor_lost"
  | "loss_high"
  | "recording_stopped"
  | "switcher_lost"
  | "output_failed"
  | "source_lost"
  | "source_frozen"
  | "show_cannot_run"
  | "show_waits"
  | "on_battery"
  | "disk_low"
  | "key_trouble"
  | "cloud_trouble";

/** A line. */
export interface Trouble {
  readonly code: TroubleCode;
  /** Whether it is on air, or keeps something from the air. */
  readonly grave: boolean;
  /** Of whom. */
  readonly what: string;
  /** What the program says of it; may be nothing. */
  readonly reason: Spoken | null;
}

/** Words that are in no catalogue. */
function asIs(text: string): Spoken | null {
  return text === "" ? null : { code: "as_is", facts: [text], text };
}

/** Above this, of a thousand packets, viewers see it. */
const LOSS_SEEN = 30;

/** The lines of this moment. */
export function troublesOf(view: View): readonly Trouble[] {
  const found: Trouble[] = [];
  const note = (code: TroubleCode, grave: boolean, what: string, reason: Spoken | string | null) => {
    found.push({ code, grave, what, reason: typeof reason === "string" ? asIs(reason) : reason });
  };
  if (view.broken !== null) note("broken", true, "", view.broken);
  if (view.show?.trouble) note("show_cannot_run", true, view.show.show.name, view.show.trouble);
  for (const source of view.sources) {
    const onAir = source.number === view.programme;
    if (source.state === "lost")
      note(onAir ? "programme_lost" : "source_lost", onAir, source.label, source.reason);
    if (source.state === "frozen")
      note(onAir ? "programme_frozen" : "source_frozen", onAir, source.label, null);
  }
  if (view.uplink.state === "absent") note("cloud_absent", true, "", view.uplink.reason);
  for (const push of view.pushes) {
    if (push.trouble !== null) note("push_down", !push.arrives, push.layer, push.trouble);
    else if (view.air.state === "on" && push.connected && !push.arrives && view.uplink.state === "connected")
      note("layer_missing", true, push.layer, null);
    if (push.path !== null && push.path.lost_per_mille > LOSS_SEEN)
      note("loss_high", false, push.layer, `${(push.path.lost_per_mille / 10).toFixed(1)} %`);
  }
  // Without a connection to the cloud there is one line already.
  if (view.monitor.state === "lost" && view.uplink.state === "connected")
    note("monitor_lost", false, "", view.monitor.reason);
  if (view.recording.state === "stopped") note("recording_stopped", true, "", view.recording.reason);
  for (const one of view.switchers) if (!one.works) note("switcher_lost", true, one.name, one.says);
  for (const one of view.outputs) if (!one.works) note("output_failed", false, one.name, one.says);
  if (view.battery !== null) note("on_battery", false, "", view.battery);
  if (view.disk !== null) note("disk_low", false, "", view.disk);
  if (view.key.trouble !== null) note("key_trouble", false, "", view.key.trouble);
  if (view.show?.waits) note("show_waits", false, view.show.show.name, null);
  if (view.cloud.trouble !== null) note("cloud_trouble", false, "", view.cloud.trouble);
  return found.sort((a, b) => Number(b.grave) - Number(a.grave));
}
