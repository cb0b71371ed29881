// Names and reasons in words.

import type { Layer, LayerReason, Role } from "../contract/protocol";
import type { Words } from "../ui/words/words";

/** A layer. */
export const layerWords = (layer: Layer | null, w: Words): string =>
  layer === null ? w.netNone : layer === "high" ? w.qualityHigh : w.qualityLow;

/** Why somebody has a layer; a reason of a later version is told by its code. */
export function reasonWords(reason: LayerReason, w: Words): string {
  const words: Record<LayerReason, string> = {
    starting: w.netBecauseStarting,
    chosen: w.netBecauseChosen,
    role: w.netBecauseRole,
    absent: w.netBecauseAbsent,
    loss: w.netBecauseLoss,
    round_trip: w.netBecauseRoundTrip,
    bandwidth: w.netBecauseBandwidth,
    recovered: w.netBecauseRecovered,
  };
  return words[reason] ?? reason;
}

/** As what somebody is here. */
export function roleWords(role: Role, w: Words): string {
  const words: Record<Role, string> = {
    director: w.netDirector,
    camera: w.netCamera,
    viewer: w.netViewer,
  };
  return words[role] ?? role;
}

/** Somebody's name, or the end of their id. */
export const nameWords = (name: string, participant: string): string =>
  name.trim() === "" ? `…${participant.slice(-4)}` : name;
